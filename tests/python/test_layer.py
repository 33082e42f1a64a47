# SPDX-License-Identifier: Apache-2.0
"""openkpu.layer against the KPU's formulas written in NumPy, and what it refuses."""
import numpy as np
import pytest

import openkpu


def expected(x, w, arg_x=0, arg_w=0, arg_add=0, pad=0, mul=1, shift=0, add=0):
    """3x3 or 1x1, all input channels; activation is the identity, clamped."""
    k = w.shape[2]
    border = k // 2
    padded = np.pad(x.astype(np.int64), ((0, 0), (border, border), (border, border)),
                    constant_values=pad)
    height, width = x.shape[1:]
    out = np.zeros((len(w), height, width), np.int64)
    pixels = np.zeros((height, width), np.int64)
    for ky in range(k):
        for kx in range(k):
            window = padded[:, ky:ky + height, kx:kx + width]
            pixels += window.sum(axis=0)
            out += np.einsum("oc,chw->ohw", w[:, :, ky, kx].astype(np.int64), window)
    out += arg_x * pixels + arg_w * w.astype(np.int64).sum(axis=(1, 2, 3))[:, None, None]
    out += arg_add * x.shape[0]
    return np.clip((out * mul >> shift) + add, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("kernel", [1, 3])
@pytest.mark.parametrize("weights", [np.uint8, np.uint16])
def test_formulas(random, engine, kernel, weights):
    x = random.integers(0, 256, (5, 9, 20), dtype=np.uint8)
    w = random.integers(0, np.iinfo(weights).max + 1, (6, 5, kernel, kernel)).astype(weights)
    conv = dict(arg_x=-100, arg_w=-7, arg_add=900)
    shift = 15 if weights == np.uint16 else 9
    result = openkpu.layer(x, w, norm=(3, shift, -5), pad_value=7, engine=engine, **conv)
    want = expected(x, w, pad=7, mul=3, shift=shift, add=-5, **conv)
    np.testing.assert_array_equal(result.y, want)
    assert result.y.dtype == np.uint8 and result.too_wide == 0
    assert (result.match, result.cycles is None) == ((True, False) if engine == "both"
                                                     else (None, True))


def test_depthwise_pool_and_act(random, engine):
    x = random.integers(0, 256, (4, 8, 8), dtype=np.uint8)
    w = np.zeros((4, 3, 3), np.uint8)
    w[:, 1, 1] = 1
    # Halves, ties to even: 0..255 becomes 0..128.
    result = openkpu.layer(x, w, depthwise=True, act=[(0, 1, 1, 0)], pool="max2", engine=engine)
    halves = np.rint(x / 2).astype(np.uint8)
    np.testing.assert_array_equal(result.y, halves.reshape(4, 4, 2, 4, 2).max(axis=(2, 4)))


def test_first_stride_and_norm_by_channel(engine):
    x = np.arange(63, dtype=np.uint8).reshape(1, 7, 9)
    w = np.ones((2, 1, 1, 1), np.uint8)
    result = openkpu.layer(x, w, norm=[(1, 0, 0), (2, 1, 10)], first_stride=True, engine=engine)
    np.testing.assert_array_equal(result.y[0], x[0, ::2, ::2])
    np.testing.assert_array_equal(result.y[1], x[0, ::2, ::2] + 10)


@pytest.mark.parametrize("change, message", [
    (dict(x=np.zeros((1, 4, 4), np.int8)), "x: int8 with 3 axes, expected uint8"),
    (dict(x=np.zeros((0, 4, 4), np.uint8)), r"w: .* expected .*\(O, 0, K, K\)"),
    (dict(x=np.zeros((1, 600, 4), np.uint8)), "height=600: expected 1..512"),
    (dict(w=np.zeros((1, 2, 3, 3), np.uint8)), r"expected uint8 or uint16 of shape \(O, 1, K, K\)"),
    (dict(w=np.zeros((1, 1, 5, 5), np.uint8)), "K 1 or 3"),
    (dict(norm=(1 << 23, 0, 0)), "norm mul=8388608: expected -8388608..8388607"),
    (dict(norm=(1, 16, 0)), "norm shift=16: expected 0..15"),
    (dict(norm=(1.5, 0, 0)), "norm: float64"),
    (dict(act=[(0, 1, 0)]), "act: int64 of shape"),
    (dict(act=[(0, 1, 0, 256)]), "act bias=256: expected 0..255"),
    (dict(arg_add=1 << 39), "arg_add=549755813888"),
    (dict(pad_value=256), "pad_value=256: expected 0..255"),
    (dict(pool="max3"), "pool=max3: expected one of none, max2"),
    (dict(pool="max2", first_stride=True), "pool_type"),
    (dict(engine="silicon"), "engine=silicon: expected one of golden, rtl, both"),
])
def test_refused(change, message):
    arguments = dict(x=np.zeros((1, 4, 4), np.uint8), w=np.zeros((1, 1, 3, 3), np.uint8))
    arguments.update(change)
    with pytest.raises(openkpu.Error, match=message):
        openkpu.layer(**arguments)


def test_values_beyond_36_bits_are_reported():
    x = np.full((1, 4, 4), 255, np.uint8)
    result = openkpu.layer(x, np.full((1, 1, 1, 1), 255, np.uint8), norm=((1 << 23) - 1, 0, 0))
    assert result.too_wide == 16
