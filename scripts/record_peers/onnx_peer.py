# SPDX-License-Identifier: Apache-2.0
"""A case as a QLinearConv in ONNX Runtime and in onnx.reference."""
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

VERSIONS = {'onnxruntime': onnxruntime.__version__, 'onnx-reference': onnx.__version__}
OPSET = 21


def model_bytes(case):
    x_scale, w_scale, y_scale = case.scales()
    types = {'uint8': np.uint8, 'int8': np.int8}
    single = len(case.w_scale) == 1
    constants = {
        'x_scale': x_scale, 'x_zero': types[case.x_type](case.x_zero),
        'w': case.w.astype(types[case.w_type]),
        'w_scale': w_scale[0] if single else w_scale,
        'w_zero': types[case.w_type](case.w_zero[0]) if single
        else np.array(case.w_zero, types[case.w_type]),
        'y_scale': y_scale, 'y_zero': types[case.y_type](case.y_zero), 'bias': case.bias,
    }
    node = helper.make_node(
        'QLinearConv', ['x', 'x_scale', 'x_zero', 'w', 'w_scale', 'w_zero', 'y_scale', 'y_zero',
                        'bias'], ['y'], kernel_shape=[case.kernel] * 2,
        strides=[case.stride] * 2, pads=list(case.pads),
        group=case.x.shape[0] if case.depthwise else 1)
    kind = {'uint8': TensorProto.UINT8, 'int8': TensorProto.INT8}
    graph = helper.make_graph(
        [node], case.name,
        [helper.make_tensor_value_info('x', kind[case.x_type], (1, *case.x.shape))],
        [helper.make_tensor_value_info('y', kind[case.y_type], None)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', OPSET)])
    model.ir_version = 10
    return model.SerializeToString()


def run(case):
    """Output codes by rule name."""
    data = model_bytes(case)
    feeds = {'x': case.x[None].astype({'uint8': np.uint8, 'int8': np.int8}[case.x_type])}
    session = onnxruntime.InferenceSession(data, providers=['CPUExecutionProvider'])
    results = {'onnxruntime': session.run(None, feeds)[0][0]}
    if len(set(case.w_scale)) == 1:  # for several scales it wants shapes that the format has not
        results['onnx-reference'] = ReferenceEvaluator(onnx.load_from_string(data)).run(
            None, feeds)[0][0]
    return results
