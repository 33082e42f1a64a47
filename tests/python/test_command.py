# SPDX-License-Identifier: Apache-2.0
"""python -m openkpu: layers from files, and whole ONNX models ; networks compiled."""
import json
import pathlib

import numpy as np
import pytest

import openkpu
from openkpu.__main__ import main

RECORDED = pathlib.Path(__file__).resolve().parents[1] / "golden/quantised/recorded"


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
    assert "output 3x5x5" in capsys.readouterr().out


@pytest.mark.parametrize("text, message", [
    ("{", "bad.json: "), ("[]", "bad.json: "), ('{"x": "no.npy"}', "no.npy"),
    ('{"x": [[[1]]], "w": [[[[1]]]], "stripes": 2}', "stripes: expected one of"),
    ('{"x": [[[300]]], "w": [[[[1]]]]}', "x: 300: expected 0..255")])
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
    model = qdq_model(onnx, spec, relu)
    onnx.save(model, tmp_path / "model.onnx")
    np.save(tmp_path / "x.npy", spec["x"][None])
    assert main(["check-onnx", str(tmp_path / "model.onnx"), "--input",
                 str(tmp_path / "x.npy")]) == 0
    linear, pair, dilated, *rest = capsys.readouterr().out.splitlines()[2:]
    assert linear.split()[:5] == ["linear", "QLinearConv", "3x3", "2->3", "yes"]
    assert "0 of 75" in linear and "0 of 75" in pair
    # y_zero is not the lowest code: the Relu is no clamp that ONNX Runtime folds.
    assert ("clamp bound" in pair) == relu and pair.split()[1] == "QDQ"
    assert "dilations=2: expected 1" in dilated
    assert rest[0].startswith(f"{1 if relu else 2} of 3 convolutions are bit-exact")
    layers = openkpu.check_onnx(model)
    assert [layer.name for layer in layers] == ["linear", "pair", "dilated"]
    assert layers[0].result.proof.exact and layers[0].result.differing == 0
    assert layers[2].result is None and "dilations" in layers[2].problem
    (tmp_path / "none.onnx").write_bytes(b"no model")
    assert main(["check-onnx", str(tmp_path / "none.onnx")]) == 2


def test_check_onnx_of_a_recorded_model(capsys):
    assert main(["check-onnx", str(RECORDED / "branch.onnx")]) == 0
    assert "3 of 3 convolutions are bit-exact" in capsys.readouterr().out


def test_compile(tmp_path):
    onnx = pytest.importorskip("onnx")
    from onnx import TensorProto, helper, numpy_helper
    random = np.random.default_rng(3)
    w = random.normal(0, 0.3, (8, 3, 3, 3)).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w"], ["c"], pads=[1] * 4),
         helper.make_node("Relu", ["c"], ["y"])], "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, 3, 16, 16))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, (1, 8, 16, 16))],
        [numpy_helper.from_array(w, "w")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.save(model, tmp_path / "net.onnx")
    picture = random.integers(0, 256, (3, 16, 16), dtype=np.uint8)
    made = openkpu.compile(tmp_path / "net.onnx", [picture], output=tmp_path / "net.kmodel")
    assert made.kpu_share == 1 and made.snr_db > 20
    assert (tmp_path / "net.kmodel").read_bytes() == made.kmodel
    result = openkpu.Network(tmp_path / "net.kmodel").run(picture)
    x = np.pad(picture / 255, ((0, 0), (1, 1), (1, 1)))
    want = np.maximum(sum(np.einsum("oi,ihw->ohw", w[:, :, i, j], x[:, i:i + 16, j:j + 16])
                          for i in range(3) for j in range(3)), 0)
    got = result.outputs[0].reshape(want.shape)
    assert np.abs(got - want).max() < 0.05 * want.max()
    for change, message in [(dict(pictures=[]), "none, expected one"),
                            (dict(pictures=[picture[:2]]), "picture: uint8 of shape"),
                            (dict(ranges="widest"), "ranges=widest")]:
        with pytest.raises(openkpu.Error, match=message):
            openkpu.compile(tmp_path / "net.onnx", **change)
