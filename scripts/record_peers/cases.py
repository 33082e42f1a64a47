# SPDX-License-Identifier: Apache-2.0
"""Quantised convolutions to record: small, each with many outputs on or next to a rounding tie.

Random scales tell wrong rounding rules from right ones in about one output of 100,000, so most
scales here are powers of two or short decimal numbers, which put 1 to 5 % of the outputs on ties.
"""
import dataclasses

import numpy as np

SEED = 20250131


@dataclasses.dataclass
class Case:
    """One convolution; codes as int16 arrays in ONNX's orders (x: C H W, w: O I Kh Kw)."""
    name: str
    kernel: int
    depthwise: bool
    stride: int
    pads: tuple  # top, left, bottom, right
    x_type: str
    x_scale: float
    x_zero: int
    w_type: str
    w_scale: list
    w_zero: list
    y_type: str
    y_scale: float
    y_zero: int
    activation: str  # none, relu, relu6
    x: np.ndarray
    w: np.ndarray
    bias: np.ndarray

    def scales(self):
        """x, w (a list) and y as float32, as the formats store them."""
        return np.float32(self.x_scale), np.float32(self.w_scale), np.float32(self.y_scale)


# name, x scale, weight scales, y scale
SCALES = [
    ('dyadic', 1 / 64, [1 / 16], 1 / 4),
    ('decimal', 0.1, [0.3], 0.48),
    ('decimal2', 0.05, [0.02], 0.16),
    ('random', 0.023528477, [0.0039217633], 0.0217369),
    ('channels', 0.0125, [0.004, 0.0078125, 0.01, 0.002, 0.016, 0.0011, 0.03125, 0.005], 0.05),
]

# name, kernel, depthwise, stride, pads, in, out, height, width
SHAPES = [
    ('1x1', 1, False, 1, (0, 0, 0, 0), 3, 8, 16, 16),
    ('3x3', 3, False, 1, (1, 1, 1, 1), 2, 8, 10, 12),
    ('3x3s2', 3, False, 2, (0, 0, 1, 1), 2, 8, 12, 16),
    ('3x3s2odd', 3, False, 2, (1, 1, 1, 1), 2, 8, 13, 15),
    ('valid', 3, False, 1, (0, 0, 0, 0), 2, 8, 9, 11),
    ('dw', 3, True, 1, (1, 1, 1, 1), 11, 11, 8, 9),
]


def codes(random, kind, shape):
    low, high = (-128, 127) if kind == 'int8' else (0, 255)
    return random.integers(low, high + 1, shape).astype(np.int16)


def make(random, scales, shape, types, activation, symmetric, weight_limit):
    """A case of one of SCALES and SHAPES. `symmetric`: weight zero points are 0."""
    scale_name, x_scale, w_scale, y_scale = scales
    name, kernel, depthwise, stride, pads, ic, oc, height, width = shape
    x_type, w_type, y_type = types
    if len(w_scale) > 1:
        w_scale = [w_scale[i % len(w_scale)] for i in range(oc)]
    w_shape = (oc, 1 if depthwise else ic, kernel, kernel)
    w = codes(random, w_type, w_shape)
    if weight_limit:
        w = np.clip(w, -weight_limit, weight_limit)
    middle = {'int8': 0, 'uint8': 128}
    w_zero = middle[w_type] if symmetric else int(codes(random, w_type, ()))
    # Zero points near the middle, so that most codes of the output are reached. Where many outputs
    # are ties it is odd: then adding it before rounding sends every tie the other way.
    y_zero = middle[y_type] + int(random.integers(-60, 61)) | (scale_name == 'dyadic')
    return Case('_'.join([name, scale_name, x_type, w_type, activation]), kernel, depthwise,
                stride, pads, x_type, x_scale, middle[x_type] + int(random.integers(-40, 41)),
                w_type, w_scale, [w_zero] * len(w_scale), y_type, y_scale,
                y_zero, activation,
                codes(random, x_type, (ic, height, width)), w,
                random.integers(-4000, 4001, oc).astype(np.int32))


def onnx_cases():
    """uint8 and int8 in the combinations that QLinearConv has. int8 weights stay within -63..63:
    on processors without VNNI, ONNX Runtime's sums of uint8 times int8 products saturate beyond
    (saturating_cases)."""
    random = np.random.default_rng(SEED)
    kinds = [('uint8', 'uint8', 'uint8', False, 0), ('uint8', 'int8', 'uint8', True, 63),
             ('int8', 'int8', 'int8', True, 63)]
    cases = []
    for i, scales in enumerate(SCALES):
        for j, shape in enumerate(SHAPES):
            x, w, y, symmetric, limit = kinds[(i + j) % 3]
            cases.append(make(random, scales, shape, (x, w, y), 'none', symmetric, limit))
    # Zero points that differ by channel, which need 16-bit weights on the KPU.
    many = make(random, SCALES[4], SHAPES[0], ('uint8', 'uint8', 'uint8'), 'none', False, 0)
    many.name += '_zeros'
    many.w_zero = [int(z) for z in codes(random, 'uint8', len(many.w_zero))]
    return cases + [many]


def saturating_cases():
    """uint8 times int8 over the whole range, for a processor without VNNI."""
    random = np.random.default_rng(SEED + 2)
    return [make(random, SCALES[(1, 3)[i % 2]], SHAPES[shape], ('uint8', 'int8', 'uint8'), 'none',
                 True, 0) for i, shape in enumerate((0, 1, 3, 4, 5))]


def tflite_cases():
    """int8 with symmetric weights, as TFLite's converter makes them, with fused activations."""
    random = np.random.default_rng(SEED + 1)
    cases = []
    for i, scales in enumerate(SCALES):
        for j, shape in enumerate(SHAPES):
            activation = ['none', 'relu', 'relu6'][(i + j) % 3]
            cases.append(
                make(random, scales, shape, ('int8',) * 3, activation, True, 127))
    # 6.0 lies half way between two codes: the upper bound tells how it is rounded.
    tie = make(random, ('bound', 0.05, [0.02], 0.096), SHAPES[0], ('int8',) * 3, 'relu6', True, 127)
    tie.y_zero = -128
    return cases + [tie]
