# SPDX-License-Identifier: Apache-2.0
"""What events cost, fitted to measured layers (docs/energy.md). Nothing here needs a simulation or a netlist.

A layer is an entry of bench/energy.json's `layers`: `events` (counts by name, kpu::sim::count_events), `cells_pj` by unit (what
changes, clock pins apart) and `memories_pj` by kind of memory. Each part of the KPU is fitted by itself, over the events that
can cause what it does; an event's cost is the sum over the parts.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "explore"))
import least_squares  # noqa: E402

EVENTS = ("cycle", "array_cycle", "lane", "pixel_one", "word_read", "word_written", "word_streamed", "sum_line", "live_line",
          "live_pixel", "parameter_beat")
# (units, events that cause what they do)
CELLS = (
    (("u_core.u_conv.u_mac_array",), ("array_cycle", "pixel_one", "word_read")),
    (("u_core.u_conv", "u_core.u_conv.u_window", "u_core.u_conv.u_accumulator"), ("array_cycle", "lane", "word_read")),
    (("u_core.u_post", "u_core.u_pool"), ("sum_line", "live_line", "live_pixel")),
    (("u_core.u_param",), ("parameter_beat",)),
    (("u_core", "u_ai_mem", "u_regs", "kpu_top"), ("cycle", "word_read", "word_streamed", "sum_line")),
)
MEMORIES = (
    (("AI RAM",), ("word_read", "word_written", "word_streamed")),
    (("weight ring",), ("array_cycle", "parameter_beat")),
    (("sums",), ("array_cycle",)),
    (("buffers",), ("array_cycle", "sum_line", "parameter_beat", "word_streamed")),
)
# What the model may be off, percent: a layer's cells; what changes in them, in the mean and at most.
LIMIT_CELLS, LIMIT_MEAN, LIMIT_SWITCHING = 10, 15, 50


def part(layer, units, where):
    """pJ of some units or memories of a layer."""
    return sum(layer[where].get(unit, 0) for unit in units)


def fit_part(layers, where, units, events):
    """{event: pJ} of some units or memories: the sum of squares of what is off, each against the layer's whole, is least."""
    weights = [1 / max(sum(layer[where].values()), 1) for layer in layers]
    found = least_squares.fit_nonnegative([[layer["events"][event] for event in events] for layer in layers],
                                          [part(layer, units, where) for layer in layers], weights)
    return dict(zip(events, found))


def fit(layers):
    """{event: {"cells_pj", "memories_pj"}}: the sum over the parts."""
    costs = {event: {"cells_pj": 0.0, "memories_pj": 0.0} for event in EVENTS}
    for parts, where in ((CELLS, "cells_pj"), (MEMORIES, "memories_pj")):
        for units, events in parts:
            for event, cost in fit_part(layers, where, units, events).items():
                costs[event][where] += cost
    return {event: {where: round(cost, 2) for where, cost in both.items()} for event, both in costs.items()}


def predict(costs, layer, where):
    """pJ of a layer by its events."""
    return sum(layer["events"][event] * costs[event][where] for event in EVENTS)


def errors(layers, clock_pj):
    """For each layer, predicted by the costs that all others give: percent that its cells, clock pins included, are off; that what
    changes in them is off; that the memories are off."""
    found = []
    for i, layer in enumerate(layers):
        costs = fit(layers[:i] + layers[i + 1:])
        switching, memories = (sum(layer[where].values()) for where in ("cells_pj", "memories_pj"))
        off = predict(costs, layer, "cells_pj") - switching
        found.append({"cells": 100 * off / (switching + clock_pj * layer["cycles"]), "switching": 100 * off / switching,
                      "memories": 100 * (predict(costs, layer, "memories_pj") - memories) / max(memories, 1)})
    return found


def summary(found):
    """{"cells", "switching", "memories": (mean, most)} of errors(), without signs."""
    return {key: (sum(abs(error[key]) for error in found) / len(found), max(abs(error[key]) for error in found))
            for key in ("cells", "switching", "memories")}


def problems(table):
    """What is wrong with a table of bench/energy.json, one line each."""
    found = summary(errors(table["layers"], table["clock_pj"]))
    lines = []
    if table["events"] != fit(table["layers"]):
        lines.append("events: not those that its layers give: energy.py fit makes them")
    if round(found["cells"][1], 1) != table["worst_error"]:
        lines.append(f"worst_error={table['worst_error']}: its layers give {found['cells'][1]:.1f}")
    for what, value, limit in (("a layer's cells", found["cells"][1], LIMIT_CELLS), ("what changes, in the mean", found["switching"][0], LIMIT_MEAN),
                               ("what changes, at most", found["switching"][1], LIMIT_SWITCHING)):
        if value > limit:
            lines.append(f"{what}: {value:.1f} % off: expected at most {limit}")
    return [f"{table['configuration']}: {line}" for line in lines]
