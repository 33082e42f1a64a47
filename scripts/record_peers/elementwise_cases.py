# SPDX-License-Identifier: Apache-2.0
"""Sums and averages of codes to record. As in cases.py, most scales put outputs on ties."""
import dataclasses

import numpy as np

SEED = 20250201
COUNT = 768


@dataclasses.dataclass
class Add:
    """c = a + b; codes as rows of int16."""
    name: str
    kind: str
    a_scale: float
    a_zero: int
    b_scale: float
    b_zero: int
    c_scale: float
    c_zero: int
    a: np.ndarray
    b: np.ndarray


@dataclasses.dataclass
class Pool:
    """An average over windows; codes C H W. kernel 0: over the whole plane."""
    name: str
    kind: str
    kernel: int
    stride: int
    pads: tuple  # top, left, bottom, right
    x_scale: float
    x_zero: int
    y_scale: float
    y_zero: int
    x: np.ndarray


# a, b, c
ADD_SCALES = [
    ('dyadic', 1 / 16, 1 / 32, 1 / 8),
    ('decimal', 0.1, 0.05, 0.2),
    ('decimal2', 0.03, 0.07, 0.14),
    ('random', 0.023528477, 0.0139217633, 0.0317369),
    ('wide', 0.5, 0.011, 0.6),
]


def codes(random, kind, shape):
    low = -128 if kind == 'int8' else 0
    return random.integers(low, low + 256, shape).astype(np.int16)


def zero(random, kind):
    return int(random.integers(-40, 41)) + (0 if kind == 'int8' else 128)


def adds(kinds):
    random = np.random.default_rng(SEED)
    cases = []
    for i, (name, a, b, c) in enumerate(ADD_SCALES):
        kind = kinds[i % len(kinds)]
        cases.append(Add(f'{name}_{kind}', kind, a, zero(random, kind), b, zero(random, kind), c,
                         zero(random, kind), codes(random, kind, COUNT),
                         codes(random, kind, COUNT)))
    return cases


def pools(kinds, same_scale):
    """same_scale: the output has the input's scale and zero point, as TFLite wants it."""
    random = np.random.default_rng(SEED + 1)
    cases = []
    shapes = [(2, 2, (0, 0, 0, 0)), (3, 1, (1, 1, 1, 1)), (3, 2, (0, 0, 1, 1)), (0, 1, (0, 0, 0, 0))]
    for i, (scale_name, x, y) in enumerate([('dyadic', 1 / 8, 1 / 4), ('decimal', 0.1, 0.3),
                                            ('random', 0.0235284, 0.0217369)]):
        for j, (kernel, stride, pads) in enumerate(shapes):
            kind = kinds[(i + j) % len(kinds)]
            x_zero = zero(random, kind) | 1
            cases.append(Pool(f'{scale_name}_{kernel}x{kernel}_{kind}', kind, kernel, stride, pads,
                              x, x_zero, x if same_scale else y,
                              x_zero if same_scale else zero(random, kind) | 1,
                              codes(random, kind, (3, 8, 8))))
    return cases
