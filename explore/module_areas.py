# SPDX-License-Identifier: Apache-2.0
"""Area of a shape by synthesis, each module of the RTL once.

The flow of `make synth` keeps the hierarchy: nothing is optimised across modules, so a module that is elaborated to the
same cells and processes is synthesised to the same netlist in every shape. What has been synthesised once is kept, a file
for each module, under a checksum of what it was elaborated to; it is left out of later runs as a black box. A shape that
differs in one parameter, or a change of the RTL, costs the modules that see it.
"""
import hashlib
import json
import os
import pathlib
import re
import sys

import space as spaces

sys.path.insert(0, str(spaces.ROOT / "scripts/synth"))
import flows  # noqa: E402
import synth  # noqa: E402
import yosys  # noqa: E402

TARGET, TOP, KPU = "ecp5", "kpu_pnr_frame", "kpu_top"


def canonical(text):
    """A module's RTLIL without what depends on lines and counters: sources, and names that Yosys has made up."""
    text = re.sub(r"^ *attribute \\src .*\n", "", text, flags=re.MULTILINE)
    names = {}
    return re.sub(r"\$(?!paramod)[\w$]*[:$][^\s]*", lambda match: names.setdefault(match[0], f"${len(names)}"), text)


def elaborated(name, parameters, work):
    """Module name, as Yosys calls it, to checksum of its text after elaboration, of all modules of a shape."""
    file = work / "modules.il"
    yosys.run(name, [*flows.read(spaces.ROOT, TOP, parameters), f"write_rtlil {file}"], work / "modules")
    flow = (spaces.ROOT / "scripts/synth/flows.py").read_bytes() + yosys.version().encode()
    found = {}
    for match in re.finditer(r"^module (\S+)\n(.*?)^end\n", file.read_text(), re.MULTILINE | re.DOTALL):
        module = match[1].removeprefix("\\")
        found[module] = hashlib.sha256(flow + canonical(match[2]).encode()).hexdigest()[:32]
    file.unlink()
    return found


def pattern(module):
    """A module's name as a Yosys pattern: what a script would read otherwise stands for any character."""
    return re.sub(r"[^\w=$]", "?", module)


def count(body):
    """Cells of a module by type; those of other modules of the RTL have their names."""
    cells = {}
    for cell in body["cells"].values():
        cells[cell["type"]] = cells.get(cell["type"], 0) + 1
    return cells


class Store:
    """What has been synthesised: cells by type of each module of a shape."""

    def __init__(self, folder, checksums):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.checksums = checksums
        self.cells = {}

    def get(self, module):
        """Cells of a module of the shape, or None."""
        if module not in self.cells and module in self.checksums:
            file = self.folder / f"{self.checksums[module]}.json"
            if file.exists():
                self.cells[module] = json.loads(file.read_text())["cells"]
        return self.cells.get(module)

    def put(self, module, cells):
        """Keeps them; a reader sees the whole file or none."""
        file = self.folder / f"{self.checksums[module]}.json"
        part = file.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps({"module": module, "cells": cells}))
        part.replace(file)
        self.cells[module] = cells


def total(name, store, module):
    """Counts of a module with all below it."""
    sums = dict.fromkeys(synth.KEYS, 0)
    for kind, number in store.get(module).items():
        below = kind in store.checksums
        for key, value in (total(name, store, kind) if below else synth.cell_costs(name, TARGET, {"type": kind})).items():
            sums[key] += number * value
    return sums


def synthesise(name, parameters, folder, work):
    """Counts of kpu_top of a shape with the parameters of kpu_top. `folder` keeps modules, `work` the log. Throws Failure.

    Fails as `make synth` does, on warnings, loops and cells that are not expected.
    """
    work.mkdir(parents=True, exist_ok=True)
    store = Store(folder, elaborated(name, parameters, work))
    known = [module for module in store.checksums if store.get(module) is not None]
    if len(known) < len(store.checksums):
        script = flows.ecp5(spaces.ROOT, TOP, parameters)
        place = next(i for i, line in enumerate(script) if line.startswith("hierarchy"))
        netlist = work / "netlist.json"
        script[place + 1:place + 1] = [f"blackbox {pattern(module)}" for module in known]
        text = yosys.run(name, script + [f"write_json {netlist}", "check"], work / "synth")
        if "Found and reported 0 problems" not in text.rsplit("Executing CHECK pass", 1)[-1]:
            raise synth.Failure(f"{name}: loops or drivers reported by `check`: expected none (see {work}/synth.log)")
        synth.classify_warnings(name, text)
        for module, body in json.loads(netlist.read_text())["modules"].items():
            if module in store.checksums and module not in known:
                store.put(module, count(body))
        netlist.unlink()
    missing = [module for module in store.checksums if store.get(module) is None]
    if missing:
        raise synth.Failure(f"{name}: module {missing[0]}: not in the netlist, expected every one that was elaborated")
    return total(name, store, next(module for module in store.checksums if re.search(rf"\b{KPU}\b", module)))
