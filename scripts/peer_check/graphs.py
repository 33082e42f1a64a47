# SPDX-License-Identifier: Apache-2.0
"""Small ONNX networks, one for each kind of graph that the vendor's compiler lowers in a way of its own.

Runs where `onnx` and `numpy` are installed. GRAPHS maps a name to a Case.
"""

import dataclasses
import zlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 11


@dataclasses.dataclass
class Case:
    """A network and how the compiler is to take it."""

    model: onnx.ModelProto
    inputs: list  # shape of each, with the batch of 1
    options: dict  # of the compiler, besides the usual ones
    uint8: bool  # inputs are pictures; else float32


class Net:
    """Builds a network node by node; a tensor is its name."""

    def __init__(self, name, *inputs):
        self.random = np.random.default_rng(zlib.crc32(name.encode()))
        self.name = name
        self.inputs = [list((1, *shape)) for shape in inputs]
        self.nodes, self.constants = [], []
        self.x = "x0"

    def const(self, values, dtype=np.float32):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype=dtype), name))
        return name

    def weights(self, *shape):
        """Normal numbers that keep a layer's output as large as its input."""
        fan_in = max(1, int(np.prod(shape[1:])))
        return self.const(self.random.standard_normal(shape) * np.sqrt(2.0 / fan_in))

    def op(self, kind, *inputs, outputs=1, **attributes):
        """A node; without inputs it takes the last tensor. Gives its output, or a list of several."""
        names = [f"t{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs) or [self.x], names, **attributes))
        self.x = names[0]
        return names[0] if outputs == 1 else names

    def conv(self, channels, to, kernel=3, stride=1, pad=None, group=1, dilation=1, bias=True, x=None):
        kernel = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        if pad is None:
            pad = [(k - 1) * dilation // 2 for k in kernel] * 2
        inputs = [x or self.x, self.weights(to, channels // group, *kernel)]
        if bias:
            inputs.append(self.const(self.random.standard_normal(to) * 0.1))
        return self.op("Conv", *inputs, kernel_shape=kernel, strides=[stride, stride], pads=pad, group=group,
                       dilations=[dilation, dilation])

    def case(self, *outputs, uint8=True, **options):
        graph = helper.make_graph(
            self.nodes, self.name,
            [helper.make_tensor_value_info(f"x{i}", TensorProto.FLOAT, s) for i, s in enumerate(self.inputs)],
            [helper.make_empty_tensor_value_info(o) for o in outputs or [self.x]], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=6)
        return Case(onnx.shape_inference.infer_shapes(model), self.inputs, options, uint8)


GRAPHS = {}


def graph(function):
    """Registers a graph under the function's name; it is built when it is asked for."""
    GRAPHS[function.__name__] = function
    return function


def one(name, build, shape=(8, 16, 16), **options):
    """Registers a graph whose only input has `shape` and that `build(net)` makes."""

    def make():
        net = Net(name, shape)
        outputs = build(net)
        return net.case(*(outputs if isinstance(outputs, (list, tuple)) else []), **options)

    GRAPHS[name] = make


# Convolutions: on the KPU, and those that stay on the CPU.
one("conv3", lambda n: n.conv(8, 8))
one("conv3_valid", lambda n: n.conv(8, 8, pad=[0, 0, 0, 0]))
one("conv3_s2", lambda n: n.conv(8, 16, stride=2))
one("conv3_odd", lambda n: n.conv(3, 8, stride=2), (3, 15, 17))
one("conv3_s3", lambda n: n.conv(8, 8, stride=3))
one("conv1", lambda n: n.conv(8, 24, kernel=1))
one("conv1_s2", lambda n: n.conv(8, 16, kernel=1, stride=2))
one("conv3_relu6", lambda n: (n.conv(8, 8), n.op("Clip", n.x, n.const(0.0), n.const(6.0))) and None)
one("conv_wide", lambda n: n.conv(3, 4), (3, 8, 70))
one("dw3", lambda n: n.conv(8, 8, group=8))
one("dw3_s2", lambda n: n.conv(8, 8, group=8, stride=2))
one("dw5", lambda n: n.conv(8, 8, kernel=5, group=8))
one("conv5", lambda n: n.conv(8, 8, kernel=5))
one("conv7_s2", lambda n: n.conv(3, 8, kernel=7, stride=2), (3, 16, 16))
one("conv2_valid", lambda n: n.conv(8, 8, kernel=2, pad=[0, 0, 0, 0]))
one("conv1x3", lambda n: n.conv(8, 8, kernel=(1, 3)))
one("conv4_s4", lambda n: n.conv(3, 8, kernel=4, stride=4, pad=[0, 0, 0, 0]), (3, 16, 16))
one("conv_group2", lambda n: n.conv(8, 8, group=2))
one("conv1_group4", lambda n: n.conv(8, 8, kernel=1, group=4))
one("conv1_on_2x2", lambda n: n.conv(20, 12, kernel=1), (20, 2, 2))
one("conv3_dilated", lambda n: n.conv(8, 8, dilation=2))
one("conv3_512", lambda n: n.conv(512, 512), (512, 4, 4))
one("conv_transpose3", lambda n: n.op("ConvTranspose", n.x, n.weights(8, 4, 3, 3), kernel_shape=[3, 3], strides=[2, 2],
                                      pads=[1, 1, 1, 1], output_padding=[1, 1]))
one("conv_transpose4", lambda n: n.op("ConvTranspose", n.x, n.weights(8, 4, 4, 4), kernel_shape=[4, 4], strides=[2, 2],
                                      pads=[1, 1, 1, 1]))

# Activations behind a convolution.
for _kind in ("Relu", "LeakyRelu", "Sigmoid", "Tanh", "HardSigmoid", "Elu", "Selu", "Softplus", "Exp", "Abs", "Neg",
              "Sqrt", "Erf", "Floor", "Ceil", "Round", "Sign", "Log", "Sin", "Cos", "Not", "Reciprocal"):
    one("act_" + _kind.lower(), lambda n, kind=_kind: (n.conv(3, 8), n.op(kind)) and None, (3, 16, 16))


@graph
def act_prelu():
    net = Net("act_prelu", (3, 16, 16))
    net.op("PRelu", net.conv(3, 8), net.const(np.linspace(0.05, 0.4, 8).reshape(8, 1, 1)))
    return net.case()


@graph
def act_hswish():
    net = Net("act_hswish", (3, 16, 16))
    x = net.conv(3, 8)
    gate = net.op("Clip", net.op("Add", x, net.const(3.0)), net.const(0.0), net.const(6.0))
    net.op("Div", net.op("Mul", x, gate), net.const(6.0))
    net.conv(8, 8)
    return net.case()


@graph
def batch_norm():
    net = Net("batch_norm", (3, 16, 16))
    net.op("BatchNormalization", net.conv(3, 8), *[net.const(v) for v in
           (np.linspace(0.5, 1.5, 8), np.linspace(-1, 1, 8), np.linspace(-0.2, 0.2, 8), np.linspace(0.5, 2, 8))])
    return net.case()


# Pooling and reductions.
one("max2", lambda n: (n.conv(8, 8), n.op("MaxPool", kernel_shape=[2, 2], strides=[2, 2])) and None)
one("avg2", lambda n: (n.conv(8, 8), n.op("AveragePool", kernel_shape=[2, 2], strides=[2, 2])) and None)
one("max3_s2", lambda n: (n.conv(8, 8), n.op("MaxPool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])) and None)
one("avg3", lambda n: (n.conv(8, 8), n.op("AveragePool", kernel_shape=[3, 3], pads=[1, 1, 1, 1])) and None)
one("global_avg", lambda n: (n.conv(8, 24), n.op("GlobalAveragePool")) and None, (8, 7, 7))
one("global_max", lambda n: (n.conv(8, 24), n.op("GlobalMaxPool")) and None, (8, 7, 7))
for _kind in ("Mean", "Max", "Min", "Sum", "Prod", "LogSumExp", "L2", "SumSquare"):
    one("reduce_" + _kind.lower(),
        lambda n, kind=_kind: (n.conv(8, 40), n.op("Reduce" + kind, n.x, axes=[1], keepdims=1)) and None)
for _kind in ("ArgMax", "ArgMin"):
    one(_kind.lower(), lambda n, kind=_kind: (n.conv(8, 10), n.op(kind, n.x, axis=1)) and None)


def _resize(mode, transform, nearest="floor", scale=2.0):
    def build(net):
        x = net.conv(4, 4)
        net.op("Resize", x, net.const([]), net.const([1, 1, scale, scale]), mode=mode,
               coordinate_transformation_mode=transform, nearest_mode=nearest)
    return build


one("up_nearest", _resize("nearest", "asymmetric"), (4, 8, 8))
one("up_linear", _resize("linear", "asymmetric"), (4, 8, 8))
one("up_linear_align", _resize("linear", "align_corners"), (4, 8, 8))
one("up_linear_half", _resize("linear", "pytorch_half_pixel"), (4, 6, 6))
one("up_linear_half3", _resize("linear", "pytorch_half_pixel", scale=3.0), (4, 5, 7))
one("down_linear_half", _resize("linear", "pytorch_half_pixel", scale=0.5), (4, 8, 8))
one("up_nearest_half", _resize("nearest", "half_pixel", "round_prefer_floor"), (4, 6, 6))

# Shapes and moves.
for _mode in ("constant", "reflect", "edge"):
    one("pad_" + _mode, lambda n, mode=_mode: (n.conv(8, 8), n.op("Pad", n.x, n.const([0, 0, 2, 1, 0, 0, 1, 3], np.int64),
                                                                  mode=mode)) and None)
one("pad_reflect_5d", lambda n: (n.conv(4, 4), n.op("Pad", n.x, n.const([0, 1, 0, 2, 0, 1, 3, 0], np.int64),
                                                     mode="reflect")) and None, (4, 6, 6))
one("slice", lambda n: (n.conv(8, 8), n.op("Slice", n.x, *[n.const(v, np.int64) for v in
                                           ([1, 2], [7, 15], [1, 2], [2, 3])])) and None)
one("split", lambda n: n.op("Split", n.conv(8, 8), outputs=2, axis=1))
one("concat", lambda n: n.op("Concat", n.conv(8, 8), n.conv(8, 4, x="x0"), axis=1) and None)
one("transpose", lambda n: (n.conv(8, 8), n.op("Transpose", perm=[0, 2, 3, 1])) and None)
one("flatten", lambda n: (n.conv(8, 8), n.op("Flatten", axis=1)) and None)
one("depth_to_space", lambda n: (n.conv(8, 8), n.op("DepthToSpace", blocksize=2, mode="CRD")) and None)
one("space_to_depth", lambda n: (n.conv(8, 8), n.op("SpaceToDepth", blocksize=2)) and None)
one("gather", lambda n: (n.conv(8, 8), n.op("Gather", n.x, n.const([5, 0, 7], np.int64), axis=1)) and None)
one("gather_elements", lambda n: (n.conv(2, 2), n.op("GatherElements", n.x, n.const(
    np.arange(2 * 4 * 4).reshape(1, 2, 4, 4) % 4, np.int64), axis=2)) and None, (2, 4, 4))
one("expand", lambda n: (n.conv(1, 1), n.op("Expand", n.x, n.const([1, 4, 6, 6], np.int64))) and None, (1, 6, 6))
one("tile", lambda n: (n.conv(2, 2), n.op("Tile", n.x, n.const([1, 2, 1, 3], np.int64))) and None, (2, 6, 6))
one("topk", lambda n: (n.conv(8, 8), n.op("TopK", n.x, n.const([3], np.int64), axis=1, outputs=2))[1])
one("trilu", lambda n: (n.conv(2, 2), n.op("Mul", n.x, n.const(np.triu(np.ones((6, 6)))))) and None, (2, 6, 6))
one("cumsum", lambda n: (n.conv(8, 8), n.op("CumSum", n.x, n.const(2, np.int64))) and None)
one("cumsum_back", lambda n: (n.conv(8, 8), n.op("CumSum", n.x, n.const(1, np.int64), exclusive=1, reverse=1)) and None)
one("hardmax", lambda n: (n.conv(8, 8), n.op("Flatten", axis=1), n.op("Hardmax", axis=1)) and None)
one("where", lambda n: n.op("Where", n.op("Greater", n.conv(8, 8), n.const(0.1)), n.x and "t0_0", n.const(-0.5)) and None)
one("compress", lambda n: (n.conv(8, 8), n.op("Compress", n.x, n.const([1, 0, 1, 1, 0, 0, 1, 0], np.bool_), axis=1)) and None)
one("cast_int", lambda n: (n.conv(8, 8), n.op("Cast", to=TensorProto.INT32)) and None)

# Binary operations with a constant and with each other.
for _kind in ("Add", "Sub", "Mul", "Div", "Pow", "Min", "Max", "Mod"):
    one("bin_" + _kind.lower(), lambda n, kind=_kind: n.op(kind, n.op("Abs", n.conv(8, 8)), n.const(
        np.linspace(0.5, 2, 8).reshape(8, 1, 1)), **({"fmod": 1} if kind == "Mod" else {})) and None)
one("add_residual", lambda n: n.op("Add", n.conv(8, 8), n.conv(8, 8)) and None)
one("mul_gate", lambda n: n.op("Mul", n.conv(8, 8), n.op("Sigmoid", n.conv(8, 8, x="x0"))) and None)

# Integers: classes and places, behind a type conversion, and what is made of them.
for _kind in ("Add", "Sub", "Mul", "Div", "Min", "Max"):
    one("int_" + _kind.lower(), lambda n, kind=_kind: (n.conv(8, 8), n.op("Cast", to=TensorProto.INT32), n.op(
        kind, n.x, n.const(np.arange(1, 9).reshape(8, 1, 1), np.int32))) and None)
for _kind in ("Sum", "Max", "Min", "Mean", "Prod"):
    one("int_reduce_" + _kind.lower(), lambda n, kind=_kind: (n.conv(8, 8), n.op("Cast", to=TensorProto.INT32), n.op(
        "Reduce" + kind, n.x, axes=[1], keepdims=1)) and None)
one("argmax_add", lambda n: (n.conv(8, 10), n.op("ArgMax", n.x, axis=1), n.op("Add", n.x, n.const(1, np.int64))) and None)
for _kind in ("And", "Or", "Xor"):
    one("bool_" + _kind.lower(), lambda n, kind=_kind: n.op("Cast", n.op(
        kind, n.op("Greater", n.conv(8, 8), n.const(0.1)), n.op("Less", "t0_0", n.const(0.5))), to=TensorProto.FLOAT) and None)
one("roi_align", lambda n: n.op("RoiAlign", n.conv(8, 8), n.const([[1, 1, 9, 12], [0, 3, 14, 15]]), n.const([0, 0], np.int64),
                                output_height=3, output_width=3, sampling_ratio=2) and None)

# Norms and heads.
one("softmax", lambda n: (n.conv(8, 10), n.op("GlobalAveragePool"), n.op("Flatten", axis=1), n.op("Softmax", axis=1)) and None)
one("log_softmax", lambda n: (n.conv(8, 10), n.op("GlobalAveragePool"), n.op("Flatten", axis=1), n.op("LogSoftmax", axis=1)) and None)
one("lrn", lambda n: (n.conv(8, 8), n.op("LRN", size=3)) and None)
one("instance_norm", lambda n: n.op("InstanceNormalization", n.conv(8, 8), n.const(np.linspace(0.5, 2, 8)),
                                    n.const(np.linspace(-1, 1, 8))) and None)
one("lp_norm", lambda n: (n.conv(8, 8), n.op("LpNormalization", axis=1, p=2)) and None)
one("fc", lambda n: (n.op("Flatten", axis=1), n.op("Gemm", n.x, n.weights(20, 512), n.const(np.linspace(-1, 1, 20)),
                                                   transB=1)) and None, (8, 8, 8))
one("fc_relu_fc", lambda n: (n.op("Flatten", axis=1),
                             n.op("Gemm", n.x, n.weights(20, 64), n.const(np.zeros(20)), transB=1), n.op("Relu"),
                             n.op("Gemm", n.x, n.weights(5, 20), n.const(np.ones(5)), transB=1)) and None, (4, 4, 4))
one("gap_fc", lambda n: (n.conv(8, 24), n.op("GlobalAveragePool"), n.conv(24, 10, kernel=1)) and None)
one("matmul", lambda n: (n.conv(8, 8), n.op("MatMul", n.x, n.weights(16, 12))) and None)
one("matmul_two", lambda n: n.op("MatMul", n.conv(2, 2), n.op("Transpose", n.conv(2, 2, x="x0"), perm=[0, 1, 3, 2])) and None,
    (2, 6, 5))


@graph
def layer_norm():
    net = Net("layer_norm", (8, 16, 16))
    x = net.conv(8, 8)
    centred = net.op("Sub", x, net.op("ReduceMean", x, axes=[-1]))
    square = net.op("Pow", centred, net.const(2.0))
    deviation = net.op("Sqrt", net.op("Add", net.op("ReduceMean", square, axes=[-1]), net.const(1e-5)))
    net.op("Add", net.op("Mul", net.op("Div", centred, deviation), net.const(np.linspace(0.5, 2, 16))),
           net.const(np.linspace(-1, 1, 16)))
    return net.case()


def _recurrent(kind, direction, gates, **attributes):
    def build(net):
        directions = 2 if direction == "bidirectional" else 1
        net.op("Squeeze", axes=[2])
        net.op("Transpose", perm=[2, 0, 1])
        net.op(kind, net.x, net.const(net.random.standard_normal((directions, gates * 4, 8)) * 0.3),
               net.const(net.random.standard_normal((directions, gates * 4, 4)) * 0.3),
               net.const(net.random.standard_normal((directions, 2 * gates * 4)) * 0.1), outputs=1, hidden_size=4,
               direction=direction, **attributes)
    return build


for _direction in ("forward", "reverse", "bidirectional"):
    one("gru_" + _direction, _recurrent("GRU", _direction, 3), (8, 1, 6))
    one("lstm_" + _direction, _recurrent("LSTM", _direction, 4), (8, 1, 6))
one("gru_linear", _recurrent("GRU", "forward", 3, linear_before_reset=1), (8, 1, 6))


@graph
def squeeze_excite():
    net = Net("squeeze_excite", (8, 16, 16))
    x = net.conv(8, 16)
    net.op("GlobalAveragePool")
    net.conv(16, 4, kernel=1)
    net.op("Relu")
    net.conv(4, 16, kernel=1)
    net.op("Mul", x, net.op("Sigmoid"))
    return net.case()


@graph
def two_inputs():
    net = Net("two_inputs", (8, 16, 16), (8, 16, 16))
    net.op("Add", net.conv(8, 8), net.conv(8, 8, x="x1"))
    return net.case(uint8=False)


# Types and layouts of inputs and outputs.
one("int8_input", lambda n: n.conv(3, 8), (3, 16, 16), input_type="int8")
one("uint8_output", lambda n: n.conv(8, 8), output_type="uint8")
one("int8_output", lambda n: n.conv(8, 8), output_type="int8")
one("float_input", lambda n: n.conv(3, 8), (3, 16, 16), uint8=False)
one("mean_std", lambda n: n.conv(3, 8), (3, 16, 16), mean=[0.4, 0.5, 0.6], std=[0.2, 0.3, 0.25])
one("nhwc_input", lambda n: n.conv(3, 8), (3, 16, 16), input_layout="NHWC")
