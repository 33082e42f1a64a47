# SPDX-License-Identifier: Apache-2.0
"""What every net of a flattened netlist does in each cycle, from the RTL's values of its registers.

A net's values are one whole number, cycle 0 in its lowest bit, so that a gate is one operation for all cycles at once.
Sources are the registers, the outputs of memory macros and the inputs, whose values the RTL's simulation gave (`kpu
activity --values`); from them all other nets follow, cell by cell. No time passes in a cell: glitches are not seen.
The step proves itself: what a flip-flop is given in a cycle must be what the RTL's register holds in the next one.
"""
import collections
import functools
import re

import liberty


class Values:
    """Values of the RTL's bits, read from the text of `kpu activity --values`."""

    def __init__(self, lines):
        self.cycles = int(next(lines).split()[1])
        self.ones = (1 << self.cycles) - 1
        self.signals = {}  # path: words of its line; fields of structs, too, in the order of the file, highest first
        last = None
        for line in lines:
            path, first, *words = line.split()
            if first != "=":
                last = words
            self.signals[path] = last

    def wires(self, names):
        """{name: values of its bits, lowest first} of those of `names` that the RTL has: a signal, or a struct by its fields."""
        found = {name: [self.signals[name]] for name in names if name in self.signals}
        fields = collections.defaultdict(list)
        for path, words in self.signals.items():
            end = path.rfind(".")
            while end > 0:
                name = path[:end]
                if name in names and name not in found:
                    fields[name].append(words)
                end = path.rfind(".", 0, end)
        found.update(fields)
        return {name: [self._value(word) for words in reversed(parts) for word in words] for name, parts in found.items()}

    def _value(self, word):
        return self.ones if word == "~" else int(word, 16)


@functools.cache
def function(cell, pin):
    """(inputs, operation on their values) of a cell's output. Bits above the cycles' are not 0 behind a negation."""
    text = liberty.library()[cell].pins[pin].function
    tokens = re.findall(r"\w+|[!+^()]", text)
    words = []
    for left, right in zip(tokens, [*tokens[1:], None]):
        words.append({"!": "~", "+": "|"}.get(left, left))
        if right and (left == ")" or left[0].isalnum()) and (right in "(!" or right[0].isalnum()):
            words.append("&")
    inputs = sorted({token for token in tokens if token[0].isalnum()})
    return inputs, eval(f"lambda {', '.join(inputs)}: {' '.join(words)}")  # noqa: S307


class Netlist:
    """A flattened netlist in the cells of the library, ready for the values of many layers."""

    def __init__(self, module):
        library = liberty.library()
        self.wires = {name: wire for name, wire in module["netnames"].items() if not wire["hide_name"]}
        self.inputs = {net for port in module["ports"].values() if port["direction"] == "input" for net in port["bits"]}
        self.load = collections.Counter()                        # net: pF of the pins that it drives
        self.cells, self.flip_flops, self.macros = [], [], []    # (name, kind, pins)
        self.driver = {}                                         # net: index in cells
        for name, cell in module["cells"].items():
            kind = cell["type"]
            if kind not in library:
                self.macros.append((name, cell))
                continue
            pins = {pin: bits[0] for pin, bits in cell["connections"].items()}
            flip_flop = library[kind].flip_flop
            (self.flip_flops if flip_flop else self.cells).append((name, kind, pins))
            for pin, net in pins.items():
                if library[kind].pins[pin].output:
                    if not flip_flop:
                        self.driver[net] = len(self.cells) - 1
                elif not (flip_flop and pin == "CLK"):
                    self.load[net] += library[kind].pins[pin].capacitance
        self.order = self._order()

    def _order(self):
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
                    stack += [(self.driver[net], False) for pin, net in pins.items()
                              if not library[kind].pins[pin].output and self.driver.get(net) not in done and net in self.driver]
        return order

    def sources(self, values):
        """{net: its values} of those that the RTL tells: wires with a name of it."""
        known = {"0": 0, "1": values.ones, "x": 0}
        rtl = values.wires(self.wires.keys())
        for name, wire in self.wires.items():
            bits = rtl.get(name)
            if bits and len(bits) >= len(wire["bits"]):  # Yosys leaves upper bits out that are not needed
                for net, value in zip(wire["bits"], bits):
                    known.setdefault(net, value)
        return known

    def simulate(self, values):
        """({net: its values} of all nets, share of the flip-flops whose values the RTL tells, share of those that take in every
        cycle what the RTL's register holds in the next). Sources that the RTL does not tell are 0.
        """
        library, ones = liberty.library(), values.ones
        known = self.sources(values)
        nets = {net: value for net, value in known.items() if net not in self.driver}
        for index in self.order:
            _, kind, pins = self.cells[index]
            for pin, net in pins.items():
                if library[kind].pins[pin].output:
                    inputs, operation = function(kind, pin)
                    nets[net] = operation(*(nets.get(pins[name], 0) for name in inputs)) & ones
        told = [pins for _, _, pins in self.flip_flops if pins["Q"] in known]
        later = ones >> 1
        right = sum((nets.get(pins["D"], 0) & later) == known[pins["Q"]] >> 1 for pins in told)
        return nets, len(told) / len(self.flip_flops), right / max(len(told), 1)
