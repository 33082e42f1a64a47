# SPDX-License-Identifier: Apache-2.0
"""Compiles one network with the installed nncase for the K210 and runs its simulator.

    vendor.py NET.onnx CALIBRATION.npy TEST.npy OUT.npz

The pictures are uint8 [count, 3, height, width]. OUT holds the outputs o0, o1, .. as [count, ..] and `seconds`, the
compiler's processor time. A process for each network, since the compiler may end it.
"""

import pathlib
import sys
import time

import nncase
import numpy as np


def main():
    model, calibration, test = pathlib.Path(sys.argv[1]).read_bytes(), np.load(sys.argv[2]), np.load(sys.argv[3])
    begin = time.process_time()
    options = nncase.CompileOptions()
    options.target = "k210"
    options.dump_ir = options.dump_asm = False
    options.preprocess = True
    options.input_type = "uint8"
    options.input_shape = [1, *test.shape[1:]]
    options.input_range = [0, 1]
    options.input_layout = options.output_layout = "NCHW"
    options.swapRB = False
    options.letterbox_value = 0
    options.mean, options.std = [0.0] * 3, [1.0] * 3
    compiler = nncase.Compiler(options)
    compiler.import_onnx(model, nncase.ImportOptions())
    quantising = nncase.PTQTensorOptions()
    quantising.samples_count = len(calibration)
    quantising.set_tensor_data(calibration.tobytes())
    compiler.use_ptq(quantising)
    compiler.compile()
    kmodel = compiler.gencode_tobytes()
    seconds = time.process_time() - begin
    simulator = nncase.Simulator()
    simulator.load_model(kmodel)
    outputs = []
    for picture in test:
        simulator.set_input_tensor(0, nncase.RuntimeTensor.from_numpy(picture[None].copy()))
        simulator.run()
        outputs.append([simulator.get_output_tensor(i).to_numpy().copy() for i in range(simulator.outputs_size)])
    np.savez(sys.argv[4], seconds=seconds, **{f"o{i}": np.stack(values) for i, values in enumerate(zip(*outputs))})


if __name__ == "__main__":
    main()
