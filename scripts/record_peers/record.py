#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records what ONNX Runtime, onnx.reference, LiteRT and TFLite Micro compute for the layers of
cases.py, for the tests that hold golden/quantised to it.

record.py FOLDER

Writes FOLDER/onnx.json and FOLDER/tflite.json. Arrays are strings of two hexadecimal digits a code
(two's complement), in the order of the axes C H W or O I Kh Kw. `make record-peers` runs this with
the versions in requirements.txt.
"""
import json
import pathlib
import sys

import numpy as np

import cases
import onnx_peer
import tflite_peer


def text(codes):
    return np.ascontiguousarray(codes.astype(np.uint8)).tobytes().hex()


def entry(case, outputs):
    """A case as JSON; outputs that are equal are stored once, under all their names."""
    x_scale, w_scale, y_scale = case.scales()
    result = {
        'name': case.name, 'shape': list(case.x.shape), 'out_channels': case.w.shape[0],
        'kernel': case.kernel, 'depthwise': case.depthwise, 'stride': case.stride,
        'pads': list(case.pads), 'activation': case.activation,
        'x_type': case.x_type, 'x_scale': float(x_scale), 'x_zero': case.x_zero,
        'w_type': case.w_type, 'w_scale': [float(s) for s in w_scale], 'w_zero': case.w_zero,
        'y_type': case.y_type, 'y_scale': float(y_scale), 'y_zero': case.y_zero,
        'bias': case.bias.tolist(), 'x': text(case.x), 'w': text(case.w), 'outputs': [],
    }
    for name, codes in outputs.items():
        for output in result['outputs']:
            if output['y'] == text(codes):
                output['rules'].append(name)
                break
        else:
            result['outputs'].append({'rules': [name], 'y': text(codes)})
    return result


def save(path, versions, peer, todo):
    entries = [entry(case, peer.run(case)) for case in todo]
    lines = ',\n'.join(json.dumps(e) for e in entries)
    path.write_text(f'{{"versions": {json.dumps(versions)},\n"cases": [\n{lines}\n]}}\n')
    print(f'{path}: {len(entries)} layers')


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    save(folder / 'onnx.json', onnx_peer.VERSIONS, onnx_peer, cases.onnx_cases())
    save(folder / 'tflite.json', tflite_peer.VERSIONS, tflite_peer, cases.tflite_cases())


if __name__ == '__main__':
    main()
