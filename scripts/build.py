#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds targets of a build folder: build.py FOLDER JOBS [TARGET ..].

Shows in one line how far the build is and about how long it still takes, as long as the steps that are left take what
those before took; in a file or a pipe a line at each tenth. What compilers say is printed as it comes. Exits with the
build's status.
"""
import os
import re
import subprocess
import sys

STATUS = re.compile(r"<(\d+) (\d+) ([\d.]+)> ?(.*)")


def clock(seconds):
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.1f} min"


def describe(done, total, elapsed):
    """One line of progress; no guess before a twentieth is done."""
    text = f"building: {100 * done // total} %, {done} of {total} steps, {clock(elapsed)}"
    if done < total and 20 * done >= total:
        text += f", about {clock(elapsed * (total - done) / done)} left"
    return text


def main():
    if len(sys.argv) < 3 or not sys.argv[2].isdigit():
        sys.exit("usage: build.py FOLDER JOBS [TARGET ..]")
    folder, jobs, *targets = sys.argv[1:]
    command = ["cmake", "--build", folder, "-j", jobs]
    if targets:
        command += ["--target", *targets]
    alive = sys.stdout.isatty()
    shown = ""
    tenth = 0
    build = subprocess.Popen(command, env={**os.environ, "NINJA_STATUS": "<%f %t %e> "},
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    for line in build.stdout:
        status = STATUS.fullmatch(line.rstrip("\n"))
        if status:
            done, total = int(status[1]), int(status[2])
            text = describe(done, total, float(status[3]))
            if alive:
                print("\r" + text.ljust(len(shown)), end="", flush=True)
                shown = text
            elif 10 * done // total > tenth:
                tenth = 10 * done // total
                print(text, flush=True)
        elif "ninja: Entering directory" not in line and "ninja: no work to do" not in line:
            if shown:
                print("\r" + " " * len(shown), end="\r")
                shown = ""
            print(line, end="", flush=True)
    if shown:
        print()
    sys.exit(build.wait())


if __name__ == "__main__":
    main()
