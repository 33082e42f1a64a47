#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The cycle model beside the RTL: every shape is built, every network run on it, layer by layer.

model_error.py BUILD SHAPE .. [--network FILE INPUT] .. [--kept bench/model_error.json]

BUILD is a build folder of another shape, whose libraries are taken (KPU_PREBUILT); SHAPE a name of configs/ or a .json.
Without --network: examples/edges.kmodel. Prints mean and worst error of each shape and network, and writes the cycles of
RTL and model of every layer to --kept, where those of other shapes stay. Shapes whose ring holds a layer's weights not are
left out for that network.
"""
import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
LONG = 5000  # cycles from which a layer's error counts by itself


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True, **options)


def build(base, shape):
    """The tool of a shape, built beside `base`."""
    name = pathlib.Path(shape).stem
    folder = base / "shapes" / name
    config = (ROOT / shape).resolve() if shape.endswith(".json") else shape
    run("cmake", "-S", ROOT, "-B", folder, "-G", "Ninja", f"-DKPU_PREBUILT={base}", f"-DKPU_CONFIG={config}",
        "-DKPU_TESTS=OFF", "-DCMAKE_BUILD_TYPE=Release", "--log-level=WARNING")
    run("cmake", "--build", folder, "-j", "2", "--target", "kpu")
    return name, folder / "kpu"


def layers(kpu, command, *arguments):
    """Cycles of a report's KPU layers; estimates know whether a layer is refused."""
    report = kpu.parent / f"{command}.json"
    run(kpu, command, *arguments, "--json", report)
    return [(layer["cycles"], layer.get("refused", False)) for layer in json.loads(report.read_text())["kpu_layers"]]


def measure(kpu, network, picture):
    """Cycles of model and RTL, or nothing where the shape refuses a layer."""
    model = layers(kpu, "estimate", network)
    if any(refused for _, refused in model):
        return None
    rtl = layers(kpu, "run", network, picture, "--engine", "rtl")
    return {"rtl": [cycles for cycles, _ in rtl], "model": [round(cycles) for cycles, _ in model]}


def errors(entry):
    """Error of the sum, the worst one of long layers, as shares."""
    pairs = list(zip(entry["model"], entry["rtl"]))
    worst = max((abs(m / r - 1) for m, r in pairs if r > LONG), default=0.0)
    return sum(entry["model"]) / sum(entry["rtl"]) - 1, worst


def summary(table):
    rows = [(shape, network, *errors(entry)) for shape, networks in table.items() for network, entry in networks.items()]
    for shape, network, total, worst in rows:
        print(f"{shape:12} {network:16} sum {100 * total:+6.2f} %   worst layer {100 * worst:5.2f} %")
    if rows:
        print(f"{len(rows)} pairs: mean {100 * sum(abs(row[2]) for row in rows) / len(rows):.2f} %, "
              f"worst layer above {LONG} cycles {100 * max(row[3] for row in rows):.2f} %")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("shapes", nargs="*")
    parser.add_argument("--network", nargs=2, action="append", metavar=("FILE", "INPUT"))
    parser.add_argument("--kept", type=pathlib.Path, default=ROOT / "bench/model_error.json")
    options = parser.parse_args()
    networks = options.network or [(ROOT / "examples/edges.kmodel", ROOT / "examples/scene.png")]
    table = json.loads(options.kept.read_text()) if options.kept.exists() else {}
    for shape in options.shapes:
        name, kpu = build(options.build.resolve(), shape)
        for network, picture in networks:
            entry = measure(kpu, network, picture)
            if entry:
                table.setdefault(name, {})[pathlib.Path(network).stem] = entry
        options.kept.write_text(json.dumps(table, sort_keys=True, separators=(",", ":")).replace("},", "},\n ") + "\n")
    summary(table)


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError, KeyError, subprocess.CalledProcessError) as error:
        print(f"model_error.py: {getattr(error, 'stderr', None) or error}".strip(), file=sys.stderr)
        sys.exit(2)
