#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The cycle model beside the RTL, layer by layer, over bench/model_cases.json; the cycles are kept in bench/model_error.json.

model_error.py measure BUILD [SHAPE ..]   builds shapes and runs the networks on them; those kept of this RTL are not run again
model_error.py model KPU                  the model's cycles anew, the RTL's as they are kept
model_error.py check KPU                  fails if what is kept is not today's model's, or the model is further off than it may be
model_error.py show                       errors of all pairs, and the worst layers

BUILD is a build folder of any shape, whose libraries are taken (KPU_PREBUILT); KPU the tool. Optional networks that are not
there keep what is kept.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import configs
import model_cases as cases

ROOT = cases.ROOT
sys.path.insert(0, str(ROOT / "explore"))
import provenance  # noqa: E402

SHOWN = 12  # worst layers


def run(*command):
    """Runs a program; throws Failure with its last line."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise cases.Failure(f"{' '.join(map(str, command[:3]))}: {lines[-1] if lines else f'exit code {done.returncode}'}")


def model_of(network, kpu, folder):
    """The network's file; one that is compiled first lies in `folder`."""
    if "model" in network:
        return cases.file_of(network["model"])
    file = folder / f"{network['name']}.kmodel"
    if not file.exists():
        words = [ROOT / word if (ROOT / word).exists() else word for word in network["compile"]]
        run(kpu, "compile", *words, "-o", file)
    return file


def config_file(shape, folder):
    """A configuration's file with the shape's parameters."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{shape['name']}.json"
    text = json.dumps({"description": "of bench/model_cases.json", "parameters": shape["parameters"]}) + "\n"
    if not file.exists() or file.read_text() != text:
        file.write_text(text)
    return file


def build(base, shape):
    """The tool of a shape, built beside `base`; without the RTL's assertions, which tests/shapes has."""
    folder = base / "model_shapes" / shape["name"]
    run("cmake", "-S", ROOT, "-B", folder, "-G", "Ninja", f"-DKPU_PREBUILT={base}", f"-DKPU_CONFIG={config_file(shape, folder)}",
        "-DKPU_TESTS=OFF", "-DKPU_RTL_ASSERT=OFF", "-DCMAKE_BUILD_TYPE=Release", "--log-level=WARNING")
    run("cmake", "--build", folder, "-j", "1", "--target", "kpu")
    return folder / "kpu"


def layers_of(report, network):
    """Its KPU layers, as many as the case has."""
    return json.loads(report.read_text())["kpu_layers"][:network.get("layers")]


def model_cycles(kpu, shape, memory, network, folder):
    """The model's cycles of every layer; nothing where the shape refuses one."""
    report = folder / "estimate.json"
    run(kpu, "estimate", model_of(network, kpu, folder), "--config", config_file(shape, folder), "--json", report,
        "--set", f"ReadLatency={memory['ReadLatency']}", "--set", f"Bandwidth={memory['Bandwidth']}")
    layers = layers_of(report, network)
    return None if any(layer["refused"] for layer in layers) else [round(layer["cycles"]) for layer in layers]


def rtl_cycles(kpu, shape, memory, network, folder):
    """The RTL's cycles of every layer."""
    report = folder / "run.json"
    limit = ["--layers", network["layers"]] if "layers" in network else []
    run(kpu, "run", model_of(network, kpu, folder), cases.file_of(network["input"]), "--engine", "rtl", "--json", report, *limit,
        "--mem-latency", memory["ReadLatency"], "--mem-bandwidth", memory["Bandwidth"], "--mem-outstanding", "32")
    built = json.loads(report.read_text())["configuration"]["parameters"]
    if built != shape["parameters"]:
        raise cases.Failure(f"{kpu}: built with {built}: expected {shape['parameters']}")
    return [layer["cycles"] for layer in layers_of(report, network)]


def pairs(shape, listed):
    """The shape's memories, each with each network that is there."""
    for memory in listed["memories"]:
        if memory["name"] in shape["memories"]:
            yield from ((memory, network) for network in listed["networks"] if network["there"])


def measure(base, wanted):
    """Builds and runs what is not kept of this RTL; saves after each shape."""
    listed, kept, rtl = cases.load_cases(), cases.load_kept(), provenance.rtl_checksum()
    for shape in listed["shapes"]:
        name = shape["name"]
        if wanted and name not in wanted:
            continue
        entry = kept["shapes"].get(name)
        if entry is None or entry["rtl"] != rtl or configs.filled(entry["parameters"]) != shape["parameters"]:
            entry = {"rtl": rtl, "parameters": shape["parameters"], "cycles": {}}
        missing = [(memory, network) for memory, network in pairs(shape, listed)
                   if network["name"] not in entry["cycles"].get(memory["name"], {})]
        kpu = None
        for memory, network in missing:
            model = model_cycles(base / "kpu", shape, memory, network, base / "model_shapes")
            if model is None:
                continue
            kpu = kpu or build(base, shape)
            cycles = rtl_cycles(kpu, shape, memory, network, base / "model_shapes")
            found = {"rtl": cycles, "model": model}
            entry["cycles"].setdefault(memory["name"], {})[network["name"]] = found
            print(f"{name:10} {memory['name']:6} {network['name']:12} {100 * cases.total_error(found):+6.2f} %", flush=True)
        # In the order of the list, whatever was kept before.
        order = [other["name"] for other in listed["shapes"]]
        kept["shapes"] = dict(sorted({**kept["shapes"], name: entry}.items(), key=lambda item: order.index(item[0])))
        cases.save_kept(kept)


def model_entries(kpu, kept):
    """(shape, memory, network, its kept entry or nothing, the model's cycles today) of everything that can be computed here."""
    listed = cases.load_cases()
    with tempfile.TemporaryDirectory() as folder:
        for shape in listed["shapes"]:
            known = kept["shapes"].get(shape["name"])
            if known is None or configs.filled(known["parameters"]) != shape["parameters"]:
                raise cases.Failure(f"bench/model_error.json: {shape['name']}: not of this shape: expected what `make model-error` writes")
            for memory, network in pairs(shape, listed):
                cycles = model_cycles(kpu, shape, memory, network, pathlib.Path(folder))
                yield shape["name"], memory["name"], network["name"], known["cycles"].get(memory["name"], {}).get(network["name"]), cycles


def refresh(kpu):
    """Writes the model's cycles of today."""
    kept = cases.load_kept()
    for *_, entry, cycles in model_entries(kpu, kept):
        if entry and cycles:
            entry["model"] = cycles
    cases.save_kept(kept)
    show(kept)


def check(kpu):
    """Throws for the first thing that is not as it should be."""
    kept = cases.load_kept()
    compared = 0
    for shape, memory, network, entry, cycles in model_entries(kpu, kept):
        where = f"bench/model_error.json: {shape}, {memory}, {network}"
        if (entry is None) != (cycles is None):
            raise cases.Failure(f"{where}: {'kept' if entry else 'missing'}: expected what `make model-error` writes")
        if entry is None:
            continue
        compared += 1
        # Rounding may go either way on another machine.
        if len(entry["model"]) != len(cycles) or any(abs(a - b) > 1 for a, b in zip(entry["model"], cycles)):
            raise cases.Failure(f"{where}: the model's cycles are {entry['model']}: expected today's {cycles} (scripts/model_error.py model)")
    found = cases.summary(kept)
    if found["mean"] >= cases.MOST_MEAN or abs(found["worst_layer"][0]) >= cases.MOST_LAYER:
        raise cases.Failure(f"bench/model_error.json: mean error {found['mean']:.2%}, worst layer {found['worst_layer']}: "
                            f"expected less than {cases.MOST_MEAN:.0%} and {cases.MOST_LAYER:.0%}")
    print(f"{compared} pairs as today's model has them; {found['pairs']} pairs of {found['configurations']} configurations kept, "
          f"mean error {found['mean']:.2%}, worst layer above {cases.LONG} cycles {found['worst_layer'][0]:+.2%}")


def show(kept):
    """Errors of all pairs, the worst layers, the summary."""
    for shape, memory, network, entry in cases.entries(kept):
        worst = max((abs(cases.error(m, r)) for m, r in zip(entry["model"], entry["rtl"]) if r > cases.LONG), default=0)
        print(f"{shape:10} {memory:6} {network:12} sum {cases.total_error(entry):+7.2%}   worst layer {worst:6.2%}")
    for found, *where in sorted(cases.long_layers(kept), key=lambda row: -abs(row[0]))[:SHOWN]:
        print(f"{found:+7.2%}  {', '.join(map(str, where[:3]))}, layer {where[3]}")
    found = cases.summary(kept)
    print(f"{found['pairs']} pairs of {found['configurations']} configurations: mean error of the sums {found['mean']:.2%}, "
          f"worst {found['worst'][0]:+.2%}; {found['layers']} layers above {cases.LONG} cycles, worst {found['worst_layer'][0]:+.2%}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("measure", "model", "check", "show"))
    parser.add_argument("tool", nargs="?", type=pathlib.Path, help="BUILD or KPU")
    parser.add_argument("shapes", nargs="*")
    arguments = parser.parse_args()
    if (arguments.tool is None) != (arguments.what == "show"):
        parser.error(f"{arguments.what}: see above what it takes")
    if arguments.what == "measure":
        measure(arguments.tool.resolve(), arguments.shapes)
    if arguments.what in ("measure", "show"):
        show(cases.load_kept())
    elif arguments.what == "model":
        refresh(arguments.tool)
    else:
        check(arguments.tool)


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError, KeyError, cases.configs.Failure) as failure:
        print(f"model_error.py: {failure}", file=sys.stderr)
        sys.exit(2)
