#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles small graphs with the vendor's releases and compares its simulator with ours, byte by byte.

    peer_check.py --kpu build/kpu --work build/peer [--python python3.9] [--graph NAME ...]

Each release lives in a virtual environment of its own under --work, made of the wheels of the Python registry; they
need Python 3.6 to 3.10 (--python, or $PYTHON). A graph that a release does not compile is no failure, one whose bytes
differ is: the exit code is 1 then, or 2 if no release can be installed.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
RELEASES = {  # wheel, and the profile that computes as its simulator does
    "1.0.0": ("1.0.0.20211029", "simulator-1.0"),
    "1.3.0": ("1.3.0.20220127", "simulator"),
    "1.9.0": ("1.9.0.20230322", "simulator"),
}
SECONDS = 120  # for one graph
# Threads of the compiler wait for each other longer than they work on graphs this small.
ONE_THREAD = {**os.environ, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive", "OPENBLAS_NUM_THREADS": "1"}


def fnv1a64(data):
    value = 1469598103934665603
    for byte in data:
        value = ((value ^ byte) * 1099511628211) % 2**64
    return f"{value:016x}"


def environment(work, python, release):
    """The interpreter of a virtual environment with this release."""
    folder = work / f"nncase-{release}"
    interpreter = folder / "bin" / "python"
    if not (folder / "complete").exists():
        subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
        wheel = f"nncase=={RELEASES[release][0]}"
        subprocess.run([interpreter, "-m", "pip", "install", "--quiet", wheel, "onnx==1.12.0", "numpy==1.21.6",
                        "protobuf<4"], check=True)
        (folder / "complete").touch()
    return interpreter


def graph_names(interpreter):
    listing = subprocess.run([interpreter, "-c", "import graphs; print(*graphs.GRAPHS)"], cwd=FOLDER, check=True,
                             capture_output=True, text=True)
    return listing.stdout.split()


def compile_graph(interpreter, name, folder):
    """Empty if the release made and ran it, else why not."""
    for old in folder.glob(f"{name}.*"):
        old.unlink()
    try:
        # In the folder: the compiler leaves notes where it runs.
        made = subprocess.run([interpreter, FOLDER / "compile_case.py", name, folder], cwd=folder, capture_output=True,
                              text=True, timeout=SECONDS, env=ONE_THREAD)
    except subprocess.TimeoutExpired:
        return "compiler: no end"
    if not (folder / f"{name}.kmodel").exists():
        return "not compiled"
    return "" if made.returncode == 0 else "simulator: refused"


def compare(kpu, name, folder, profile):
    """"equal", or in what it differs."""
    inputs = sorted(folder.glob(f"{name}.in*.bin"))
    outputs = sorted(folder.glob(f"{name}.out*.bin"))
    report = folder / f"{name}.json"
    command = [kpu, "run", folder / f"{name}.kmodel", "--engine", "golden", "--profile", profile, "--post", "none",
               "--json", report]
    for index, path in enumerate(inputs):
        command += ["--input", f"{index}={path}"]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 0:
        return "REFUSED: " + run.stderr.strip()
    ours = [output["fnv1a64"] for output in json.loads(report.read_text())["outputs"]]
    theirs = [fnv1a64(path.read_bytes()) for path in outputs]
    return "equal" if ours == theirs else "DIFFERENT"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kpu", type=pathlib.Path, required=True, help="the command-line tool")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for environments and files")
    parser.add_argument("--python", default=os.environ.get("PYTHON", "python3"), help="Python 3.6 to 3.10")
    parser.add_argument("--graph", action="append", help="only these graphs")
    parser.add_argument("--release", action="append", choices=RELEASES, help="only these releases")
    arguments = parser.parse_args()
    kpu, work = arguments.kpu.resolve(), arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)

    table, failed = {}, False
    releases = []
    for release in arguments.release or RELEASES:
        try:
            interpreter = environment(work, arguments.python, release)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"nncase {release}: cannot be installed with {arguments.python}: {error}", file=sys.stderr)
            continue
        releases.append(release)
        folder = work / release
        folder.mkdir(exist_ok=True)
        for name in arguments.graph or graph_names(interpreter):
            result = compile_graph(interpreter, name, folder) or compare(kpu, name, folder, RELEASES[release][1])
            failed = failed or result.startswith(("REFUSED", "DIFFERENT"))
            table.setdefault(name, {})[release] = result
            print(f"{release} {name}: {result}", file=sys.stderr)
    if not releases:
        return 2
    print(f"{'graph':20}" + "".join(f"{release:20}" for release in releases))
    for name, results in table.items():
        print(f"{name:20}" + "".join(f"{results.get(release, '')[:19]:20}" for release in releases))
    for release in releases:
        equal = sum(results.get(release) == "equal" for results in table.values())
        made = sum(results.get(release, "not").split(":")[0] in ("equal", "REFUSED", "DIFFERENT")
                   for results in table.values())
        print(f"nncase {release}: {equal} of the {made} that it makes and runs are equal")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
