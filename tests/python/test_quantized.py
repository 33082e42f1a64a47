# SPDX-License-Identifier: Apache-2.0
"""openkpu.conv2d_quantized against recorded outputs of the real libraries, and what it refuses. The
rules themselves and the proofs are tested in C++ (tests/golden/quantised)."""
import json
import pathlib

import numpy as np
import pytest

import openkpu

RECORDED = pathlib.Path(__file__).resolve().parents[1] / "golden/quantised/recorded"


def codes(text, kind, shape):
    return np.frombuffer(bytes.fromhex(text), kind).reshape(shape)


def cases():
    """Every fifth recorded layer with each rule."""
    for name in ("onnx", "tflite"):
        for case in json.loads((RECORDED / f"{name}.json").read_text())["cases"][::5]:
            for output in case["outputs"]:
                for rule in output["rules"]:
                    yield pytest.param(case, rule, output["y"], id=f"{case['name']}-{rule}")


@pytest.mark.parametrize("case, rule, y", list(cases()))
def test_recorded(case, rule, y):
    kernel, channels = case["kernel"], case["out_channels"]
    inputs = 1 if case["depthwise"] else case["shape"][0]
    result = openkpu.conv2d_quantized(
        codes(case["x"], case["x_type"], case["shape"]), case["x_scale"], case["x_zero"],
        codes(case["w"], case["w_type"], (channels, inputs, kernel, kernel)), case["w_scale"],
        case["w_zero"], case["bias"], case["y_scale"], case["y_zero"], pads=case["pads"],
        stride=case["stride"], depthwise=case["depthwise"], activation=case["activation"],
        rounding=rule)
    want = codes(y, case["y_type"], result.y.shape)
    np.testing.assert_array_equal(result.expected, want)
    assert result.differing == np.count_nonzero(result.y != want)
    assert result.proof.largest <= 1
    if result.proof.exact:
        np.testing.assert_array_equal(result.y, want)


@pytest.fixture
def small(random):
    return dict(x=random.integers(-128, 128, (3, 6, 6), dtype=np.int8), x_scale=0.02, x_zero=4,
                w=random.integers(-127, 128, (4, 3, 3, 3), dtype=np.int8),
                w_scale=[0.01, 0.02, 0.015, 0.005], w_zero=0,
                bias=np.array([100, -200, 0, 7]), y_scale=0.25, y_zero=-3)


def test_engines_and_report(small, engine):
    result = openkpu.conv2d_quantized(**small, engine=engine)
    assert result.differing == 0 and result.proof.exact
    assert result.match is (True if engine == "both" else None)
    assert "0 of 144 outputs differ" in str(result)
    assert result.y.dtype == np.int8 and result.norm.shape == (4, 3) and result.act.shape == (16, 4)


def test_the_layer_in_the_kpus_own_terms(small):
    """The documented mapping, by openkpu.layer."""
    result = openkpu.conv2d_quantized(**small)
    zero = small["x_zero"] + 128
    again = openkpu.layer(
        (small["x"].astype(np.int16) + 128).astype(np.uint8),
        (small["w"].astype(np.int16) + 128).astype(np.uint8), arg_x=-128, arg_w=-zero,
        arg_add=zero * 128 * 9, pad_value=zero, norm=result.norm, act=result.act)
    np.testing.assert_array_equal(again.y.astype(np.int16) - 128, result.y)


def test_few_fraction_bits_differ_and_say_where(small):
    result = openkpu.conv2d_quantized(**small, fraction_bits=3)
    assert not result.proof.exact and result.proof.largest == 1
    channel = next(c for c in result.proof.channels if c.differing)
    assert channel.first_accumulator <= channel.first_differing <= channel.last_accumulator
    assert abs(channel.expected - channel.got) == 1 and channel.cause != "none"
    assert "accumulators of 4 channels differ, by at most 1" in str(result.proof)


@pytest.mark.parametrize("change, message", [
    (dict(x=np.zeros((3, 6, 6))), "x: float64"),
    (dict(x=np.zeros((2, 3, 6, 6), np.int8)), "a batch of 2, expected 1"),
    (dict(w=np.zeros((4, 2, 3, 3), np.int8)), r"expected \(O, 3, K, K\)"),
    (dict(w=np.zeros((4, 3, 5, 5), np.int8)), "kernel=5: expected 1 or 3"),
    (dict(x_scale=0), "x_scale=0: expected a finite number above 0"),
    (dict(x_scale=[1, 2]), "x_scale: 2 values, expected one"),
    (dict(w_scale=[1, 2]), "w_scale=2: expected 1 or 4 values"),
    (dict(y_zero=200), "y_zero=200: expected -128..127"),
    (dict(bias=[0.5, 1, 2, 3]), "bias: float64 of shape .*, expected a row of integers"),
    (dict(bias=[2**31, 1, 2, 3]), "bias: 1..2147483648, expected -2147483648"),
    (dict(x_zero=0.5), "x_zero: float64"),
    (dict(bias=[1]), "bias=1: expected 0 or 4 values"),
    (dict(pads=(2, 0, 0, 0)), "pad_top=2: expected 0..1"),
    (dict(pads="full"), "pads=full: expected same, valid or four numbers"),
    (dict(stride=3), "stride=3: expected 1..2"),
    (dict(activation="gelu"), "activation=gelu: expected none, relu or relu6"),
    (dict(activation=(5, 4)), "y_highest=4: expected 5..127"),
    (dict(rounding="tflite"), "rounding=tflite: expected one of exact"),
    (dict(fraction_bits=40), "fraction_bits=40: expected 0.."),
])
def test_refused(small, change, message):
    with pytest.raises(openkpu.Error, match=message):
        openkpu.conv2d_quantized(**{**small, **change})
