# SPDX-License-Identifier: Apache-2.0
"""A case as a CONV_2D or DEPTHWISE_CONV_2D in LiteRT (three resolvers) and in TFLite Micro."""
import importlib.metadata

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from tflite_micro.python.tflite_micro import runtime as micro

VERSIONS = {
    'litert': importlib.metadata.version('ai-edge-litert'),
    'tflite-micro': importlib.metadata.version('tflite-micro'),
}
RESOLVERS = {
    'litert': OpResolverType.AUTO,
    'litert-builtin': OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    'litert-reference': OpResolverType.BUILTIN_REF,
}
ACTIVATIONS = {'none': 0, 'relu': 1, 'relu6': 3}


def tensor(model, name, shape, kind, scale, zero, data=None):
    """Adds a tensor with its buffer; gives its index."""
    quantization = schema.QuantizationParametersT()
    quantization.scale = np.atleast_1d(np.asarray(scale, np.float32))
    quantization.zeroPoint = np.atleast_1d(np.asarray(zero, np.int64))
    buffer = schema.BufferT()
    if data is not None:
        buffer.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
    model.buffers.append(buffer)
    result = schema.TensorT()
    result.name, result.shape, result.type = name, np.array(shape, np.int32), kind
    result.quantization, result.buffer = quantization, len(model.buffers) - 1
    tensors = model.subgraphs[0].tensors
    tensors.append(result)
    return len(tensors) - 1


def padding_of(case):
    """TFLite's name for the case's padding; an assertion guards the cases."""
    if case.kernel == 1 or case.pads == (0, 0, 0, 0):
        return schema.Padding.VALID
    for axis, size in enumerate(case.x.shape[1:]):
        total = max(0, (-(-size // case.stride) - 1) * case.stride + case.kernel - size)
        assert (total // 2, total - total // 2) == (case.pads[axis], case.pads[axis + 2]), case.name
    return schema.Padding.SAME


def model_bytes(case):
    x_scale, w_scale, y_scale = case.scales()
    oc = case.w.shape[0]
    w = case.w.astype(np.int8)
    model = schema.ModelT()
    model.version = 3
    model.buffers = [schema.BufferT()]
    graph = schema.SubGraphT()
    graph.tensors = []
    model.subgraphs = [graph]
    options = schema.DepthwiseConv2DOptionsT() if case.depthwise else schema.Conv2DOptionsT()
    options.strideH = options.strideW = case.stride
    options.dilationHFactor = options.dilationWFactor = 1
    options.padding = padding_of(case)
    options.fusedActivationFunction = ACTIVATIONS[case.activation]
    if case.depthwise:
        options.depthMultiplier = 1
        w = w.transpose(1, 2, 3, 0)
    else:
        w = w.transpose(0, 2, 3, 1)
    ic, height, width = case.x.shape
    rows, columns = output_size(case)
    int8, int32 = schema.TensorType.INT8, schema.TensorType.INT32
    inputs = [tensor(model, 'x', (1, height, width, ic), int8, x_scale, case.x_zero),
              tensor(model, 'w', w.shape, int8, w_scale, case.w_zero, w),
              tensor(model, 'b', (oc,), int32, x_scale * w_scale, case.w_zero, case.bias)]
    model.subgraphs[0].tensors[1].quantization.quantizedDimension = 3 if case.depthwise else 0
    output = tensor(model, 'y', (1, rows, columns, oc), int8, y_scale, case.y_zero)
    operator = (schema.BuiltinOperator.DEPTHWISE_CONV_2D if case.depthwise
                else schema.BuiltinOperator.CONV_2D)
    kind = (schema.BuiltinOptions.DepthwiseConv2DOptions if case.depthwise
            else schema.BuiltinOptions.Conv2DOptions)
    return finish(model, operator, 3, kind, options, inputs, inputs[:1], output)


def finish(model, builtin, version, options_type, options, inputs, graph_inputs, output):
    """The bytes of a model with one operator."""
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = builtin
    code.version = version
    model.operatorCodes = [code]
    operator = schema.OperatorT()
    operator.opcodeIndex, operator.inputs, operator.outputs = 0, inputs, [output]
    operator.builtinOptionsType = options_type
    operator.builtinOptions = options
    graph = model.subgraphs[0]
    graph.operators, graph.inputs, graph.outputs = [operator], graph_inputs, [output]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b'TFL3')
    return bytes(builder.Output())


def output_size(case):
    _, height, width = case.x.shape
    return ((height + case.pads[0] + case.pads[2] - case.kernel) // case.stride + 1,
            (width + case.pads[1] + case.pads[3] - case.kernel) // case.stride + 1)


def run_model(data, inputs):
    """Output codes of a model by rule name."""
    inputs = [np.ascontiguousarray(x.astype(np.int8)) for x in inputs]
    results = {}
    for name, resolver in RESOLVERS.items():
        interpreter = Interpreter(model_content=data, experimental_op_resolver_type=resolver)
        interpreter.allocate_tensors()
        for detail, x in zip(interpreter.get_input_details(), inputs):
            interpreter.set_tensor(detail['index'], x)
        interpreter.invoke()
        results[name] = interpreter.get_tensor(interpreter.get_output_details()[0]['index'])
    interpreter = micro.Interpreter.from_bytes(data)
    for i, x in enumerate(inputs):
        interpreter.set_input(x, i)
    interpreter.invoke()
    results['tflite-micro'] = interpreter.get_output(0)
    return results


def run(case):
    """Output codes by rule name, C H W."""
    results = run_model(model_bytes(case), [case.x.transpose(1, 2, 0)[None]])
    return {name: y[0].transpose(2, 0, 1) for name, y in results.items()}
