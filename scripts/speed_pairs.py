#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Speed of several builds of the tool beside each other: speed_pairs.py NAME=KPU NAME=KPU .. [--rounds N] MODEL INPUT.

Each round runs every build once, in turn, so that what slows the machine slows all. Prints thousands of simulated cycles
in a second of processor time (best and median round), and how many times the first build's that is (the median of the
rounds' ratios). All simulate the whole network on the RTL, from end to end, on one thread.
"""
import argparse
import json
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile


def run(kpu, model, picture, report):
    """Seconds of processor time of one run, and its cycles."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([kpu, "run", model, picture, "--engine", "rtl", "--json", report], capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"speed_pairs.py: {kpu} failed: {(done.stderr or done.stdout).strip().splitlines()[-1]}")
    return after.ru_utime - before.ru_utime, json.loads(pathlib.Path(report).read_text())["cycles_total"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("builds", nargs="+", metavar="NAME=KPU", help="the first is the one that the others are compared with")
    parser.add_argument("model")
    parser.add_argument("input")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_intermixed_args()
    builds = dict(build.split("=", 1) for build in arguments.builds if "=" in build)
    if len(builds) != len(arguments.builds):
        parser.error("a build is NAME=path of kpu, each name once")
    if arguments.rounds < 1:
        parser.error("--rounds must be 1 or more")

    speeds = {name: [] for name in builds}
    with tempfile.TemporaryDirectory() as folder:
        for done in range(arguments.rounds):
            for name, kpu in builds.items():
                seconds, cycles = run(kpu, arguments.model, arguments.input, f"{folder}/run.json")
                speeds[name].append(cycles / 1000 / seconds)
            print(f"\rround {done + 1} of {arguments.rounds}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    first = next(iter(speeds.values()))
    print("| build | kcycles/s, best | median | times the first |\n|---|---|---|---|")
    for name, each in speeds.items():
        ratio = statistics.median(own / base for own, base in zip(each, first))
        print(f"| {name} | {max(each):.0f} | {statistics.median(each):.0f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
