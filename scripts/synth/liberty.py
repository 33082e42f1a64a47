# SPDX-License-Identifier: Apache-2.0
"""The standard cells of Debian's qflow-tech-osu018, read from its Liberty file: area, functions, capacitances, energies.

Oklahoma State University's library for a 0.18 um process, 1.8 V, typical case. Areas are in square micrometres (NAND2X1
is 2.4 by 10, as its LEF file says), capacitances in pF, energies in pJ, leakage in nW.
"""
import dataclasses
import functools
import pathlib
import re

OSU018 = pathlib.Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")
GATE = "NAND2X1"  # the cell that a gate equivalent is
VOLTS = 1.8
# The point of the energy tables that is taken: the slew of a signal in the middle of its range, and the load likewise.
SLEW, LOAD = 1, 2


@dataclasses.dataclass
class Pin:
    """A pin: pF; of outputs the function of the inputs, as the library writes it; pJ a transition inside the cell."""
    output: bool
    capacitance: float
    function: str
    energy: float


@dataclasses.dataclass
class Cell:
    """A cell: square micrometres, whether it holds a bit, pins by name, nanowatts of leakage."""
    area: float
    flip_flop: bool
    pins: dict
    leakage: float = 0.0


def _groups(text, keyword):
    """(argument, body) of each `keyword (argument) { body }` directly or deeper in `text`, outer ones only."""
    for match in re.finditer(rf"\b{keyword}\s*\(([^)]*)\)\s*\{{", text):
        depth, end = 1, match.end()
        while depth:
            step = re.compile(r"[{}]").search(text, end)
            depth += 1 if step.group() == "{" else -1
            end = step.end()
        yield match.group(1).strip(), text[match.end():end - 1]


def _point(table):
    """The value of a table at (LOAD, SLEW), or at SLEW where it has one dimension."""
    values = re.search(r"values\s*\((.*?)\);", table, re.DOTALL).group(1)
    rows = [[float(value) for value in row.split(",")] for row in re.findall(r'"([^"]*)"', values)]
    return rows[min(LOAD, len(rows) - 1)][SLEW]


def _transition_energy(body):
    """Mean energy of a rise and a fall, over the inputs that cause it; 0 where the pin has none."""
    means = []
    for _, power in _groups(body, "internal_power"):
        edges = [_point(table) for edge in ("rise_power", "fall_power") for _, table in _groups(power, edge)]
        means += [sum(edges) / len(edges)] if edges else []
    return sum(means) / len(means) if means else 0.0


def _cell(body):
    attribute = lambda name, text: re.search(rf"^\s*{name} : \"?([^\";]*)\"?;", text, re.MULTILINE)  # noqa: E731
    pins = {}
    for name, pin in _groups(body, "pin"):
        function, load = attribute("function", pin), attribute("capacitance", pin)
        pins[name] = Pin(attribute("direction", pin).group(1) == "output", float(load.group(1)) if load else 0.0,
                         function.group(1) if function else "", _transition_energy(pin))
    leakage = attribute("cell_leakage_power", body)
    return Cell(float(attribute("area", body).group(1)), re.search(r"^\s*ff \(", body, re.MULTILINE) is not None, pins,
                float(leakage.group(1)) if leakage else 0.0)


@functools.cache
def library():
    """Cells by name; empty where the package is not installed."""
    return {name: _cell(body) for name, body in _groups(OSU018.read_text(), "cell")} if OSU018.exists() else {}


def costs():
    """Cell: gate equivalents, square micrometres and, of flip-flops, one flip-flop."""
    return {name: {"gates": cell.area / library()[GATE].area, "um2": cell.area, **({"ff": 1} if cell.flip_flop else {})}
            for name, cell in library().items()}
