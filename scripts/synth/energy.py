#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Energy of layers in the standard cells of a 0.18 um library, from the RTL's own activity.

energy.py TOOL MODEL INPUT LAYER ...   TOOL is `kpu` of a build with CONFIG=ring512, 16 lanes; writes bench/energy.json and the
                                       table of docs/silicon.md

Yosys maps kpu_top to the library's cells and flattens it. `kpu activity --saif` gives how often each bit of the RTL
changes during a layer and how often it is one. Bits of the netlist that have a name of the RTL take both from there: all
registers, ports and named values. From them the probability and the transition density of every other net follow, cell
by cell in the order of the data, by Boolean differences of each cell's function with independent inputs.

Energy of a net's transition: that inside the cell that drives it (Liberty, middle of its tables) and half of C V^2, C being the
pins that it drives. A flip-flop takes the energy of its clock pin twice a cycle. Not in it: wires, the clock tree,
memories with clocked reads (macros), glitches, and the memory's bus outside.
"""
import argparse
import collections
import functools
import itertools
import json
import pathlib
import re
import subprocess
import sys

import document
import flows
import liberty
import synth
import yosys

ROOT = yosys.ROOT
RESULT = ROOT / "bench/energy.json"
CONFIG = "ring512"
# Units that are told apart, the more exact name first.
UNITS = ("u_core.u_conv.u_mac_array", "u_core.u_conv.u_accumulator", "u_core.u_conv.u_window", "u_core.u_conv",
         "u_core.u_param", "u_core.u_post", "u_core.u_pool", "u_core", "u_ai_mem", "u_regs", "")


def mapped(folder):
    """The netlist of kpu_top in the library's cells, flattened. Throws Failure."""
    script = [*flows.osu018(ROOT, "kpu_top", flows.configs.top_parameters(CONFIG)), "flatten", "opt_clean",
              f"write_json {folder}/flat.json"]
    yosys.run(f"energy of {CONFIG}", script, folder / "flat")
    return json.loads((folder / "flat.json").read_text())["modules"]["kpu_top"]


def run_tool(*words):
    """Runs the tool. Throws Failure with its line."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise yosys.Failure(f"{words[0]} {words[1]}: {done.stderr.strip()}")


def activity(tool, model, picture, layer, folder):
    """({name of a bit: (probability of one, transitions)}, cycles, what it is) of a layer on the RTL. Throws Failure."""
    saif, report = folder / f"layer{layer}.saif", folder / f"layer{layer}.json"
    run_tool(tool, "activity", model, picture, "--layer", layer, "--saif", saif, "--json", report)
    about = json.loads(report.read_text())
    return read_saif(saif.read_text()), about["cycles"], about["what"]


def read_saif(text):
    """{name of a bit inside kpu_soc's u_kpu: (probability of one, transitions in the whole window)}."""
    net = re.compile(r"\((\S+) \(T0 (\d+)\) \(T1 (\d+)\).*\(TC (\d+)\)")
    scopes, bits = [], {}
    for line in map(str.strip, text.replace("\\", "").splitlines()):
        found = net.match(line)
        if found:
            name, zero, one, changes = found.groups()
            if scopes[:3] == ["kpu_soc", "kpu_soc", "u_kpu"]:
                path = ".".join([*(scope for scope in scopes[3:] if scope), name])
                bits[path] = (int(one) / max(int(zero) + int(one), 1), int(changes))
        elif line.startswith("(INSTANCE"):
            scopes.append(line.split()[1])
        elif line == "(NET":
            scopes.append("")
        elif line == ")" and scopes:
            scopes.pop()
    return bits


@functools.cache
def truth(cell, pin):
    """Inputs of an output's function, and its value for all their combinations in binary order."""
    text = liberty.library()[cell].pins[pin].function
    tokens = re.findall(r"\w+|[!+^()]", text)
    words = []
    for left, right in itertools.zip_longest(tokens, tokens[1:]):
        words.append({"!": " not ", "+": " or ", "^": " != "}.get(left, left))
        if right and (left == ")" or left[0].isalnum()) and (right in "(!" or right[0].isalnum()):
            words.append(" and ")
    inputs = sorted({token for token in tokens if token[0].isalnum()})
    code = compile("".join(words).strip(), text, "eval")
    return inputs, [bool(eval(code, {}, dict(zip(inputs, row))))  # noqa: S307
                    for row in itertools.product((False, True), repeat=len(inputs))]


def spread(cell, pin, inputs):
    """(probability, density) of an output from those of its inputs, which are independent."""
    names, table = truth(cell, pin)
    values = [inputs[name] for name in names]
    rows = []
    for row in itertools.product((False, True), repeat=len(names)):
        weight = 1.0
        for one, (probability, _) in zip(row, values):
            weight *= probability if one else 1 - probability
        rows.append(weight)
    density = 0.0
    for i, (_, changes) in enumerate(values):
        bit = 1 << (len(names) - 1 - i)
        if changes:
            # The share of the other inputs' combinations at which the output follows this one.
            density += changes * sum(rows[n] + rows[n ^ bit] for n in range(len(rows)) if not n & bit and table[n] != table[n ^ bit])
    return sum(weight for weight, one in zip(rows, table) if one), density


class Netlist:
    """The flattened netlist, ready for many layers: cells in the order of the data, loads of nets, names of nets."""

    def __init__(self, module):
        self.names = collections.defaultdict(list)  # net: names of its bit in the RTL
        for name, wire in module["netnames"].items():
            if not wire["hide_name"]:
                for i, net in enumerate(wire["bits"]):
                    offset = i + wire.get("offset", 0)
                    self.names[net].append(f"{name}[{offset}]" if len(wire["bits"]) > 1 else name)
        library = liberty.library()
        self.load = collections.Counter()           # net: pF
        self.cells, self.flip_flops = [], []
        drivers = {}
        for name, cell in module["cells"].items():
            kind = cell["type"]
            if kind not in library:
                continue                             # a memory: its outputs have names
            pins = {pin: bits[0] for pin, bits in cell["connections"].items()}
            entry = (unit(name), kind, pins)
            (self.flip_flops if library[kind].flip_flop else self.cells).append(entry)
            for pin, net in pins.items():
                if library[kind].pins[pin].output:
                    if not library[kind].flip_flop:
                        drivers[net] = len(self.cells) - 1
                elif not (library[kind].flip_flop and pin == "CLK"):
                    self.load[net] += library[kind].pins[pin].capacitance
        self.order = self._order(drivers)

    def _order(self, drivers):
        """Indices of cells, each behind those that drive its inputs."""
        library, done, order = liberty.library(), set(), []
        for start in range(len(self.cells)):
            stack = [(start, False)]
            while stack:
                index, ready = stack.pop()
                if ready:
                    order.append(index)
                elif index not in done:
                    done.add(index)
                    stack.append((index, True))
                    _, kind, pins = self.cells[index]
                    stack += [(drivers[net], False) for pin, net in pins.items()
                              if not library[kind].pins[pin].output and net in drivers and drivers[net] not in done]
        return order

    def energies(self, bits, cycles):
        """pJ by unit in `cycles` cycles with the activity `bits`; (share of flip-flops, of all nets) that had theirs."""
        library = liberty.library()
        state = {"0": (0.0, 0.0), "1": (1.0, 0.0), "x": (0.0, 0.0)}
        for net, names in self.names.items():
            known = next((bits[name] for name in names if name in bits), None)
            if known and net not in state:
                state[net] = (known[0], known[1] / cycles)
        known_ff = sum(pins["Q"] in state for _, _, pins in self.flip_flops)
        known_nets = sum(net in state for net in self.load)
        total = collections.Counter()
        unknown = (0.5, 0.0)
        for index in self.order:
            place, kind, pins = self.cells[index]
            inputs = {pin: state.get(net, unknown) for pin, net in pins.items() if not library[kind].pins[pin].output}
            for pin, net in pins.items():
                if library[kind].pins[pin].output:
                    if net not in state:
                        state[net] = spread(kind, pin, inputs)
                    total[place] += state[net][1] * self._transition(kind, pin, net)
        for place, kind, pins in self.flip_flops:
            clock = library[kind].pins["CLK"]
            total[place] += 2 * (clock.energy + 0.5 * clock.capacitance * liberty.VOLTS ** 2)
            total[place] += state.get(pins["D"], unknown)[1] * library[kind].pins["D"].energy
            total[place] += state.get(pins["Q"], unknown)[1] * self._transition(kind, "Q", pins["Q"])
        return ({place: energy * cycles for place, energy in total.items()},
                known_ff / len(self.flip_flops), known_nets / len(self.load))

    def _transition(self, kind, pin, net):
        """pJ of one transition of a net."""
        return liberty.library()[kind].pins[pin].energy + 0.5 * self.load[net] * liberty.VOLTS ** 2


def unit(cell):
    """The unit of UNITS that a cell of the flattened netlist lies in."""
    path = cell.replace("$flatten", "").replace("\\", "")
    return next(name for name in UNITS if path.startswith(name + "." if name else ""))


def measure(netlist, arguments, layer, folder):
    """The entry of a layer in bench/energy.json. Throws Failure."""
    bits, cycles, what = activity(arguments.tool, arguments.model, arguments.input, layer, folder)
    run_tool(arguments.tool, "estimate", arguments.model, "--json", folder / "estimate.json")
    products = json.loads((folder / "estimate.json").read_text())["kpu_layers"][layer]["macs"]
    energies, flip_flops, nets = netlist.energies(bits, cycles)
    total = sum(energies.values())
    return {"what": what, "cycles": cycles, "multiplications": products, "named_flip_flops": round(flip_flops, 3),
            "named_nets": round(nets, 3), "uj": round(total / 1e6, 1), "pj_per_multiplication": round(total / products, 1),
            "pj_per_cycle": {place or "kpu_top": round(energy / cycles, 1) for place, energy in
                             sorted(energies.items(), key=lambda item: -item[1]) if energy > 0}}


def table(entries):
    """The rows of docs/silicon.md."""
    units = list(entries[0]["pj_per_cycle"])
    rows = [("", *(entry["what"].split(", ", 1)[1] for entry in entries)),
            ("cycles", *(entry["cycles"] for entry in entries)),
            ("energy, uJ", *(entry["uj"] for entry in entries)),
            ("pJ for each multiplication of the layer", *(entry["pj_per_multiplication"] for entry in entries)),
            *((f"pJ a cycle: `{unit}`", *(entry["pj_per_cycle"][unit] for entry in entries)) for unit in units)]
    return "\n".join(synth.markdown(rows[0], rows[1:]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool", type=pathlib.Path)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("input", type=pathlib.Path)
    parser.add_argument("layers", type=int, nargs="+", help="numbers of KPU layers")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "out/energy", help="folder of netlist and activity")
    arguments = parser.parse_args()
    if not liberty.library():
        parser.error(f"{liberty.OSU018} is missing; the package qflow-tech-osu018 has it")
    folder = arguments.out.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        print("energy: mapping to cells, a few minutes", flush=True)
        netlist = Netlist(mapped(folder))
        entries = []
        for layer in arguments.layers:
            entries.append(measure(netlist, arguments, layer, folder))
            entry = entries[-1]
            print(f"energy: {entry['what']}: {entry['uj']} uJ, {entry['pj_per_multiplication']} pJ a multiplication; "
                  f"{entry['named_flip_flops']:.0%} of the flip-flops have the RTL's activity", flush=True)
    except yosys.Failure as failure:
        print(f"energy: {failure}", file=sys.stderr)
        return 1
    RESULT.write_text(json.dumps(entries, indent=1) + "\n")
    document.replace("energy.py", table(entries))
    return 0


if __name__ == "__main__":
    sys.exit(main())
