# SPDX-License-Identifier: Apache-2.0
"""python -m openkpu layer SPEC [--engine E] [--rounding R] [--expect FILE.npy]
python -m openkpu check-onnx MODEL.onnx [--engine E] [--rounding R]

SPEC is a .npz, or a .json whose values are numbers, lists, or names of .npy files beside it: the
arguments of openkpu.conv2d_quantized where there is a y_scale, else those of openkpu.layer. Exit
codes as of the tool kpu: 0 match, 2 bad input, 3 mismatch (of the engines, or with FILE.npy).
"""
import argparse
import json
import pathlib
import sys

import numpy as np

import openkpu


def read_spec(path):
    """Arguments by name. Raises Error, naming the file, if it cannot be read."""
    path = pathlib.Path(path)
    try:
        if path.suffix == ".npz":
            with np.load(path) as file:
                return {name: file[name].item() if file[name].ndim == 0 else file[name]
                        for name in file.files}
        spec = json.loads(path.read_text())
        return {name: np.load(path.parent / value)
                if isinstance(value, str) and value.endswith(".npy") else value
                for name, value in spec.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise openkpu.Error(f"{path}: {error}") from error


def run_layer(options):
    spec = read_spec(options.spec)
    if options.rounding:
        spec["rounding"] = options.rounding
    call = openkpu.conv2d_quantized if "y_scale" in spec else openkpu.layer
    try:
        result = call(**spec, engine=options.engine)
    except TypeError as error:  # a name that is no argument, or one that is missing
        raise openkpu.Error(f"{options.spec}: {error}") from error
    print(result if call is openkpu.conv2d_quantized else f"output {result.y.shape}")
    if result.cycles is not None:
        print(f"{result.cycles} cycles")
    good = result.match is not False
    if options.expect:
        expected = np.load(options.expect)
        if expected.shape != result.y.shape:
            raise openkpu.Error(f"{options.expect}: shape {expected.shape}, expected "
                                f"{result.y.shape}")
        differing = int(np.count_nonzero(expected != result.y))
        print(f"{differing} of {expected.size} values differ from {options.expect}")
        good = good and differing == 0
    print(f"verdict: {'match' if good else 'mismatch'}")
    return 0 if good else 3


def run_check_onnx(options):
    from .onnx_check import check_onnx
    layers = check_onnx(options.model, engine=options.engine,
                        rounding=options.rounding or "onnxruntime")
    for layer in layers:
        verdict = layer.problem or str(layer.result.proof)
        print(f"{layer.name:24} {layer.form:12} {verdict}")
    exact = sum(layer.result is not None and layer.result.proof.exact for layer in layers)
    print(f"{exact} of {len(layers)} convolutions are bit-exact for all inputs")
    return 3 if any(layer.result and layer.result.match is False for layer in layers) else 0


def main(arguments=None):
    parser = argparse.ArgumentParser("python -m openkpu", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for name, run, place in (("layer", run_layer, "spec"), ("check-onnx", run_check_onnx, "model")):
        command = commands.add_parser(name)
        command.add_argument(place)
        command.add_argument("--engine", default="golden")
        command.add_argument("--rounding")
        command.set_defaults(run=run)
        if name == "layer":
            command.add_argument("--expect")
    options = parser.parse_args(arguments)
    try:
        return options.run(options)
    except openkpu.Error as error:
        print(f"openkpu: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
