# SPDX-License-Identifier: Apache-2.0
"""Which points have energy, and of which table of bench/energy.json (docs/energy.md).

A table is of one shape: what an event costs in the standard cells of its netlist. It is taken for the shapes that differ from
that one in the depth of memories only. Cells stay as they were measured: a deeper memory adds a few bits of addresses. What an
access to a memory costs is an assumption that grows with the root of its size, so that kind of memory is scaled. Every other
parameter makes another netlist: such a point has no energy, and says which parameter it is.
"""
import copy
import itertools
import json
import math
import sys

import space as spaces

sys.path.insert(0, str(spaces.ROOT / "scripts/synth"))
import energy_events  # noqa: E402

FILE = spaces.ROOT / "bench/energy.json"
# What a point has, and what the tool calls it: microjoules of a picture.
MEASURES = {"energy": "cells_uj", "memory_energy": "memories_uj"}
# Parameters that are depths of memories: kind of the memory in bench/energy.json.
DEPTHS = {"AiLines": "AI RAM", "WeightRows": "weight ring", "AccLines": "sums"}


def shape(parameters):
    """The parameters that energy may depend on: those of kpu_top."""
    return {name: value for name, value in spaces.configs.filled(parameters).items() if name not in spaces.configs.SYSTEM_ONLY}


def costs_by_kind(layers):
    """{kind of memory: {event: pJ}}."""
    return {units[0]: energy_events.fit_part(layers, "memories_pj", units, events) for units, events in energy_events.MEMORIES}


class Tables:
    """The tables that were measured, for the shapes that they are good for."""

    def __init__(self, tables):
        """Of `tables` of bench/energy.json, measurements included."""
        self.tables = [{**{key: value for key, value in table.items() if key != "layers"}, "parameters": shape(table["parameters"]),
                        "by_kind": costs_by_kind(table["layers"])} for table in tables]

    @staticmethod
    def load():
        """Those of the file."""
        return Tables(json.loads(FILE.read_text())["tables"])

    def of(self, parameters):
        """(the table that a shape may have, "") or (None, why there is none)."""
        own = shape(parameters)
        others = [[name for name, value in table["parameters"].items() if name not in DEPTHS and value != own[name]]
                  for table in self.tables]
        if [] in others:
            return self.tables[others.index([])], ""
        parts = []
        for name in min(others, key=len, default=[]):
            measured = sorted({table["parameters"][name] for table in self.tables})
            parts.append(f"{name} = {own[name]} (measured: {', '.join(map(str, measured))})")
        return None, ", ".join(parts) or "no table was measured"

    def scaled(self, table, parameters):
        """A table as `kpu estimate --energy-table` reads it, for a shape that it may be taken for."""
        own, result = shape(parameters), copy.deepcopy(table)
        for name, kind in DEPTHS.items():
            factor = math.sqrt(own[name] / table["parameters"][name])
            for event, cost in result["by_kind"][kind].items():
                result["events"][event]["memories_pj"] += (factor - 1) * cost
        for cost in result["events"].values():
            cost["memories_pj"] = max(cost["memories_pj"], 0)
        del result["by_kind"]
        return {**result, "parameters": own}

    def of_space(self, base, axes):
        """The tables for all combinations of `axes`, {parameter: values}, on top of the parameters `base`."""
        found = []
        depths = [name for name in DEPTHS if name in axes]
        for table in self.tables:
            fixed = {name: value for name, value in table["parameters"].items() if name not in DEPTHS}
            own = shape(base)
            if any(value not in axes.get(name, [own[name]]) for name, value in fixed.items()):
                continue
            for values in itertools.product(*(axes[name] for name in depths)):
                found.append(self.scaled(table, {**own, **fixed, **dict(zip(depths, values))}))
        return found

    def about(self):
        """What the report says of them."""
        keys = ("configuration", "node", "library", "rtl", "worst_error", "typical_ones", "typical_live")
        return [{key: table[key] for key in keys} for table in self.tables]
