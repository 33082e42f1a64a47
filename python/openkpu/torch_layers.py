# SPDX-License-Identifier: Apache-2.0
"""A quantised convolution of torch as a KPU layer. torch itself is not imported."""
import dataclasses

import numpy as np

from ._golden import Error
from .quantized import QuantizedResult, conv2d_quantized


def _pair(name, value):
    first, second = value if isinstance(value, (tuple, list)) else (value, value)
    if first != second:
        raise Error(f"{name}={tuple(value)}: expected the same in both directions")
    return int(first)


def check_torch(layer, x, *, rounding: str = "onnxruntime", **options) -> QuantizedResult:
    """Runs a torch.ao.nn.quantized.Conv2d (or its ConvReLU2d) on the KPU; says how it compares.

    x: the quantised tensor (quint8) that the layer takes, 1 x C x H x W.
    rounding, engine and the others: as conv2d_quantized. "onnxruntime" is what torch's qnnpack
    does; fbgemm, x86 and onednn add the bias as a float, which moves about one output of 3,000.

    The result's text also says in how many outputs the KPU differs from what the layer itself gives
    here. Raises Error, naming the field, for a layer that the KPU cannot be.
    """
    w = layer.weight()
    per_channel = "per_channel" in str(w.qscheme())
    w_scale = w.q_per_channel_scales().numpy() if per_channel else np.array([w.q_scale()])
    w_zero = w.q_per_channel_zero_points().numpy() if per_channel else np.array([w.q_zero_point()])
    kernel, pad = _pair("kernel_size", layer.kernel_size), _pair("padding", layer.padding)
    if _pair("dilation", layer.dilation) != 1:
        raise Error(f"dilation={layer.dilation}: expected 1")
    if layer.padding_mode != "zeros":
        raise Error(f"padding_mode={layer.padding_mode}: expected zeros")
    if layer.groups not in (1, layer.in_channels) or pad not in (0, 1) or pad > kernel // 2:
        raise Error(f"groups={layer.groups}, padding={pad}: expected 1 or depthwise, and 0 or 1 (3x3)")
    bias = layer.bias()
    if bias is not None:
        bias = np.rint(bias.detach().numpy() / (x.q_scale() * w_scale)).astype(np.int64)
    result = conv2d_quantized(
        x.int_repr().numpy(), x.q_scale(), x.q_zero_point(), w.int_repr().numpy(), w_scale, w_zero,
        bias, layer.scale, layer.zero_point, pads=(pad,) * 4, stride=_pair("stride", layer.stride),
        depthwise=layer.groups > 1, rounding=rounding,
        activation="relu" if "ReLU" in type(layer).__name__ else "none", **options)
    own = layer(x).int_repr().numpy()[0]
    differing = int((own != result.y).sum())
    return dataclasses.replace(
        result, text=f"{differing} of {own.size} outputs differ from the layer's own; {result.text}")
