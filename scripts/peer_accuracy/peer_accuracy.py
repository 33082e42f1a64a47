#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles networks with the vendor's nncase 1.9.0 and with kpu compile, and compares both with the float network.

    peer_accuracy.py --kpu build/kpu --work out/peer-table [--python python3.9] [--network NAME ...] [--pictures 16]
                     [--seconds 3600]

Both get the same ONNX file, calibration pictures and test pictures; the vendor's compiler also the form with batch norms
as nodes of their own, and its better result counts. Signal to noise is over all outputs and test pictures, against ONNX
Runtime; the vendor's codes run on its simulator, ours on the golden model. Seconds are the processor time of the
compiler's process. Processes get one OpenMP thread: the vendor's compiler spends most of its time waiting for others
where it has more. One that does not end within --seconds has no figure. A result in --work is used again (--again makes
all anew). The exit code is 1 if a network misses a goal: 3 dB better, 95 % of the multiplications on the KPU, half the
time.

The vendor's wheel needs Python 3.7 to 3.10 (--python, or $PYTHON); everything lives in a virtual environment in --work.
"""

import argparse
import json
import math
import os
import pathlib
import re
import resource
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
TEST_PICTURES = 8
LEAST_GAIN, LEAST_SHARE, MOST_TIME = 3.0, 95.0, 0.5


def environment(work, python):
    folder = work / "nncase-1.9.0"
    interpreter = folder / "bin" / "python"
    if not (folder / "complete").exists():
        subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([interpreter, "-m", "pip", "install", "--quiet", "-r", FOLDER / "requirements.txt"], check=True)
        (folder / "complete").touch()
    return interpreter


def timed(command, folder, log, limit):
    """Runs a command; gives its processor seconds, or None if it failed or took more than `limit` by the clock."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(folder / log, "w") as file:
        try:
            run = subprocess.run(command, cwd=folder, stdout=file, stderr=subprocess.STDOUT, timeout=limit,
                                 env={**os.environ, "OMP_NUM_THREADS": "1"})
        except subprocess.TimeoutExpired:
            return None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime if run.returncode == 0 else None


def run_vendor(interpreter, folder, form, limit):
    """{"db": .., "seconds": ..}, empty if it does not compile the network or its simulator does not run it."""
    if timed([interpreter, FOLDER / "vendor.py", f"{form}.onnx", "calibration.npy", "test.npy", f"vendor_{form}.npz"],
             folder, f"vendor_{form}.log", limit) is None:
        return {}
    score = subprocess.run([interpreter, FOLDER / "score.py", f"vendor_{form}.npz", "wanted.npz"], cwd=folder, check=True,
                           capture_output=True, text=True)
    return json.loads(score.stdout)


def run_ours(interpreter, kpu, folder, limit):
    seconds = timed([kpu, "compile", "folded.onnx", "--calibrate", "calibration", "--limit", "1000", "-o", "ours.kmodel"],
                    folder, "ours.log", limit)
    if seconds is None:
        return {}
    share = float(re.search(r"([0-9.]+) % of them on the KPU", (folder / "ours.log").read_text()).group(1))
    for picture in sorted((folder / "test").iterdir()):
        subprocess.run([kpu, "run", "ours.kmodel", picture, "--engine", "golden", "--post", "none", "--dump",
                        folder / "dump" / picture.stem], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    score = subprocess.run([interpreter, FOLDER / "score.py", "dump", "wanted.npz"], cwd=folder, check=True,
                           capture_output=True, text=True)
    return {**json.loads(score.stdout), "seconds": seconds, "share": share}


def measure(interpreter, kpu, folder, name, arguments):
    """Fills the folder of a network; results that are there already are kept."""
    results = folder / "results.json"
    if arguments.again or not results.exists():
        subprocess.run([interpreter, FOLDER / "prepare.py", name, folder, str(arguments.pictures), str(TEST_PICTURES)],
                       check=True)
        found = {}
    else:
        found = json.loads(results.read_text())
    for form in ("folded", "norms"):
        if form not in found and (folder / f"{form}.onnx").exists():
            found[form] = run_vendor(interpreter, folder, form, arguments.seconds)
            results.write_text(json.dumps(found))
    found["ours"] = run_ours(interpreter, kpu, folder, arguments.seconds)
    results.write_text(json.dumps(found))
    return found


def row(name, found):
    """The printed line, and whether all goals are met."""
    ours, vendor = found["ours"], [found.get(form, {}) for form in ("folded", "norms")]
    best = max((v["db"] for v in vendor if v), default=-math.inf)
    if not ours:
        return f"{name:14} not compiled by kpu", False
    gain = ours["db"] - best
    seconds = [v["seconds"] for v in vendor if v]
    faster = ours["seconds"] / vendor[0]["seconds"] if vendor[0] else 0
    missed = [text for text, bad in (("dB", gain < LEAST_GAIN), ("share", ours["share"] < LEAST_SHARE),
                                     ("time", faster > MOST_TIME)) if bad]
    cells = [f"{v['db']:.1f}" if v else "-" for v in vendor] + [f"{ours['db']:.1f}", f"{gain:+.1f}", f"{ours['share']:.1f}"]
    cells += ["/".join(f"{s:.0f}" for s in seconds) or "-", f"{ours['seconds']:.1f}"]
    return f"{name:14}" + "".join(f"{cell:>10}" for cell in cells) + "  " + " ".join(missed), not missed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kpu", type=pathlib.Path, required=True, help="the command-line tool")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for the environment and files")
    parser.add_argument("--python", default=os.environ.get("PYTHON", "python3"), help="Python 3.7 to 3.10")
    parser.add_argument("--network", action="append", help="only these networks")
    parser.add_argument("--pictures", type=int, default=16, help="calibration pictures")
    parser.add_argument("--seconds", type=int, default=3600, help="most for one network and compiler, by the clock")
    parser.add_argument("--again", action="store_true", help="use no result of an earlier run")
    arguments = parser.parse_args()
    kpu, work = arguments.kpu.resolve(), arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    try:
        interpreter = environment(work, arguments.python)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"nncase 1.9.0: cannot be installed with {arguments.python}: {error}", file=sys.stderr)
        return 2
    listing = subprocess.run([interpreter, "-c", "import networks; print(*networks.NETWORKS)"], cwd=FOLDER, check=True,
                             capture_output=True, text=True)
    lines, fine = [], True
    for name in arguments.network or listing.stdout.split():
        line, good = row(name, measure(interpreter, kpu, work / name, name, arguments))
        print(line, file=sys.stderr)
        lines.append(line)
        fine = fine and good
    heads = ["folded dB", "norms dB", "kpu dB", "gain dB", "on KPU %", "nncase s", "kpu s"]
    print(f"{'network':14}" + "".join(f"{head:>10}" for head in heads) + "  misses")
    print("\n".join(lines))
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
