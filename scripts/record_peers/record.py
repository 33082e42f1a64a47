#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records what ONNX Runtime, onnx.reference, LiteRT and TFLite Micro compute for the layers of
cases.py, for the tests that hold golden/quantised to it.

record.py FOLDER [convolutions|avx2|elementwise|network ...]

Writes onnx.json and tflite.json (convolutions), onnx_avx2.json (convolutions on a processor without
VNNI, which qemu-x86_64 of the package qemu-user plays), onnx_elementwise.json and
tflite_elementwise.json (sums and averages), branch.onnx and branch.json (a whole network, its input,
and the codes between its layers). Arrays are strings of two hexadecimal digits a code
(two's complement), in the order of the axes C H W or O I Kh Kw. `make record-peers` runs this with
the versions in requirements.txt.
"""
import dataclasses
import json
import pathlib
import subprocess
import sys

import numpy as np

import cases
import elementwise_cases
import onnx_elementwise
import onnx_network
import onnx_peer
import tflite_elementwise
import tflite_peer


def text(codes):
    return np.ascontiguousarray(codes.astype(np.uint8)).tobytes().hex()


def grouped(outputs):
    """Outputs by rule name as JSON; those that are equal once, under all their names."""
    result = []
    for name, codes in outputs.items():
        for output in result:
            if output['y'] == text(codes):
                output['rules'].append(name)
                break
        else:
            result.append({'rules': [name], 'y': text(codes)})
    return result


def entry(case, outputs):
    """A convolution as JSON."""
    x_scale, w_scale, y_scale = case.scales()
    result = {
        'name': case.name, 'shape': list(case.x.shape), 'out_channels': case.w.shape[0],
        'kernel': case.kernel, 'depthwise': case.depthwise, 'stride': case.stride,
        'pads': list(case.pads), 'activation': case.activation,
        'x_type': case.x_type, 'x_scale': float(x_scale), 'x_zero': case.x_zero,
        'w_type': case.w_type, 'w_scale': [float(s) for s in w_scale], 'w_zero': case.w_zero,
        'y_type': case.y_type, 'y_scale': float(y_scale), 'y_zero': case.y_zero,
        'bias': case.bias.tolist(), 'x': text(case.x), 'w': text(case.w),
        'outputs': grouped(outputs),
    }
    return result


def elementwise_entry(case, outputs):
    result = {'operator': type(case).__name__}
    for field in dataclasses.fields(case):
        value = getattr(case, field.name)
        if isinstance(value, np.ndarray):
            result[field.name + '_shape'] = list(value.shape)
            value = text(value)
        elif isinstance(value, float):
            value = float(np.float32(value))
        result[field.name] = value
    result['outputs'] = grouped(outputs)
    return result


def save(path, versions, entries):
    lines = ',\n'.join(json.dumps(e) for e in entries)
    path.write_text(f'{{"versions": {json.dumps(versions)},\n"cases": [\n{lines}\n]}}\n')
    print(f'{path}: {len(entries)} layers')


def record_convolutions(folder):
    for name, peer, todo in (('onnx', onnx_peer, cases.onnx_cases()),
                             ('tflite', tflite_peer, cases.tflite_cases())):
        save(folder / f'{name}.json', peer.VERSIONS, [entry(case, peer.run(case)) for case in todo])


def record_avx2(folder):
    """This script again, on a Haswell that the emulator plays."""
    subprocess.run(['qemu-x86_64', '-cpu', 'Haswell', sys.executable, __file__, str(folder),
                    'on-haswell'], check=True)


def record_on_haswell(folder):
    todo = cases.saturating_cases()
    save(folder / 'onnx_avx2.json', onnx_peer.VERSIONS,
         [entry(case, {'onnxruntime-avx2': onnx_peer.run(case)['onnxruntime']}) for case in todo])


def record_elementwise(folder):
    for name, peer, versions, kinds in (
            ('onnx', onnx_elementwise, onnx_peer.VERSIONS, ('uint8', 'int8')),
            ('tflite', tflite_elementwise, tflite_peer.VERSIONS, ('int8',))):
        adds = [elementwise_entry(c, peer.run_add(c)) for c in elementwise_cases.adds(kinds)]
        pools = [elementwise_entry(c, peer.run_pool(c))
                 for c in elementwise_cases.pools(kinds, name == 'tflite')]
        save(folder / f'{name}_elementwise.json', versions, adds + pools)


def record_network(folder):
    data, image, codes = onnx_network.run()
    (folder / 'branch.onnx').write_bytes(data)
    record = {'versions': onnx_peer.VERSIONS, 'image': image.reshape(-1).tolist(),
              'codes': {name: text(value) for name, value in codes.items()}}
    (folder / 'branch.json').write_text(json.dumps(record) + '\n')
    print(f'{folder}/branch.onnx: {len(codes)} tensors')


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    steps = {'convolutions': record_convolutions, 'avx2': record_avx2,
             'elementwise': record_elementwise, 'network': record_network}
    if sys.argv[2:] == ['on-haswell']:
        return record_on_haswell(folder)
    for name in sys.argv[2:] or steps:
        steps[name](folder)


if __name__ == '__main__':
    main()
