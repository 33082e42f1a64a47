# SPDX-License-Identifier: Apache-2.0
"""A small quantised network with a branch, and the codes that ONNX Runtime has between its layers.

Convolutions in both forms (QLinearConv, and Conv between DequantizeLinear and QuantizeLinear), a
sum, a maximum and both kinds of averages.
"""
import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import onnx_peer

SEED = 20250203
SIZE = 8


class Builder:
    """Nodes and constants, with the codes to record."""

    def __init__(self):
        self.random = np.random.default_rng(SEED)
        self.nodes, self.constants, self.codes = [], [], []

    def constant(self, name, value):
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def node(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], output, **attributes))
        return output

    def scale(self, name, scale, zero):
        return [self.constant(f'{name}_scale', np.float32(scale)),
                self.constant(f'{name}_zero', np.uint8(zero))]

    def quantize(self, value, name, scale, zero):
        self.node('QuantizeLinear', [value, *self.scale(name, scale, zero)], name)
        self.codes.append(name)
        return self.dequantize(name)

    def dequantize(self, name):
        return self.node('DequantizeLinear', [name, f'{name}_scale', f'{name}_zero'], f'{name}_real')

    def weights(self, name, shape, bias_scale):
        # Within -63..63 no pair of products saturates on any processor.
        w = self.random.integers(-63, 64, shape).astype(np.int8)
        self.constant(f'{name}_w', w)
        self.constant(f'{name}_w_scale', np.float32(1 / 64))
        self.constant(f'{name}_w_zero', np.int8(0))
        self.constant(f'{name}_b', self.random.integers(-900, 900, shape[0]).astype(np.int32))
        self.constant(f'{name}_b_scale', np.float32(bias_scale / 64))

    def conv(self, value, name, shape, x_scale, y_scale, y_zero, relu=False, **attributes):
        """Conv between DequantizeLinear and QuantizeLinear; weights of scale 1/64."""
        self.weights(name, shape, x_scale)
        w = self.node('DequantizeLinear', [f'{name}_w', f'{name}_w_scale', f'{name}_w_zero'],
                      f'{name}_w_real')
        b = self.node('DequantizeLinear', [f'{name}_b', f'{name}_b_scale'], f'{name}_b_real')
        result = self.node('Conv', [value, w, b], f'{name}_conv', **attributes)
        if relu:
            result = self.node('Relu', [result], f'{name}_relu')
        return self.quantize(result, name, y_scale, y_zero)


def build():
    """The model and the names of its tensors of codes."""
    b = Builder()
    x = b.quantize('image', 'x', 1 / 64, 0)
    first = b.conv(x, 'first', (8, 3, 3, 3), 1 / 64, 1 / 16, 0, relu=True, pads=[1] * 4)
    deep = b.conv(first, 'deep', (8, 1, 3, 3), 1 / 16, 1 / 8, 119, group=8, pads=[1] * 4)
    total = b.quantize(b.node('Add', [first, deep], 'add'), 'total', 0.2, 101)
    pooled = b.quantize(b.node('MaxPool', [total], 'max', kernel_shape=[2, 2], strides=[2, 2]),
                        'pooled', 0.2, 101)
    b.quantize(b.node('AveragePool', [pooled], 'mean', kernel_shape=[2, 2], strides=[2, 2]),
               'averaged', 0.15, 97)
    b.weights('linear', (4, 8, 1, 1), 0.15)
    b.node('QLinearConv', ['averaged', 'averaged_scale', 'averaged_zero', 'linear_w',
                           'linear_w_scale', 'linear_w_zero', *b.scale('linear', 0.3, 128),
                           'linear_b'], 'linear')
    b.codes.append('linear')
    whole = b.node('GlobalAveragePool', [b.dequantize('linear')], 'whole_mean')
    b.quantize(whole, 'whole', 0.1, 120)
    graph = helper.make_graph(
        b.nodes, 'branch',
        [helper.make_tensor_value_info('image', TensorProto.FLOAT, (1, 3, SIZE, SIZE))],
        [helper.make_tensor_value_info(name, TensorProto.UINT8, None) for name in b.codes],
        b.constants)
    model = helper.make_model(graph,
                              opset_imports=[helper.make_opsetid('', onnx_peer.OPSET)])
    model.ir_version = 10
    return model, b.codes


def run():
    """The model's bytes, its input (planar multiples of 1/64 and ties between), codes by name."""
    model, names = build()
    data = model.SerializeToString()
    random = np.random.default_rng(SEED + 1)
    image = (random.integers(0, 512, (1, 3, SIZE, SIZE)) / 128).astype(np.float32)
    session = onnxruntime.InferenceSession(data, providers=['CPUExecutionProvider'])
    return data, image, dict(zip(names, session.run(names, {'image': image})))
