#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One point of a space on the RTL: builds it, runs networks on it, synthesises it. Each step writes a JSON file.

point.py build CANDIDATES NAME --prebuilt build --work FOLDER --out build.json
point.py run CANDIDATES NAME --kpu FOLDER/kpu --network N --out run.json
point.py area CANDIDATES NAME --work FOLDER --out area.json

`build` compiles the shape's own Verilated model and links it with the libraries of the build folder --prebuilt; the
tool is left as FOLDER/kpu. A run or a synthesis that fails is a result ("error": one line), not a failure of the
workflow; a build that fails is one.
"""
import argparse
import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import time

import provenance
import space as spaces

ROOT = spaces.ROOT
KEPT = ("index", "in", "out", "kernel", "depthwise", "macs", "parameter_bytes", "cycles", "limiter", "counters", "match")


def processor_seconds():
    """Of all programs that this one has started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def call(what, command, log, environment=None):
    """Runs a program, its output in a file; throws Failure with the last line."""
    with open(log, "a", encoding="utf-8") as file:
        done = subprocess.run([str(word) for word in command], cwd=ROOT, stdout=file, stderr=subprocess.STDOUT,
                              env=environment, check=False)
    if done.returncode != 0:
        lines = pathlib.Path(log).read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise spaces.Failure(f"{what}: {command[0]} failed: {lines[-1] if lines else 'no message'} (see {log})")


def prebuilt_parameters(folder):
    """The parameters of the shape that a build folder has."""
    cache = (folder / "CMakeCache.txt").read_text(encoding="utf-8")
    return spaces.configs.load(re.search(r"^KPU_CONFIG:STRING=(.*)$", cache, re.MULTILINE)[1])["parameters"]


def build(arguments, _, point):
    """Processor and wall seconds of a build; leaves the tool in the work folder. The shape of --prebuilt is there already."""
    folder = arguments.work.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if prebuilt_parameters(arguments.prebuilt) == point["parameters"]:
        shutil.copy2(arguments.prebuilt / "kpu", folder / "kpu")
        return {"processor_seconds": None, "wall_seconds": None}
    config = folder / f"{point['name']}.json"
    config.write_text(json.dumps({"description": f"a point of the space {arguments.candidates}",
                                  "parameters": point["parameters"]}) + "\n")
    log = folder / "build.log"
    log.unlink(missing_ok=True)
    tree = folder / "build"
    environment = {**os.environ, "CCACHE_BASEDIR": str(ROOT), "CCACHE_NOHASHDIR": "1"}
    start, used = time.monotonic(), processor_seconds()
    call(point["name"], ["cmake", "-S", ROOT, "-B", tree, "-G", "Ninja", f"-DKPU_CONFIG={config}", "-DKPU_TESTS=OFF",
                         f"-DKPU_PREBUILT={arguments.prebuilt.resolve()}", "--log-level=WARNING"], log, environment)
    call(point["name"], ["cmake", "--build", tree, "-j", arguments.jobs, "--target", "kpu"], log, environment)
    os.replace(tree / "kpu", folder / "kpu")
    shutil.rmtree(tree)
    return {"processor_seconds": round(processor_seconds() - used, 1), "wall_seconds": round(time.monotonic() - start, 1)}


def run(arguments, space, point):
    """What `kpu run` says of a network on the point's RTL and the golden model: verdict, cycles, layers."""
    network = next(entry for entry in space["networks"] if entry["name"] == arguments.network)
    report = arguments.out.with_suffix(".report.json")
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    used = processor_seconds()
    done = subprocess.run(
        [arguments.kpu, "run", network["model"], network["input"], "--json", report,
         "--mem-latency", str(space["memory"]["ReadLatency"]), "--mem-bandwidth", str(space["memory"]["Bandwidth"])],
        capture_output=True, text=True, check=False)
    seconds = round(processor_seconds() - used, 1)
    if not report.exists():
        lines = (done.stderr or done.stdout).strip().splitlines()
        return {"network": network["name"], "verdict": "not run", "processor_seconds": seconds,
                "error": lines[-1] if lines else f"exit code {done.returncode}"}
    full = json.loads(report.read_text())
    report.unlink()
    built = full["configuration"]["parameters"]
    if built != point["parameters"]:
        raise spaces.Failure(f"{arguments.kpu}: built with {built}: expected {point['parameters']}")
    if not full["cycles_total"]:
        return {"network": network["name"], "verdict": full["verdict"], "processor_seconds": seconds,
                "error": "no cycles: the point has Perf = 0, expected 1 for the machine to count them"}
    return {"network": network["name"], "verdict": full["verdict"], "cycles": full["cycles_total"], "processor_seconds": seconds,
            "layers": [{key: layer[key] for key in KEPT if key in layer} for layer in full["kpu_layers"]]}


def area(arguments, space, point):
    """What Yosys makes of the point for an ECP5: totals of kpu_top."""
    import areas  # reads the RTL's flows, which the other steps have no need of
    parameters = {**point["parameters"], **space["synthesis"]}
    try:
        return areas.synthesise(point["name"], parameters, arguments.work.resolve())
    except areas.Failure as failure:
        return {"error": str(failure)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("build", "run", "area"))
    parser.add_argument("candidates", help="file of candidates.py")
    parser.add_argument("point", help="its name there")
    parser.add_argument("--prebuilt", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("--kpu", type=pathlib.Path)
    parser.add_argument("--network")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    try:
        entry = json.loads(pathlib.Path(arguments.candidates).read_text(encoding="utf-8"))
        point = next((one for one in entry["points"] if one["name"] == arguments.point), None)
        if point is None:
            raise spaces.Failure(f"{arguments.candidates}: point {arguments.point}: not there")
        result = {"build": build, "run": run, "area": area}[arguments.step](arguments, entry["space"], point)
    except spaces.Failure as failure:
        print(f"explore: {failure}", file=sys.stderr)
        return 2
    result = {"point": arguments.point, **result, "provenance": provenance.collect()}
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
