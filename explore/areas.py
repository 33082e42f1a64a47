#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Areas by synthesis that the area model is fitted to: bench/areas.json.

areas.py --update              synthesises every shape in the file again that is not of this RTL; it can be stopped and resumed
areas.py --update NAME=V ..    adds the shape of fpga16 with these parameters
areas.py --import FILE ..      adds what `make explore` has synthesised (area.json of its points)
areas.py                       prints the model's errors, each shape left out in turn
"""
import argparse
import json
import pathlib
import resource
import sys

import area
import provenance
import space as spaces

sys.path.insert(0, str(spaces.ROOT / "scripts/synth"))
import configs  # noqa: E402
import module_areas  # noqa: E402
import synth  # noqa: E402
import yosys  # noqa: E402

Failure = yosys.Failure
BASE = "fpga16"
COUNTS = ("lut", "carry", "lutram", "ff", "dsp", "bram")


def shape(parameters):
    """The parameters that areas depend on: those of kpu_top."""
    return {name: value for name, value in parameters.items() if name not in configs.SYSTEM_ONLY}


def synthesise(name, parameters, work):
    """Synthesises a shape as `make synth` does, in a folder; counts of kpu_top, and what it took. Throws Failure."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = module_areas.synthesise(name, shape(parameters), spaces.ROOT / "out/areas/modules", work)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"parameters": shape(parameters), "yosys": yosys.version(), "rtl": provenance.rtl_checksum(),
            "processor_seconds": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
            "total": {key: total[key] for key in COUNTS}}


def keep(entries, entry):
    """Puts an entry in the place of the one with its parameters, or at the end, and writes the file."""
    entry = {key: entry[key] for key in ("parameters", "rtl", "total")}
    shapes = [configs.filled(other["parameters"]) for other in entries]
    same = shapes.index(configs.filled(entry["parameters"])) if configs.filled(entry["parameters"]) in shapes else None
    if same is None:
        entries.append(entry)
    else:
        entries[same] = entry
    lines = ",\n".join("  " + json.dumps(one) for one in entries)
    area.FILE.write_text(f'{{\n "yosys": "{synth.DOCUMENTED}", "target": "{module_areas.TARGET}",\n "entries": [\n{lines}\n ]\n}}\n')


def update(entries, added):
    """Synthesises what is not of this RTL."""
    if yosys.version() != synth.DOCUMENTED:
        raise Failure(f"Yosys {yosys.version()}: expected {synth.DOCUMENTED}, of which {area.FILE.name} is")
    rtl = provenance.rtl_checksum()
    for parameters in [entry["parameters"] for entry in entries if entry["rtl"] != rtl] + added:
        full = {**shape(configs.load(BASE)["parameters"]), **parameters}
        name = "-".join(f"{key}{value}" for key, value in full.items())
        entry = synthesise(name, full, spaces.ROOT / "out/areas/work")
        keep(entries, entry)
        print(f"{name}: {entry['total']}, {entry['processor_seconds']} s of processor time", flush=True)


def settings(words):
    """NAME=VALUE words as parameters."""
    parameters = {}
    for word in words:
        name, _, value = word.partition("=")
        configs.check_value("areas.py", name, int(value) if value.isdigit() else value)
        parameters[name] = int(value)
    return parameters


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", nargs="*", metavar="NAME=VALUE")
    parser.add_argument("--import", nargs="+", type=pathlib.Path, metavar="FILE", dest="files")
    arguments = parser.parse_args()
    entries = json.loads(area.FILE.read_text())["entries"] if area.FILE.exists() else []
    try:
        for file in arguments.files or ():
            entry = json.loads(file.read_text())
            if entry.get("yosys") != synth.DOCUMENTED or "total" not in entry:
                raise Failure(f"{file}: expected the result of a synthesis by Yosys {synth.DOCUMENTED}")
            keep(entries, entry)
        if arguments.update is not None:
            update(entries, [settings(arguments.update)] if arguments.update else [])
        print(area.error_text(area.cross_validate(entries)))
    except (Failure, spaces.Failure) as failure:
        print(f"areas: {failure}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
