# SPDX-License-Identifier: Apache-2.0
"""Sums and averages in LiteRT (three resolvers) and TFLite Micro: ADD, AVERAGE_POOL_2D."""
import numpy as np
from ai_edge_litert import schema_py_generated as schema

import tflite_peer


def build(inputs, output, code, options_type, options, version):
    """inputs, output: (shape, scale, zero)."""
    model = schema.ModelT()
    model.version = 3
    model.buffers = [schema.BufferT()]
    graph = schema.SubGraphT()
    graph.tensors = []
    model.subgraphs = [graph]
    kind = schema.TensorType.INT8
    places = [tflite_peer.tensor(model, f'x{i}', shape, kind, scale, zero)
              for i, (shape, scale, zero) in enumerate(inputs)]
    shape, scale, zero = output
    last = tflite_peer.tensor(model, 'y', shape, kind, scale, zero)
    return tflite_peer.finish(model, code, version, options_type, options, places, places, last)


def run_add(case):
    options = schema.AddOptionsT()
    shape = (1, len(case.a))
    data = build([(shape, case.a_scale, case.a_zero), (shape, case.b_scale, case.b_zero)],
                 (shape, case.c_scale, case.c_zero), schema.BuiltinOperator.ADD,
                 schema.BuiltinOptions.AddOptions, options, 2)
    results = tflite_peer.run_model(data, [case.a[None], case.b[None]])
    return {name: y[0] for name, y in results.items()}


def run_pool(case):
    options = schema.Pool2DOptionsT()
    _, height, width = case.x.shape
    kernel = case.kernel or height
    options.filterHeight = options.filterWidth = kernel
    options.strideH = options.strideW = case.stride
    options.padding = schema.Padding.SAME if any(case.pads) else schema.Padding.VALID
    rows, columns = [(n + a + b - kernel) // case.stride + 1 for n, a, b in
                     zip((height, width), case.pads[:2], case.pads[2:])]
    channels = case.x.shape[0]
    data = build([((1, height, width, channels), case.x_scale, case.x_zero)],
                 ((1, rows, columns, channels), case.y_scale, case.y_zero),
                 schema.BuiltinOperator.AVERAGE_POOL_2D, schema.BuiltinOptions.Pool2DOptions,
                 options, 2)
    results = tflite_peer.run_model(data, [case.x.transpose(1, 2, 0)[None]])
    return {name: y[0].transpose(2, 0, 1) for name, y in results.items()}
