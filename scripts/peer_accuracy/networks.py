# SPDX-License-Identifier: Apache-2.0
"""Networks of the usual families with seeded He-random weights, as ONNX, for 3x128x128 pictures.

Runs where `onnx` and `numpy` are installed. NETWORKS maps a name to a function build(folded) -> ModelProto: with batch
norms as nodes of their own, or folded into the convolutions before them. Both have the same weights, so the two are one
function. Batch norms scale channels by 0.4 to 2 of each other, as trained ones do. Classifiers give their logits: a
softmax over random logits would hide most errors.
"""

import zlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 11
SIZE = 128
CLASSES = 100


class Net:
    """Builds a network node by node; a tensor is its name, and `channels` knows how many it has."""

    def __init__(self, name, folded):
        self.random = np.random.default_rng(zlib.crc32(name.encode()))
        self.name, self.folded = name, folded
        self.nodes, self.constants = [], []
        self.channels = {"x": 3}

    def const(self, values, dtype=np.float32):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype=dtype), name))
        return name

    def op(self, kind, *inputs, to=None, **attributes):
        """A node; its output has `to` channels, or as many as its first input."""
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=f"{kind}{len(self.nodes)}", **attributes))
        self.channels[name] = to or self.channels[inputs[0]]
        return name

    def conv(self, x, to, kernel=3, stride=1, group=1, act="relu", norm=True, pad=None):
        """Convolution, batch norm (or bias), activation."""
        rows, columns = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        shape = (to, self.channels[x] // group, rows, columns)
        gain = 2 if act else 1  # what keeps a layer's output as large as its input
        weights = self.random.standard_normal(shape) * np.sqrt(gain / np.prod(shape[1:]))
        attributes = {"kernel_shape": [rows, columns], "strides": [stride, stride], "group": group,
                      "pads": pad if pad is not None else [rows // 2, columns // 2] * 2}
        if not norm:
            bias = self.random.standard_normal(to) * 0.1
            x = self.op("Conv", x, self.const(weights), self.const(bias), to=to, **attributes)
            return self.act(x, act)
        gamma, variance = self.random.uniform(0.6, 1.4, to), self.random.uniform(0.5, 1.5, to)
        beta, mean = self.random.standard_normal((2, to)) * 0.2
        factor = gamma / np.sqrt(variance + 1e-5)
        if self.folded:
            x = self.op("Conv", x, self.const(weights * factor[:, None, None, None]),
                        self.const(beta - mean * factor), to=to, **attributes)
        else:
            x = self.op("Conv", x, self.const(weights), to=to, **attributes)
            x = self.op("BatchNormalization", x, *[self.const(v) for v in (gamma, beta, mean, variance)], epsilon=1e-5)
        return self.act(x, act)

    def act(self, x, kind):
        if kind == "relu":
            return self.op("Relu", x)
        if kind == "relu6":
            return self.op("Clip", x, self.const(0.0), self.const(6.0))
        if kind == "leaky":
            return self.op("LeakyRelu", x, alpha=0.1)
        if kind == "hswish":
            gate = self.op("Clip", self.op("Add", x, self.const(3.0)), self.const(0.0), self.const(6.0))
            return self.op("Div", self.op("Mul", x, gate), self.const(6.0))
        return x

    def depthwise(self, x, kernel=3, stride=1, act="relu"):
        return self.conv(x, self.channels[x], kernel, stride, group=self.channels[x], act=act)

    def pool(self, x, kernel=2, stride=2, pad=0, kind="MaxPool", **attributes):
        return self.op(kind, x, kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[pad] * 4, **attributes)

    def concat(self, *parts):
        return self.op("Concat", *parts, axis=1, to=sum(self.channels[part] for part in parts))

    def slice(self, x, first, end):
        return self.op("Slice", x, *[self.const([v], np.int64) for v in (first, end, 1)], to=end - first)

    def upsample(self, x):
        return self.op("Resize", x, self.const([]), self.const([1, 1, 2, 2]), mode="nearest",
                       coordinate_transformation_mode="asymmetric", nearest_mode="floor")

    def squeeze_excite(self, x):
        channels = self.channels[x]
        y = self.op("GlobalAveragePool", x)
        y = self.conv(y, channels // 4, 1, norm=False)
        y = self.conv(y, channels, 1, norm=False, act=None)
        gate = self.op("Clip", self.op("Add", y, self.const(3.0)), self.const(0.0), self.const(6.0))
        return self.op("Mul", x, self.op("Div", gate, self.const(6.0)))

    def classifier(self, x):
        x = self.op("Flatten", self.op("GlobalAveragePool", x), axis=1)
        weights = self.random.standard_normal((CLASSES, self.channels[x])) * np.sqrt(1 / self.channels[x])
        return self.op("Gemm", x, self.const(weights), self.const(self.random.standard_normal(CLASSES) * 0.1),
                       transB=1, to=CLASSES)

    def model(self, *outputs):
        value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, SIZE, SIZE])
        graph = helper.make_graph(self.nodes, self.name, [value],
                                  [helper.make_empty_tensor_value_info(o) for o in outputs], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=6)
        return onnx.shape_inference.infer_shapes(model)


def mobilenet_v1(net):
    x = net.conv("x", 32, stride=2, act="relu6")
    for to, stride in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + 5 * [(512, 1)] + [(1024, 2), (1024, 1)]:
        x = net.conv(net.depthwise(x, stride=stride, act="relu6"), to, 1, act="relu6")
    return [net.classifier(x)]


def inverted_residual(net, x, inner, to, kernel, stride, act, excite=False):
    y = net.conv(x, inner, 1, act=act) if inner != net.channels[x] else x
    y = net.depthwise(y, kernel, stride, act)
    if excite:
        y = net.squeeze_excite(y)
    y = net.conv(y, to, 1, act=None)
    return net.op("Add", x, y) if stride == 1 and to == net.channels[x] else y


def mobilenet_v2(net):
    x = net.conv("x", 32, stride=2, act="relu6")
    for factor, to, count, stride in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                                      (6, 160, 3, 2), (6, 320, 1, 1)]:
        for i in range(count):
            x = inverted_residual(net, x, net.channels[x] * factor, to, 3, stride if i == 0 else 1, "relu6")
    return [net.classifier(net.conv(x, 1024, 1, act="relu6"))]


def mobilenet_v3(net):
    x = net.conv("x", 16, stride=2, act="hswish")
    for kernel, inner, to, excite, act, stride in [
            (3, 16, 16, True, "relu", 2), (3, 72, 24, False, "relu", 2), (3, 88, 24, False, "relu", 1),
            (5, 96, 40, True, "hswish", 2), (5, 240, 40, True, "hswish", 1), (5, 240, 40, True, "hswish", 1),
            (5, 120, 48, True, "hswish", 1), (5, 144, 48, True, "hswish", 1), (5, 288, 96, True, "hswish", 2),
            (5, 576, 96, True, "hswish", 1), (5, 576, 96, True, "hswish", 1)]:
        x = inverted_residual(net, x, inner, to, kernel, stride, act, excite)
    return [net.classifier(net.conv(x, 576, 1, act="hswish"))]


def shufflenet_v2(net):
    def shuffle(x):
        channels, size = net.channels[x], size_of[x]
        y = net.op("Reshape", x, net.const([1, 2, channels // 2, size, size], np.int64))
        y = net.op("Transpose", y, perm=[0, 2, 1, 3, 4])
        return net.op("Reshape", y, net.const([1, channels, size, size], np.int64), to=channels)

    size_of = {}
    x = net.pool(net.conv("x", 24, stride=2), 3, 2, 1)
    size = SIZE // 4
    for to, count in [(116, 4), (232, 8), (464, 4)]:
        half = to // 2
        for i in range(count):
            if i == 0:
                size //= 2
                left = net.conv(net.depthwise(x, stride=2, act=None), half, 1)
                right = net.conv(x, half, 1)
            else:
                left, right = net.slice(x, 0, half), net.conv(net.slice(x, half, to), half, 1)
            right = net.conv(net.depthwise(right, stride=2 if i == 0 else 1, act=None), half, 1)
            x = net.concat(left, right)
            size_of[x] = size
            x = shuffle(x)
    return [net.classifier(net.conv(x, 1024, 1))]


def resnet18(net):
    x = net.pool(net.conv("x", 64, 7, stride=2), 3, 2, 1)
    for to, first in [(64, 1), (128, 2), (256, 2), (512, 2)]:
        for stride in (first, 1):
            y = net.conv(net.conv(x, to, stride=stride), to, act=None)
            short = x if stride == 1 and net.channels[x] == to else net.conv(x, to, 1, stride, act=None)
            x = net.act(net.op("Add", y, short), "relu")
    return [net.classifier(x)]


def inception(net):
    def block(x, a, b, c, d):
        average = net.pool(x, 3, 1, 1, "AveragePool", count_include_pad=0)
        return net.concat(net.conv(x, a, 1), net.conv(net.conv(x, b // 2, 1), b),
                          net.conv(net.conv(x, c // 2, 1), c, 5), net.conv(average, d, 1))

    def long_block(x, a, b):
        y = net.conv(x, b // 2, 1)
        return net.concat(net.conv(x, a, 1), net.conv(net.conv(y, b // 2, (1, 7)), b, (7, 1)))

    x = net.conv(net.conv("x", 32, stride=2), 64)
    x = net.pool(x, 3, 2, 1)
    x = block(block(x, 64, 96, 32, 32), 96, 128, 48, 32)
    x = net.pool(x, 3, 2, 1)
    x = long_block(long_block(x, 128, 192), 128, 192)
    x = net.pool(x, 3, 2, 1)
    return [net.classifier(block(x, 160, 224, 64, 64))]


def xception(net):
    def separable(x, to, act="relu"):
        return net.conv(net.depthwise(x, act=None), to, 1, act=act)

    x = net.conv(net.conv("x", 32, stride=2), 64)
    for to in (128, 256, 512):
        short = net.conv(x, to, 1, 2, act=None)
        y = net.pool(separable(separable(x, to), to, None), 3, 2, 1)
        x = net.act(net.op("Add", y, short), "relu")
    for _ in range(3):
        y = separable(separable(separable(x, 512), 512), 512, None)
        x = net.act(net.op("Add", y, x), "relu")
    return [net.classifier(separable(x, 728))]


def vgg(net):
    x = "x"
    for to, count in [(64, 2), (128, 2), (256, 3), (256, 3)]:
        for _ in range(count):
            x = net.conv(x, to, norm=False)
        x = net.pool(x)
    return [net.classifier(x)]


def squeezenet(net):
    def fire(x, squeeze, expand):
        y = net.conv(x, squeeze, 1, norm=False)
        return net.concat(net.conv(y, expand, 1, norm=False), net.conv(y, expand, 3, norm=False))

    x = net.pool(net.conv("x", 64, stride=2, norm=False), 3, 2, 1)
    x = net.pool(fire(fire(x, 16, 64), 16, 64), 3, 2, 1)
    x = net.pool(fire(fire(x, 32, 128), 32, 128), 3, 2, 1)
    x = fire(fire(fire(fire(x, 48, 192), 48, 192), 64, 256), 64, 256)
    return [net.op("GlobalAveragePool", net.conv(x, CLASSES, 1, norm=False))]


def tiny_yolo_v3(net):
    x, kept = "x", None
    for to in (16, 32, 64, 128, 256):
        kept = net.conv(x, to, act="leaky")
        x = net.pool(kept)
    x = net.conv(net.conv(x, 512, act="leaky"), 1024, act="leaky")
    x = net.conv(x, 256, 1, act="leaky")
    large = net.conv(net.conv(x, 512, act="leaky"), 75, 1, norm=False, act=None)
    x = net.concat(net.upsample(net.conv(x, 128, 1, act="leaky")), kept)
    return [large, net.conv(net.conv(x, 256, act="leaky"), 75, 1, norm=False, act=None)]


def unet(net):
    x, kept = "x", []
    for to in (16, 32, 64):
        x = net.conv(net.conv(x, to), to)
        kept.append(x)
        x = net.pool(x)
    x = net.conv(net.conv(x, 128), 128)
    for skip in reversed(kept):
        to = net.channels[skip]
        x = net.concat(net.conv(net.upsample(x), to), skip)
        x = net.conv(net.conv(x, to), to)
    return [net.conv(x, 4, 1, norm=False, act=None)]


def builder(function):
    def build(folded):
        net = Net(function.__name__, folded)
        return net.model(*function(net))
    return build


NETWORKS = {f.__name__: builder(f) for f in (mobilenet_v1, mobilenet_v2, mobilenet_v3, shufflenet_v2, resnet18, inception,
                                              xception, vgg, squeezenet, tiny_yolo_v3, unet)}
# Without batch norms there is but one form.
WITHOUT_NORMS = ("vgg", "squeezenet")
