# SPDX-License-Identifier: Apache-2.0
"""python -m openkpu layer SPEC [--engine E] [--rounding R] [--expect FILE.npy]
python -m openkpu check-onnx MODEL.onnx [--engine E] [--rounding R] [--input FILE.npy]

What the tool's `kpu layer` and `kpu check-onnx` do, where only the package is there: the same code,
messages and exit codes. SPEC is a .npz or .json with the arguments of openkpu.conv2d_quantized where
there is a y_scale, else those of openkpu.layer.
"""
import argparse
import sys

import openkpu

from . import _golden
from ._engines import check_engine, rtl_backend

COMMANDS = {"layer": (_golden.check_layer_file, "spec", "--expect"),
            "check-onnx": (_golden.check_onnx_file, "model", "--input")}


def main(arguments=None):
    parser = argparse.ArgumentParser("python -m openkpu", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, dest="command")
    for name, (_, place, other) in COMMANDS.items():
        command = commands.add_parser(name)
        command.add_argument("file", metavar=place.upper())
        command.add_argument("--engine", default="both" if openkpu.has_rtl() else "golden")
        command.add_argument("--rounding", default="")
        command.add_argument(other, dest="other", default="")
    options = parser.parse_args(arguments)
    try:
        check_engine(options.engine)
        text, match = COMMANDS[options.command][0](
            options.file, options.rounding, options.other,
            None if options.engine == "rtl" else _golden.FastBackend(),
            None if options.engine == "golden" else rtl_backend())
    except openkpu.Error as error:
        print(f"openkpu: {error}", file=sys.stderr)
        return 2
    print(text, end="")
    return 0 if match else 3


if __name__ == "__main__":
    sys.exit(main())
