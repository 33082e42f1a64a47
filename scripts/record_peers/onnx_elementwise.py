# SPDX-License-Identifier: Apache-2.0
"""Sums and averages in ONNX Runtime: QLinearAdd, QLinearAveragePool, QLinearGlobalAveragePool."""
import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import onnx_peer

DOMAIN = 'com.microsoft'
TYPES = {'uint8': np.uint8, 'int8': np.int8}
KINDS = {'uint8': TensorProto.UINT8, 'int8': TensorProto.INT8}


def session(node, kind, inputs, constants):
    """inputs: shapes by name; constants: by name."""
    graph = helper.make_graph(
        [node], 'g',
        [helper.make_tensor_value_info(n, KINDS[kind], s) for n, s in inputs.items()],
        [helper.make_tensor_value_info('y', KINDS[kind], None)],
        [numpy_helper.from_array(np.asarray(v), n) for n, v in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', onnx_peer.OPSET),
                                                    helper.make_opsetid(DOMAIN, 1)])
    model.ir_version = 10
    return onnxruntime.InferenceSession(model.SerializeToString(),
                                        providers=['CPUExecutionProvider'])


def run_add(case):
    code = TYPES[case.kind]
    node = helper.make_node('QLinearAdd', ['a', 'as', 'az', 'b', 'bs', 'bz', 'cs', 'cz'], ['y'],
                            domain=DOMAIN)
    constants = {'as': np.float32(case.a_scale), 'az': code(case.a_zero),
                 'bs': np.float32(case.b_scale), 'bz': code(case.b_zero),
                 'cs': np.float32(case.c_scale), 'cz': code(case.c_zero)}
    shape = case.a.shape
    run = session(node, case.kind, {'a': shape, 'b': shape}, constants)
    return {'onnxruntime': run.run(None, {'a': case.a.astype(code), 'b': case.b.astype(code)})[0]}


def run_pool(case):
    code = TYPES[case.kind]
    names = ['x', 'xs', 'xz', 'ys', 'yz']
    if case.kernel:
        node = helper.make_node('QLinearAveragePool', names, ['y'], domain=DOMAIN,
                                kernel_shape=[case.kernel] * 2, strides=[case.stride] * 2,
                                pads=list(case.pads))
    else:
        node = helper.make_node('QLinearGlobalAveragePool', names, ['y'], domain=DOMAIN)
    constants = {'xs': np.float32(case.x_scale), 'xz': code(case.x_zero),
                 'ys': np.float32(case.y_scale), 'yz': code(case.y_zero)}
    run = session(node, case.kind, {'x': (1, *case.x.shape)}, constants)
    return {'onnxruntime': run.run(None, {'x': case.x[None].astype(code)})[0][0]}
