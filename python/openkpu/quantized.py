# SPDX-License-Identifier: Apache-2.0
"""One quantised convolution in ONNX's and TFLite's terms, as a KPU layer with a proof."""
import dataclasses
import typing

import numpy as np
import numpy.typing as npt

from . import _golden
from ._engines import check_engine, rtl_backend
from ._golden import Error

#: Whose arithmetic the output is compared with: docs/golden.md has what each does and its version.
ROUNDINGS = ("exact", "onnxruntime", "onnxruntime-avx2", "onnx-reference", "litert", "litert-builtin",
             "litert-reference", "tflite-micro", "k210")


@dataclasses.dataclass
class QuantizedResult:
    """What a quantised convolution gave.

    y: the KPU's output codes, x's type, O x H x W; the RTL's where it ran.
    expected: the codes by the chosen rounding, the same shape.
    proof: where the two can differ over all inputs; proof.exact, str(proof), proof.channels.
    differing: outputs of this input that differ.
    cycles, counters: of the RTL, else None and {}. match: RTL against golden model, or None.
    norm, act: the layer's tables as openkpu.layer takes them; fraction_bits: of norm.
    text: all that in a line, which str() gives.
    """
    y: np.ndarray
    expected: np.ndarray
    proof: _golden.Proof
    differing: int
    cycles: typing.Optional[int]
    counters: typing.Dict[str, int]
    match: typing.Optional[bool]
    norm: np.ndarray
    act: np.ndarray
    fraction_bits: int
    text: str

    def __str__(self):
        return self.text


def _codes(name, array, axes):
    array = np.asarray(array)
    if array.dtype not in (np.uint8, np.int8) or array.ndim not in axes:
        raise Error(f"{name}: {array.dtype} with {array.ndim} axes, expected uint8 or int8 with "
                    f"{' or '.join(map(str, axes))}")
    return array


def _image(x):
    x = _codes("x", x, (3, 4))
    if x.ndim == 4:
        if x.shape[0] != 1:
            raise Error(f"x: a batch of {x.shape[0]}, expected 1")
        x = x[0]
    return x


def _set_pads(conv, pads):
    """`pads` as conv2d_quantized takes them."""
    if pads == "same":
        conv.set_same_padding()
        return
    if pads == "valid":
        pads = (0, 0, 0, 0)
    if isinstance(pads, str):
        raise Error(f"pads={pads}: expected same, valid or four numbers")
    pads = tuple(int(pad) for pad in pads)
    if len(pads) != 4 or min(pads) < 0:
        raise Error(f"pads={pads}: expected four numbers from 0: top, left, bottom, right")
    conv.set_pads(pads)


def _scalar(name, value):
    array = np.asarray(value)
    if array.size != 1:
        raise Error(f"{name}: {array.size} values, expected one")
    return array.reshape(()).item()


def _integers(name, values, limits=np.iinfo(np.int32)):
    """A list of integers within `limits`; numbers with a fraction are refused, not cut."""
    array = np.atleast_1d(np.asarray(values))
    whole = array.astype(np.int64) if array.dtype.kind in "iuf" else None
    if whole is None or array.ndim != 1 or (whole != array).any():
        raise Error(f"{name}: {array.dtype} of shape {array.shape}, expected a row of integers")
    if whole.size and (whole.min() < limits.min or whole.max() > limits.max):
        raise Error(f"{name}: {whole.min()}..{whole.max()}, expected {limits.min}..{limits.max}")
    return whole.tolist()


def conv2d_quantized(x: npt.ArrayLike, x_scale: float, x_zero: int, w: npt.ArrayLike,
                     w_scale: npt.ArrayLike, w_zero: npt.ArrayLike,
                     bias: typing.Optional[npt.ArrayLike], y_scale: float, y_zero: int, *,
                     pads: typing.Union[str, typing.Sequence[int]] = "same", stride: int = 1,
                     depthwise: bool = False,
                     activation: typing.Union[str, typing.Tuple[int, int]] = "none",
                     rounding: str = "exact", engine: str = "golden",
                     fraction_bits: typing.Optional[int] = None, multiplier_bits: int = 22,
                     wave: typing.Optional[str] = None) -> QuantizedResult:
    """Runs a quantised convolution as one KPU layer and says how it compares with `rounding`.

    real = (code - zero) * scale, as in ONNX's QLinearConv and TFLite's CONV_2D.

    x: uint8 or int8, C x H x W or 1 x C x H x W. The output has the same type.
    w: uint8 or int8, O x C x K x K (ONNX's order), depthwise C x 1 x K x K; K is 1 or 3.
    x_scale, y_scale: float32 above 0. w_scale: one, or one per output channel.
    x_zero, y_zero: codes. w_zero: one, or one per output channel.
    bias: None, or int32 per output channel in units of x_scale * w_scale.
    pads: "same", "valid" (TFLite's), or (top, left, bottom, right), each 0 or 1; filled with x_zero.
    stride: 1 or 2. activation: "none", "relu", "relu6", or (lowest, highest) as codes.
    rounding: one of ROUNDINGS. engine: "golden", "rtl" or "both".
    fraction_bits: bits behind the point in norm; None: the best. multiplier_bits: of norm's mul.

    Returns a QuantizedResult. Raises Error (a ValueError), naming field and range, for bad input.
    """
    x = _image(x)
    w = _codes("w", w, (4,))
    inputs = 1 if depthwise else x.shape[0]
    if w.shape[1] != inputs or w.shape[2] != w.shape[3]:
        raise Error(f"w: shape {w.shape}, expected (O, {inputs}, K, K)")
    conv = _golden.QuantisedConv()
    conv.in_channels, conv.height, conv.width = x.shape
    conv.out_channels, conv.kernel = w.shape[0], w.shape[2]
    conv.depthwise, conv.stride = depthwise, stride
    _set_pads(conv, pads)
    conv.set_types(x.dtype == np.int8, w.dtype == np.int8, x.dtype == np.int8)
    conv.x_scale, conv.y_scale = _scalar("x_scale", x_scale), _scalar("y_scale", y_scale)
    (conv.x_zero,) = _integers("x_zero", _scalar("x_zero", x_zero))
    (conv.y_zero,) = _integers("y_zero", _scalar("y_zero", y_zero))
    conv.w_scale = np.atleast_1d(np.asarray(w_scale, np.float32)).tolist()
    conv.w_zero = _integers("w_zero", w_zero)
    conv.bias = [] if bias is None else _integers("bias", bias)
    conv.set_weights(np.ascontiguousarray(w, np.int16))
    conv.set_rule(rounding)
    if isinstance(activation, str):
        conv.set_activation(activation)
    else:
        conv.set_bounds(*activation)

    return run_conv(conv, np.ascontiguousarray(x, np.int16), x.dtype, engine, wave, fraction_bits,
                    multiplier_bits)


def run_conv(conv, codes, kind, engine, wave=None, fraction_bits=None, multiplier_bits=22):
    """The QuantizedResult of a C++ QuantisedConv for `codes`; `kind` is the output's type."""
    check_engine(engine)
    check = _golden.check_conv(
        conv, codes, fraction_bits, multiplier_bits,
        None if engine == "rtl" else _golden.FastBackend(),
        None if engine == "golden" else rtl_backend(wave))
    text = str(check)
    return QuantizedResult(
        y=check.y(conv).astype(kind), expected=check.expected(conv).astype(kind),
        proof=check.proof, differing=check.differing, cycles=check.counters.get("cycles"),
        counters=check.counters, match=check.match, norm=check.mapped.norm, act=check.mapped.act,
        fraction_bits=check.mapped.fraction_bits, text=text)
