# SPDX-License-Identifier: Apache-2.0
"""One KPU layer in the KPU's own terms."""
import dataclasses
import typing

import numpy as np
import numpy.typing as npt

from . import _golden
from ._engines import check_engine, rtl_backend
from ._golden import Error

SEGMENTS = 16


@dataclasses.dataclass
class LayerResult:
    """What a layer gave.

    y: uint8, out_channels x out_height x out_width; the RTL's where it ran.
    cycles: of the RTL, else None. counters: all of its counters by name.
    match: whether RTL and golden model agree, with engine="both"; else None.
    too_wide: values of conv and norm that do not fit 36 signed bits, by the golden model.
    """
    y: np.ndarray
    cycles: typing.Optional[int]
    counters: typing.Dict[str, int]
    match: typing.Optional[bool]
    too_wide: int


def as_pixels(x):
    """`x` as a C-ordered uint8 array C x H x W; raises Error for anything else."""
    x = np.asarray(x)
    if x.dtype != np.uint8 or x.ndim != 3:
        raise Error(f"x: {x.dtype} with {x.ndim} axes, expected uint8 C x H x W")
    return np.ascontiguousarray(x)


def run_on_engines(run, engine, wave=None):
    """run(backend) -> (array, counters, ...) on the chosen engines: the hardware's result where it
    ran, else the golden model's; the golden model's or None; whether they are equal or None."""
    check_engine(engine)
    golden = run(_golden.FastBackend()) if engine != "rtl" else None
    if engine == "golden":
        return golden, golden, None
    hardware = run(rtl_backend(wave))
    match = None if golden is None else bool(np.array_equal(golden[0], hardware[0]))
    return hardware, golden, match


def _table(name, table, shapes, meaning):
    """`table` as a C-ordered array of int64, empty for None; its shape must be one of `shapes`."""
    if table is None:
        return np.zeros(0, np.int64)
    table = np.asarray(table)
    if table.dtype.kind not in "iu" or table.shape not in shapes:
        raise Error(f"{name}: {table.dtype} of shape {table.shape}, expected integers of shape "
                    f"{meaning}")
    return np.ascontiguousarray(table, np.int64)


def layer(x: npt.ArrayLike, w: npt.ArrayLike, *, depthwise: bool = False,
          norm: typing.Optional[npt.ArrayLike] = None, act: typing.Optional[npt.ArrayLike] = None,
          arg_x: int = 0, shr_x: int = 0, arg_w: int = 0, shr_w: int = 0, arg_add: int = 0,
          pad_value: int = 0, pad_nearest: bool = False, pool: str = "none",
          first_stride: bool = False, engine: str = "golden",
          wave: typing.Optional[str] = None) -> LayerResult:
    """Runs one KPU layer.

    x: uint8, C x H x W pixels; C 1..1024, H 1..512, W 1..1024.
    w: uint8 or uint16 (16-bit weights), O x C x K x K; depthwise C x K x K or C x 1 x K x K. K is 1
       or 3; 3x3 has a border of pad_value, or of the nearest pixel.
    arg_x, shr_x, arg_w, shr_w, arg_add: conv = sum(X*W) + (arg_x*sum(X) >> shr_x)
       + (arg_w*sum(W) >> shr_w) + arg_add*C (depthwise: *1).
    norm: (mul, shift, add), for all output channels or O x 3; norm = (conv*mul >> shift) + add.
       Default: (1, 0, 0).
    act: up to 16 segments (x_start, y_mul, shift, bias); the last one with x_start < norm gives
       round((norm - x_start)*y_mul / 2**shift) + bias, clamped to 0..255. Default: the identity.
    pool: none, max2, mean2, max4, mean4, lefttop2, righttop2, lefttop4, mean2s1 or max2s1; the last
       two have stride 1.
    first_stride: keep rows and columns 0, 2, 4, .. of the convolution.
    engine: "golden", "rtl" or "both". wave: FST file for the RTL's waves.

    Returns a LayerResult. Raises Error (a ValueError), naming field and range, for bad input.
    """
    x = as_pixels(x)
    w = np.asarray(w)
    if depthwise and w.ndim == 3:
        w = w[:, None]
    inputs = 1 if depthwise else x.shape[0]
    if w.dtype not in (np.uint8, np.uint16) or w.ndim != 4 or w.shape[1] != inputs or (
            w.shape[2:] not in ((1, 1), (3, 3))):
        raise Error(f"w: {w.dtype} of shape {w.shape}, expected uint8 or uint16 of shape "
                    f"(O, {inputs}, K, K), K 1 or 3")
    single = _golden.make_layer(
        shape=x.shape, weights=np.ascontiguousarray(w, np.uint16), out_channels=w.shape[0],
        kernel=w.shape[2], depthwise=depthwise, eight_bit=w.dtype == np.uint8,
        norm=_table("norm", norm, ((3,), (w.shape[0], 3)),
                    f"(3,) or ({w.shape[0]}, 3): mul, shift, add"),
        act=_table("act", act, [(n, 4) for n in range(1, SEGMENTS + 1)],
                   "(1..16, 4): x_start, y_mul, shift, bias"),
        conv=(arg_x, shr_x, arg_w, shr_w, arg_add), pad_value=pad_value, pad_nearest=pad_nearest,
        pool=pool, first_stride=first_stride)
    result, golden, match = run_on_engines(lambda backend: single.run(backend, x), engine, wave)
    y, counters, _ = result
    return LayerResult(y, counters.get("cycles"), counters, match, golden[2] if golden else 0)
