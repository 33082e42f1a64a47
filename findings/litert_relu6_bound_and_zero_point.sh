#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# LiteRT with its default delegate rounds the upper bound of a fused ReLU6 with the output's zero point added: where
# 6 / scale is a half, the largest real value that a convolution can give depends on whether the zero point is odd.
# Its own kernels (reference and optimised) round half away from zero, whatever the zero point. The model is one valid
# 1x1 convolution whose input is far above 6; it is built with the schema that the package itself brings.
. "$(dirname "$(realpath "$0")")/common.sh"
venv v ai-edge-litert==2.3.0 numpy==2.2.6 flatbuffers==25.12.19

cat > bound.py <<'P'
import sys
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as s
from ai_edge_litert.interpreter import Interpreter, OpResolverType

Y_SCALE = 0.096  # 6 / 0.096 = 62.5 codes


def model(zero):
    graph, m = s.SubGraphT(), s.ModelT()
    m.version, m.buffers, m.subgraphs, graph.tensors = 3, [s.BufferT()], [graph], []

    def tensor(name, shape, kind, scale, zero_point, data=None):
        t, q, b = s.TensorT(), s.QuantizationParametersT(), s.BufferT()
        q.scale, q.zeroPoint = np.array([scale], np.float32), np.array([zero_point], np.int64)
        if data is not None:
            b.data = np.frombuffer(data.tobytes(), np.uint8)
        m.buffers.append(b)
        t.name, t.shape, t.type, t.quantization, t.buffer = name, np.array(shape, np.int32), kind, q, len(m.buffers) - 1
        graph.tensors.append(t)
        return len(graph.tensors) - 1

    int8, int32 = s.TensorType.INT8, s.TensorType.INT32
    x = tensor("x", (1, 1, 1, 1), int8, 0.5, 0)
    w = tensor("w", (1, 1, 1, 1), int8, 0.5, 0, np.array([127], np.int8))
    b = tensor("b", (1,), int32, 0.25, 0, np.array([0], np.int32))
    y = tensor("y", (1, 1, 1, 1), int8, Y_SCALE, zero)
    code, op, options = s.OperatorCodeT(), s.OperatorT(), s.Conv2DOptionsT()
    code.builtinCode = code.deprecatedBuiltinCode = s.BuiltinOperator.CONV_2D
    code.version = 3
    options.strideH = options.strideW = options.dilationHFactor = options.dilationWFactor = 1
    options.padding, options.fusedActivationFunction = s.Padding.VALID, s.ActivationFunctionType.RELU6
    op.opcodeIndex, op.inputs, op.outputs, op.builtinOptions = 0, [x, w, b], [y], options
    op.builtinOptionsType = s.BuiltinOptions.Conv2DOptions
    m.operatorCodes, graph.operators, graph.inputs, graph.outputs = [code], [op], [x], [y]
    builder = flatbuffers.Builder(256)
    builder.Finish(m.Pack(builder), b"TFL3")
    return bytes(builder.Output())


resolver, zero = getattr(OpResolverType, sys.argv[1]), int(sys.argv[2])
interpreter = Interpreter(model_content=model(zero), experimental_op_resolver_type=resolver)
interpreter.allocate_tensors()
interpreter.set_tensor(interpreter.get_input_details()[0]["index"], np.full((1, 1, 1, 1), 127, np.int8))
interpreter.invoke()
print(int(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).item()) - zero)
P
codes() { v/bin/python bound.py "$1" "$2" 2> /dev/null; }
seen "codes above zero of 6.0, default delegate, zero point -128" 62 "$(codes AUTO -128)"
seen "codes above zero of 6.0, default delegate, zero point -127" 63 "$(codes AUTO -127)"
seen "codes above zero of 6.0, own kernels, zero point -128" 63 "$(codes BUILTIN_WITHOUT_DEFAULT_DELEGATES -128)"
seen "codes above zero of 6.0, own kernels, zero point -127" 63 "$(codes BUILTIN_WITHOUT_DEFAULT_DELEGATES -127)"
seen "codes above zero of 6.0, reference kernels, zero point -128" 63 "$(codes BUILTIN_REF -128)"
result
