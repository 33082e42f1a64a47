# SPDX-License-Identifier: Apache-2.0
"""Every quantised convolution of an ONNX model as a KPU layer: which are bit-exact, and why not.

Needs the package onnx. Each convolution is taken by itself, with codes of its own as input, so that
one layer's differences do not reach the next.
"""
import dataclasses
import typing

import numpy as np

from ._golden import Error
from .quantized import QuantizedResult, conv2d_quantized


@dataclasses.dataclass
class OnnxLayer:
    """A convolution of the model: its node's name, its form, and what became of it.

    result: a QuantizedResult, or None where it cannot be a KPU layer; problem says why then.
    """
    name: str
    form: str
    result: typing.Optional[QuantizedResult]
    problem: str = ""


class _Graph:
    """A model's nodes by what they make, and its constants."""

    def __init__(self, model):
        from onnx import numpy_helper
        graph = model.graph
        self.nodes = list(graph.node)
        self.values = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
        for node in self.nodes:
            if node.op_type == "Constant":
                self.values[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
        self.maker = {name: node for node in self.nodes for name in node.output}
        self.users = {}
        for node in self.nodes:
            for name in node.input:
                self.users.setdefault(name, []).append(node)

    def constant(self, name):
        if name not in self.values:
            raise Error(f"{name}: expected a constant")
        return self.values[name]

    def dequantize(self, name):
        """The DequantizeLinear that makes `name`."""
        node = self.maker.get(name)
        if node is None or node.op_type != "DequantizeLinear":
            raise Error(f"{name}: expected the output of DequantizeLinear")
        return node

    def scale_and_zero(self, node, kind=None):
        scale = self.constant(node.input[1])
        if len(node.input) > 2 and node.input[2]:
            return scale, self.constant(node.input[2])
        return scale, np.zeros_like(scale, kind or np.uint8)

    def only_user(self, node):
        users = self.users.get(node.output[0], [])
        if len(users) != 1:
            raise Error(f"{len(users)} users of its output, expected one")
        return users[0]


def _attributes(node, w):
    """conv2d_quantized's arguments from a convolution's attributes."""
    found = {a.name: list(a.ints) or a.i or a.s for a in node.attribute}
    if found.get("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID"):
        raise Error(f"auto_pad={found['auto_pad'].decode()}: expected NOTSET or VALID")
    if set(found.get("dilations", [1])) != {1}:
        raise Error(f"dilations={found['dilations']}: expected 1")
    strides, group = found.get("strides", [1, 1]), found.get("group", 1)
    if strides[0] != strides[1]:
        raise Error(f"strides={strides}: expected equal ones")
    if group != 1 and (group != w.shape[0] or w.shape[1] != 1):
        raise Error(f"group={group}: expected 1 or depthwise")
    return dict(pads=tuple(found.get("pads", (0, 0, 0, 0))), stride=strides[0],
                depthwise=group != 1)


def _of_qlinear(graph, node):
    """The tensor that is the input, and arguments but x, of a QLinearConv."""
    xs, xz, w, ws, wz, ys, yz = (graph.constant(name) for name in node.input[1:8])
    bias = graph.constant(node.input[8]) if len(node.input) > 8 else None
    return xz.dtype, (xs, xz, w, ws, wz, bias, ys, yz), _attributes(node, w)


def _of_qdq(graph, node):
    """The same of a Conv between DequantizeLinear and QuantizeLinear."""
    x, w = graph.dequantize(node.input[0]), graph.dequantize(node.input[1])
    codes = graph.constant(w.input[0])
    bias = None
    if len(node.input) > 2 and node.input[2]:
        bias = graph.constant(graph.dequantize(node.input[2]).input[0])
    arguments = _attributes(node, codes)
    last = graph.only_user(node)
    if last.op_type == "Relu":
        arguments["activation"] = "relu"
        last = graph.only_user(last)
    if last.op_type != "QuantizeLinear":
        raise Error(f"followed by {last.op_type}, expected Relu or QuantizeLinear")
    xs, xz = graph.scale_and_zero(x)
    ws, wz = graph.scale_and_zero(w, codes.dtype)
    ys, yz = graph.scale_and_zero(last)
    return xz.dtype, (xs, xz, codes, ws, wz, bias, ys, yz), arguments


def check_onnx(model, *, rounding="onnxruntime", engine="golden", size=(16, 16), seed=1):
    """Checks each QLinearConv, and each Conv between DequantizeLinear and QuantizeLinear.

    model: a path, or an onnx.ModelProto. size: height and width of the random input codes of each
    convolution; the proof is about all inputs, whatever the size. rounding, engine: as of
    conv2d_quantized.

    Returns a list of OnnxLayer, in the model's order. Raises Error for a file that is no ONNX model.
    """
    import onnx
    if not isinstance(model, onnx.ModelProto):
        path = model
        try:
            model = onnx.load(path)
        except Exception as error:  # onnx raises what its parser does
            raise Error(f"{path}: no ONNX model: {str(error).splitlines()[0]}") from error
    graph = _Graph(model)
    random = np.random.default_rng(seed)
    layers = []
    for index, node in enumerate(graph.nodes):
        if node.op_type not in ("QLinearConv", "Conv"):
            continue
        name = node.name or f"node {index}"
        form = "QLinearConv" if node.op_type == "QLinearConv" else "QDQ"
        try:
            kind, (xs, xz, w, *rest), more = (_of_qlinear if form == "QLinearConv" else _of_qdq)(
                graph, node)
            channels = w.shape[0] if more["depthwise"] else w.shape[1]
            limits = np.iinfo(kind)
            x = random.integers(limits.min, limits.max + 1, (channels, *size)).astype(kind)
            result = conv2d_quantized(x, xs, xz, w, *rest, rounding=rounding, engine=engine, **more)
            layers.append(OnnxLayer(name, form, result))
        except Error as error:
            layers.append(OnnxLayer(name, form, None, str(error)))
    return layers
