# SPDX-License-Identifier: Apache-2.0
"""Slowest paths by unit, from the delays (SDF) of a placed and routed design.

nextpnr reports one path for each clock; this one tells which unit is next. Delays are the slowest corner, in ns.
"""
import collections
import re

INTERCONNECT = re.compile(r"\(INTERCONNECT (\S+)/(\S+) (\S+)/(\S+) \(([^)]*)\) \(([^)]*)\)")
IOPATH = re.compile(r"\(IOPATH (\S+) (\S+) \(([^)]*)\) \(([^)]*)\)")
SETUPHOLD = re.compile(r"\(SETUPHOLD \(\w+ (\S+)\) \(\w+ \S+\) \(([^)]*)\)")
CLOCKS = ("CLK", "WCK")  # ports that begin a path


def slow(*triples):
    """Largest of the last numbers of (min:typ:max) in ps, as ns."""
    return max(float(triple.split(":")[-1]) for triple in triples) / 1000


class Delays:
    """Delays of a design. A node is (cell, port)."""

    def __init__(self, sdf):
        self.next = collections.defaultdict(list)  # node: [(node, ns)]
        self.start = {}                            # output of a clocked cell: ns from the clock
        self.setup = {}                            # input of a clocked cell: ns before the clock
        cell = None
        for line in sdf:
            line = line.strip().replace("\\", "")
            if line.startswith("(INSTANCE"):
                cell = line[len("(INSTANCE"):-1].strip()
            elif match := INTERCONNECT.match(line):
                from_cell, from_port, to_cell, to_port, *triples = match.groups()
                self.next[from_cell, from_port].append(((to_cell, to_port), slow(*triples)))
            elif match := IOPATH.match(line):
                from_port, to_port, *triples = match.groups()
                if from_port.startswith(CLOCKS):
                    self.start[cell, to_port] = max(slow(*triples), self.start.get((cell, to_port), 0))
                else:
                    self.next[cell, from_port].append(((cell, to_port), slow(*triples)))
            elif match := SETUPHOLD.match(line):
                port, triple = match.groups()
                self.setup[cell, port] = max(slow(triple), self.setup.get((cell, port), 0))

    def arrivals(self):
        """(node: ns of the slowest path to it, node: where that path begins), over the nodes behind a clock."""
        inputs = collections.Counter()
        seen = set(self.start)
        stack = list(self.start)
        while stack:
            for node, _ in self.next.get(stack.pop(), ()):
                inputs[node] += 1
                if node not in seen:
                    seen.add(node)
                    stack.append(node)
        arrival = dict(self.start)
        origin = {node: node for node in self.start}
        ready = [node for node in self.start if inputs[node] == 0]
        while ready:
            node = ready.pop()
            for successor, delay in self.next.get(node, ()):
                if arrival[node] + delay > arrival.get(successor, -1):
                    arrival[successor] = arrival[node] + delay
                    origin[successor] = origin[node]
                inputs[successor] -= 1
                if inputs[successor] == 0:
                    ready.append(successor)
        return arrival, origin


def slowest_by_unit(sdf, unit, goal):
    """[{from, to, ns, over}] by falling ns: the slowest path between each two units and how many registers of the
    second are reached later than `goal` ns. `unit` names the unit of a cell."""
    delays = Delays(sdf)
    arrival, origin = delays.arrivals()
    pairs = {}
    for node, setup in delays.setup.items():
        if node not in arrival:
            continue
        total = arrival[node] + setup
        key = (unit(origin[node][0]), unit(node[0]))
        entry = pairs.setdefault(key, {"from": key[0], "to": key[1], "ns": 0.0, "over": 0})
        entry["ns"] = max(entry["ns"], round(total, 2))
        entry["over"] += total > goal
    return sorted(pairs.values(), key=lambda entry: -entry["ns"])
