# SPDX-License-Identifier: Apache-2.0
"""Compiles one graph with the installed nncase for the K210 and runs it on nncase's simulator.

    compile_case.py GRAPH FOLDER

Writes FOLDER/GRAPH.kmodel, .in0.bin, .. and .out0.bin, ..; runs in the virtual environment of one release, a process
for each graph, since the compiler may end it.
"""

import pathlib
import sys

import nncase
import numpy as np

import graphs

CALIBRATION = 4  # pictures


def picture(random, shape):
    """Smooth noise, so that calibration and input look alike: uint8."""
    noise = random.integers(0, 256, shape).astype(np.float64)
    return np.clip((noise + np.roll(noise, 1, -1) + np.roll(noise, 1, -2)) / 3, 0, 255).astype(np.uint8)


def compile_case(case, samples):
    """The kmodel's bytes. `samples` holds calibration inputs as the network takes them."""
    options = nncase.CompileOptions()
    options.target = "k210"
    options.dump_ir = options.dump_asm = False
    if case.uint8:
        options.preprocess = True
        options.input_type = "uint8"
        options.input_shape = case.inputs[0]
        options.input_range = [0, 1]
        options.input_layout = options.output_layout = "NCHW"
        options.swapRB = False
        options.letterbox_value = 0
        options.mean, options.std = [0.0] * 3, [1.0] * 3
        for name, value in case.options.items():
            setattr(options, name, value)
        if options.input_layout == "NHWC":
            batch, channels, height, width = case.inputs[0]
            options.input_shape = [batch, height, width, channels]
    compiler = nncase.Compiler(options)
    compiler.import_onnx(case.model.SerializeToString(), nncase.ImportOptions())
    calibration = nncase.PTQTensorOptions()
    calibration.samples_count = len(samples)
    calibration.set_tensor_data(b"".join(array.tobytes() for sample in samples for array in sample))
    compiler.use_ptq(calibration)
    compiler.compile()
    return compiler.gencode_tobytes()


def make_inputs(case, random):
    if case.uint8:
        code = picture(random, case.inputs[0])
        kind = case.options.get("input_type", "uint8")
        if case.options.get("input_layout") == "NHWC":
            code = np.ascontiguousarray(code.transpose(0, 2, 3, 1))
        return [(code.astype(np.int16) - 128).astype(np.int8) if kind == "int8" else code]
    return [random.standard_normal(shape).astype(np.float32) for shape in case.inputs]


def main():
    name, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    case = graphs.GRAPHS[name]()
    random = np.random.default_rng(1)
    kmodel = compile_case(case, [make_inputs(case, random) for _ in range(CALIBRATION)])
    (folder / f"{name}.kmodel").write_bytes(kmodel)
    inputs = make_inputs(case, random)
    simulator = nncase.Simulator()
    simulator.load_model(kmodel)
    for i, array in enumerate(inputs):
        (folder / f"{name}.in{i}.bin").write_bytes(array.tobytes())
        simulator.set_input_tensor(i, nncase.RuntimeTensor.from_numpy(array))
    simulator.run()
    for i in range(simulator.outputs_size):
        (folder / f"{name}.out{i}.bin").write_bytes(simulator.get_output_tensor(i).to_numpy().tobytes())


if __name__ == "__main__":
    main()
