# SPDX-License-Identifier: Apache-2.0
"""Every quantised convolution of an ONNX model as a KPU layer: which are bit-exact, and why not.

Each convolution is taken by itself, with codes of its own as input, so that one layer's differences
do not reach the next.
"""
import dataclasses
import os
import pathlib
import typing

import numpy as np

from . import _golden
from ._golden import Error
from .quantized import QuantizedResult, run_conv


@dataclasses.dataclass
class OnnxLayer:
    """A convolution of the model: its node's name, its form, and what became of it.

    result: a QuantizedResult, or None where it cannot be a KPU layer; problem says why then. With a
    result, problem may say what keeps the proof from being a claim about the model.
    """
    name: str
    form: str
    result: typing.Optional[QuantizedResult]
    problem: str = ""


def check_onnx(model, *, rounding="onnxruntime", engine="golden", size=(16, 16), seed=1):
    """Checks each QLinearConv, and each Conv between DequantizeLinear and QuantizeLinear.

    model: a path, or an onnx.ModelProto. size: height and width of the random input codes of each
    convolution; the proof is about all inputs, whatever the size. rounding, engine: as of
    conv2d_quantized. `kpu check-onnx` takes the model's own input, too.

    Returns a list of OnnxLayer, in the model's order. Raises Error for a file that is no ONNX model.
    """
    if isinstance(model, (str, os.PathLike)):
        path = pathlib.Path(model)
        try:
            file, folder = path.read_bytes(), str(path.parent)
        except OSError as error:
            raise Error(f"{path}: {error}") from error
        where = f"{path}: "
    else:
        file, folder, where = model.SerializeToString(), ".", ""
    try:
        found = _golden.onnx_layers(file, folder, rounding, *size)
    except Error as error:
        raise Error(f"{where}{error}") from error
    random = np.random.default_rng(seed)
    layers = []
    for name, form, problem, conv in found:
        result = None
        if conv is not None:
            limits = np.iinfo(np.int8 if conv.x_signed else np.uint8)
            x = random.integers(limits.min, limits.max + 1, (conv.in_channels, *size))
            try:
                result = run_conv(conv, x.astype(np.int16), np.int8 if conv.y_signed else np.uint8,
                                  engine)
            except Error as error:
                problem = str(error)
        layers.append(OnnxLayer(name, form, result, problem))
    return layers
