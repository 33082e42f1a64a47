# SPDX-License-Identifier: Apache-2.0
"""python -m openkpu: layers from files, and whole ONNX models (where the package onnx is there)."""
import json

import numpy as np
import pytest

import openkpu
from openkpu.__main__ import main


@pytest.fixture
def spec(random):
    return dict(x=random.integers(0, 256, (2, 5, 5), dtype=np.uint8), x_scale=0.02, x_zero=4,
                w=random.integers(-60, 61, (3, 2, 3, 3), dtype=np.int8), w_scale=0.01, w_zero=0,
                bias=np.array([1, 2, 3]), y_scale=0.1, y_zero=7)


def test_npz_and_expect(spec, tmp_path, engine, capsys):
    np.savez(tmp_path / "layer.npz", **spec)
    y = openkpu.conv2d_quantized(**spec).y
    np.save(tmp_path / "y.npy", y)
    call = ["layer", str(tmp_path / "layer.npz"), "--engine", engine, "--expect",
            str(tmp_path / "y.npy")]
    assert main(call) == 0
    assert "verdict: match" in capsys.readouterr().out
    np.save(tmp_path / "y.npy", y + 1)
    assert main(call) == 3
    assert "75 of 75 values differ" in capsys.readouterr().out


def test_json(spec, tmp_path, capsys):
    np.save(tmp_path / "x.npy", spec["x"])
    np.save(tmp_path / "w.npy", spec["w"].astype(np.uint8))
    (tmp_path / "layer.json").write_text(json.dumps(
        {"x": "x.npy", "w": "w.npy", "norm": [1, 8, 0], "arg_x": -3, "pool": "none"}))
    assert main(["layer", str(tmp_path / "layer.json")]) == 0
    assert "output (3, 5, 5)" in capsys.readouterr().out


@pytest.mark.parametrize("text, message", [
    ("{", "bad.json: "), ("[]", "bad.json: "), ('{"x": "no.npy"}', "no.npy"),
    ('{"x": 1, "stripes": 2}', "stripes"), ('{"x": [[[1]]], "w": [[[[1]]]]}', "x: int64")])
def test_bad_specs(text, message, tmp_path, capsys):
    (tmp_path / "bad.json").write_text(text)
    assert main(["layer", str(tmp_path / "bad.json")]) == 2
    assert message in capsys.readouterr().err


def qdq_model(onnx, spec, relu):
    """The layer as QLinearConv, and once more as QDQ, in one model."""
    from onnx import TensorProto, helper, numpy_helper
    constants = {
        "xs": np.float32(spec["x_scale"]), "xz": np.uint8(spec["x_zero"]), "w": spec["w"],
        "ws": np.float32(spec["w_scale"]), "wz": np.int8(0), "ys": np.float32(spec["y_scale"]),
        "yz": np.uint8(spec["y_zero"]), "b": spec["bias"].astype(np.int32),
        "bs": np.float32(spec["x_scale"] * spec["w_scale"])}
    nodes = [
        helper.make_node("QLinearConv", ["x", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"], ["a"],
                         "linear", pads=[1, 1, 1, 1]),
        helper.make_node("DequantizeLinear", ["x", "xs", "xz"], ["xf"]),
        helper.make_node("DequantizeLinear", ["w", "ws", "wz"], ["wf"]),
        helper.make_node("DequantizeLinear", ["b", "bs"], ["bf"]),
        helper.make_node("Conv", ["xf", "wf", "bf"], ["c"], "pair", pads=[1, 1, 1, 1]),
        *([helper.make_node("Relu", ["c"], ["r"])] if relu else []),
        helper.make_node("QuantizeLinear", ["r" if relu else "c", "ys", "yz"], ["d"]),
        helper.make_node("Conv", ["xf", "wf"], ["e"], "dilated", dilations=[2, 2])]
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", TensorProto.UINT8, (1, 2, 5, 5))],
        [helper.make_tensor_value_info("d", TensorProto.UINT8, None)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()])
    return helper.make_model(graph)


@pytest.mark.parametrize("relu", [False, True])
def test_check_onnx(spec, relu, tmp_path, capsys):
    onnx = pytest.importorskip("onnx")
    onnx.save(qdq_model(onnx, spec, relu), tmp_path / "model.onnx")
    assert main(["check-onnx", str(tmp_path / "model.onnx")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:2] == ["linear", "QLinearConv"] and "exact for all" in lines[0]
    assert lines[1].split()[:2] == ["pair", "QDQ"] and "exact for all" in lines[1]
    assert "dilations=[2, 2]: expected 1" in lines[2]
    assert lines[3] == "2 of 3 convolutions are bit-exact for all inputs"
    (tmp_path / "none.onnx").write_bytes(b"no model")
    assert main(["check-onnx", str(tmp_path / "none.onnx")]) == 2
