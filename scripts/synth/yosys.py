# SPDX-License-Identifier: Apache-2.0
"""Yosys as a program: its version, its own maps, a run of a script with a one-line error."""
import functools
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
# From this version on the maps of the ECP5 stand with those of the other parts of its maker.
LATTICE_MAPS = (0, 61)


class Failure(Exception):
    """One line that says what is wrong."""


@functools.cache
def version():
    """Version of the Yosys on the path, without the count of commits since: "0.23"."""
    try:
        text = subprocess.run(["yosys", "-V"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise Failure(f"yosys -V: {error}: expected Yosys on the path") from error
    match = re.match(r"Yosys (\d+\.\d+)", text)
    if not match:
        raise Failure(f"yosys -V: prints {text.strip()!r}: expected 'Yosys <version>'")
    return match.group(1)


def as_numbers(text):
    """A version that can be compared: "0.23" gives (0, 23)."""
    return tuple(int(part) for part in text.split("."))


def dsp_map(of_version):
    """Yosys's file that maps products to the ECP5's 18 x 18 multipliers."""
    return "+/lattice/dsp_map_18x18.v" if as_numbers(of_version) >= LATTICE_MAPS else "+/ecp5/dsp_map.v"


def error_line(output):
    """The line of a failed run that says why: "ERROR: ...", or "file:line: ERROR: ..."."""
    return next((line for line in output.splitlines() if re.search(r"\bERROR\b", line)), "no message")


def run(name, script, path):
    """Runs a list of commands, kept as <path>.ys beside the log <path>.log; returns the log. `name` stands in errors."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file, log = path.with_suffix(".ys"), path.with_suffix(".log")
    file.write_text("\n".join(script) + "\n")
    result = subprocess.run(["yosys", "-q", "-l", str(log), str(file)], cwd=ROOT, capture_output=True, text=True,
                            check=False)
    if result.returncode != 0:
        raise Failure(f"{name}: Yosys failed: {error_line(result.stdout + result.stderr)} (see {log})")
    return log.read_text()
