#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Energy of layers in the standard cells of a 0.18 um library, and from it the energy of events (docs/energy.md).

energy.py measure BUILD CONFIG   measures the layers of BUILD's kpu_energy_layers on the netlist of a configuration and keeps them
                                 in bench/energy.json and docs/energy.md; the netlist stays in out/energy for the next time
energy.py layer BUILD CONFIG MODEL INPUT LAYER ..
                                 measures KPU layers of a network, beside what the kept events say of them; keeps nothing
energy.py typical BUILD          what a table takes for typical data, and of which layers it is; keeps nothing
energy.py fit                    the events anew, of the measurements as they are kept
energy.py check                  fails if the kept events are not those of the kept measurements, or are further off than they may be

Yosys maps kpu_top to the library's cells and flattens it; gates.py gives every net's values in every cycle of a layer that
the RTL ran. A transition costs what the Liberty file says of the cell that drives the net (middle of its tables) and half of
C V^2 of the pins that it drives; a flip-flop's clock pin costs twice in a cycle. Memories with clocked reads are macros,
which the library lacks: an assumption, and counted apart.
"""
import argparse
import collections
import json
import math
import re
import pathlib
import shutil
import subprocess
import sys
import tempfile

import document
import energy_events
import flows
import gates
import liberty
import synth
import yosys

ROOT = yosys.ROOT
sys.path.insert(0, str(ROOT / "explore"))
import provenance  # noqa: E402

RESULT = ROOT / "bench/energy.json"
PAGE = ROOT / "docs/energy.md"
# Units that are told apart, the more exact name first.
UNITS = ("u_core.u_conv.u_mac_array", "u_core.u_conv.u_accumulator", "u_core.u_conv.u_window", "u_core.u_conv",
         "u_core.u_param", "u_core.u_post", "u_core.u_pool", "u_core", "u_ai_mem", "u_regs", "")
MACROS = {"u_ai_mem": "AI RAM", "u_core.u_param.u_weight_ring": "weight ring", "u_core.u_conv.u_accumulator": "sums", "": "buffers"}
# pJ of an access to a memory, for each bit of its word, is ACCESS * sqrt(kbytes / 8): fits the three sizes that M. Horowitz gives
# ("Computing's energy problem", ISSCC 2014: 10, 20 and 100 pJ for 64 bits of 8, 32 and 1,024 kbytes at 45 nm and 0.9 V) within
# 13 %, times four for the length of 0.18 um and times four for 1.8 V.
ACCESS = 2.5


NODE, LIBRARY = "0.18 um", "osu018_stdcells of qflow-tech-osu018, 1.8 V, typical"
RUNNING = "u_core.running"  # a layer is in work
# Layers of the repository's networks: file, input, layer, name.
EXAMPLES = ROOT / "examples"
DETECTOR = (EXAMPLES / "detector/detector.kmodel", EXAMPLES / "detector/scenes/scene_0004.png")
EDGES = (EXAMPLES / "edges.kmodel", EXAMPLES / "scene.png")
REAL = ((*DETECTOR, 11, "detector-11"), (*DETECTOR, 17, "detector-17"), (*DETECTOR, 21, "detector-21"), (*EDGES, 3, "edges-3"),
        (*EDGES, 4, "edges-4"))
MOST_CYCLES = 60_000
SHOWN = ("conv3x3", "depthwise", "point")  # layers of the table by unit


def mapped(config, folder):
    """The netlist of kpu_top in the library's cells, flattened; kept in `folder` for this RTL. Throws Failure."""
    file, stamp = folder / "flat.json", folder / "rtl"
    if not (file.exists() and stamp.exists() and stamp.read_text() == provenance.rtl_checksum()):
        script = [*flows.osu018(ROOT, "kpu_top", flows.configs.top_parameters(config)), "flatten", "opt_clean", f"write_json {file}"]
        # State machines keep the RTL's states, so that its values are the netlist's.
        first = next(i for i, command in enumerate(script) if command.startswith("synth "))
        script.insert(first, 'setattr -set fsm_encoding "none" w:*state_q')
        yosys.run(f"energy of {config}", script, folder / "flat")
        stamp.write_text(provenance.rtl_checksum())
    return gates.Netlist(json.loads(file.read_text())["modules"]["kpu_top"])


def run_tool(*words):
    """Runs the tool. Throws Failure with its line."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise yosys.Failure(f"{words[0]} {words[1]}: {done.stderr.strip()}")


def unit(name, units=UNITS):
    """The unit of `units` that a cell of the flattened netlist lies in; blocks of generate are no part of its name."""
    path = re.sub(r"\bgen_\w+(\[\d+\])?\.", "", name.replace("$flatten", "").replace("\\", ""))
    return next(unit for unit in units if path.startswith(unit + "." if unit else ""))


def transition(netlist, kind, pin, net):
    """pJ of one transition of a net."""
    return liberty.library()[kind].pins[pin].energy + 0.5 * netlist.load[net] * liberty.VOLTS ** 2


def clock_energies(netlist):
    """{unit: pJ of its clock pins in a cycle}."""
    total = collections.Counter()
    for name, kind, _ in netlist.flip_flops:
        clock = liberty.library()[kind].pins["CLK"]
        total[unit(name)] += 2 * (clock.energy + 0.5 * clock.capacitance * liberty.VOLTS ** 2)
    return total


def transition_energies(netlist, nets, window):
    """{unit: pJ of all transitions that end in a cycle of `window`}."""
    library, total = liberty.library(), collections.Counter()
    after = window >> 1

    def changes(net):
        value = nets.get(net, 0)
        return ((value ^ (value >> 1)) & after).bit_count()

    for name, kind, pins in [*netlist.cells, *netlist.flip_flops]:
        place = unit(name)
        for pin, net in pins.items():
            if library[kind].pins[pin].output:
                total[place] += changes(net) * transition(netlist, kind, pin, net)
        if library[kind].flip_flop:
            total[place] += changes(pins["D"]) * library[kind].pins["D"].energy
    return total


def memory_energies(netlist, nets, window):
    """{kind of memory: pJ of its accesses in the cycles of `window`}, by the assumption above."""
    total = collections.Counter()
    for name, cell in netlist.macros:
        width, size = (int(cell["parameters"][key], 2) for key in ("WIDTH", "SIZE"))
        access = width * ACCESS * math.sqrt(width * size / 8 / 1024 / 8)
        for port in ("RD_EN", "WR_EN"):
            used = 0
            for net in set(cell["connections"][port]):
                used |= nets.get(net, 0)
            total[MACROS[unit(name, MACROS)]] += access * (used & window).bit_count()
    return total


def typical_layers(tool, folder):
    """What the repository's own detector has with a picture of its kind: the counters of its KPU layers. Throws Failure."""
    run_tool(tool, "run", DETECTOR[0], DETECTOR[1], "--engine", "rtl", "--json", folder / "typical.json")
    return [layer["counters"] for layer in json.loads((folder / "typical.json").read_text())["kpu_layers"]]


def layer_data(counters):
    """(ones of a pixel's eight bits, share of the windows in which any pixel is not zero) of a layer's input."""
    return 8 * counters["input_ones"] / counters["input_bits"], counters["windows_live"] / counters["windows"]


def typical_data(layers):
    """What is taken where the data is not known, of the counters of layers: `typical_ones`, each layer by its lanes with a pixel, and
    `typical_live`, each by the pixels that post-processing takes."""
    lanes = [counters["lanes_valid"] for counters in layers]
    pixels = [counters["post_lines"] * counters["lanes_valid"] / counters["array_cycles"] for counters in layers]
    ones, live = zip(*map(layer_data, layers))
    return {"typical_ones": round(sum(map(math.prod, zip(lanes, ones))) / sum(lanes), 1),
            "typical_live": round(sum(map(math.prod, zip(pixels, live))) / sum(pixels), 2)}


def print_typical(tool):
    """The layers and what comes of them. Throws Failure."""
    with tempfile.TemporaryDirectory() as folder:
        layers = typical_layers(tool, pathlib.Path(folder))
    for index, counters in enumerate(layers):
        ones, live = layer_data(counters)
        print(f"layer {index:2}: {ones:.2f} of a pixel's 8 bits are one, {100 * live:5.1f} % of the windows are live")
    print(f"energy: {DETECTOR[0].name}, {DETECTOR[1].name}: {', '.join(f'{name} {value}' for name, value in typical_data(layers).items())}")


def estimated_cycles(tool, model, index, folder):
    """Cycles of a layer by the cycle model. Throws Failure."""
    run_tool(tool, "estimate", model, "--json", folder / "estimate.json")
    return json.loads((folder / "estimate.json").read_text())["kpu_layers"][index]["cycles"]


def measure_layer(tool, netlist, model, image, index, folder):
    """The entry of a layer in bench/energy.json. Throws Failure."""
    report, values_file = folder / "activity.json", folder / "values.txt"
    run_tool(tool, "activity", model, image, "--layer", index, "--json", report, "--values", values_file)
    layer = json.loads(report.read_text())["layer"]
    with values_file.open() as lines:
        values = gates.Values(lines)
    values_file.unlink()
    nets, told, right = netlist.simulate(values)
    window = values.wires({RUNNING})[RUNNING][0]
    if window.bit_count() != layer["cycles"]:
        raise yosys.Failure(f"{model}: {window.bit_count()} cycles of waves: expected {layer['cycles']}, as the counters say")
    what = f"{layer['in']} to {layer['out']}, {layer['kernel']}x{layer['kernel']}{' dw' if layer['depthwise'] else ''}"
    return {"name": model.stem, "what": what, "cycles": layer["cycles"], "macs": layer["macs"], "told": round(told, 5),
            "right": round(right, 5), "events": {event: round(count, 3) for event, count in layer["energy_events"].items()}, "cells_pj": rounded(transition_energies(netlist, nets, window)),
            "memories_pj": rounded(memory_energies(netlist, nets, window))}


def layer_line(entry):
    """What was measured, in a line."""
    return (f"{sum(entry['cells_pj'].values()) / entry['cycles']:.0f} pJ a cycle beside the clock's; {entry['told']:.2%} of the flip-flops "
            f"have the RTL's values, {entry['right']:.3%} of those take what it holds")


def print_layers(tables, arguments):
    """Measures layers of a network and prints them beside what the kept events say. Throws Failure."""
    table = next((table for table in tables if table["configuration"] == arguments.config), None)
    if not table:
        raise yosys.Failure(f"{arguments.config}: no table in bench/energy.json: expected that of make energy ENERGY_CONFIG={arguments.config}")
    folder = ROOT / "out/energy" / arguments.config
    folder.mkdir(parents=True, exist_ok=True)
    netlist = mapped(arguments.config, folder)
    for index in arguments.layers:
        entry = measure_layer(arguments.build / "kpu", netlist, arguments.model, arguments.input, index, folder)
        switching, clock = sum(entry["cells_pj"].values()), table["clock_pj"] * entry["cycles"]
        off = energy_events.predict(table["events"], entry, "cells_pj") - switching
        print(f"energy: {entry['name']}, layer {index} ({entry['what']}), {entry['cycles']} cycles: {(switching + clock) / 1e6:.1f} uJ in cells; "
              f"{layer_line(entry)}; by its events {100 * off / (switching + clock):+.1f} %, without the clock {100 * off / switching:+.1f} %", flush=True)
        for unit_name, energy in sorted(entry["cells_pj"].items(), key=lambda item: -item[1]):
            print(f"  {unit_name:28} {energy / entry['cycles']:8.0f} pJ a cycle, clock pins {table['clock_pj_by_unit'].get(unit_name, 0)}")


def rounded(energies):
    """Whole picojoules, by name."""
    return {place or "kpu_top": round(energy) for place, energy in sorted(energies.items())}


def measure(build, config):
    """The table of a configuration. Throws Failure."""
    folder = ROOT / "out/energy" / config
    layers = folder / "layers"
    shutil.rmtree(layers, ignore_errors=True)
    layers.mkdir(parents=True)
    run_tool(build / "kpu_energy_layers", layers)
    print(f"energy: {config}: mapping to cells, a few minutes", flush=True)
    netlist = mapped(config, folder)
    cells = [kind for _, kind, _ in [*netlist.cells, *netlist.flip_flops]]
    entries = []
    # A layer of 200,000 cycles, as one lane of post-processing makes of some, would take more memory than most machines have.
    real = [layer for layer in REAL if estimated_cycles(build / "kpu", layer[0], layer[2], folder) <= MOST_CYCLES]
    made = [(model, model.with_suffix(".bin"), 0, model.stem) for model in sorted(layers.glob("*.kmodel"))]
    for model, image, index, name in [*made, *real]:
        entries.append({**measure_layer(build / "kpu", netlist, model, image, index, folder), "name": name})
        print(f"energy: {entries[-1]['name']}: {layer_line(entries[-1])}", flush=True)
    clock = clock_energies(netlist)
    return {"configuration": config, "parameters": flows.configs.top_parameters(config), "node": NODE, "library": LIBRARY,
            "rtl": provenance.rtl_checksum(), "yosys": yosys.version(), "cells": len(netlist.cells), "flip_flops": len(netlist.flip_flops),
            "leakage_nw": round(sum(liberty.library()[kind].leakage for kind in cells), 1), "clock_pj": round(sum(clock.values()), 1),
            "clock_pj_by_unit": rounded(clock), **typical_data(typical_layers(build / "kpu", folder)), "layers": entries}


def fitted(table):
    """The table with its events and their error; parameters that came since it was measured have the value of the usual machine."""
    layers = table.pop("layers")
    error = energy_events.summary(energy_events.errors(layers, table["clock_pj"]))["cells"][1]
    parameters = {name: flows.configs.filled(table["parameters"])[name] for name in flows.configs.top_parameters(table["configuration"])}
    return {**table, "parameters": parameters, "worst_error": round(error, 1), "events": energy_events.fit(layers), "layers": layers}


def errors_text(table):
    """What the events are off, in a line."""
    found = energy_events.summary(energy_events.errors(table["layers"], table["clock_pj"]))
    return (f"{table['configuration']}: {len(table['layers'])} layers, each predicted by the events that the others give: "
            + ", ".join(f"{name} {found[key][0]:.1f} % off in the mean, {found[key][1]:.1f} % at most" for key, name in
                        (("cells", "cells"), ("switching", "what changes in them"), ("memories", "memories"))))


def events_page(tables):
    """pJ of each event, cells and memories, of all tables."""
    rows = [(f"`{event}`", *(f"{table['events'][event][where]:.0f}" for table in tables for where in ("cells_pj", "memories_pj")))
            for event in energy_events.EVENTS]
    rows.append(("clock pins, a cycle", *(text for table in tables for text in (f"{table['clock_pj']:.0f}", ""))))
    heads = [text for table in tables for text in (f"{table['configuration']}, cells, pJ", "memories, pJ")]
    return "\n".join(synth.markdown(("event", *heads), rows))


def layers_page(table):
    """Measurement and error of each layer."""
    rows = []
    for layer, error in zip(table["layers"], energy_events.errors(table["layers"], table["clock_pj"])):
        switching, clock = sum(layer["cells_pj"].values()), table["clock_pj"] * layer["cycles"]
        rows.append((layer["name"], layer["what"], layer["cycles"], f"{layer['events']['pixel_one'] / max(layer['events']['lane'], 1):.1f}",
                     f"{switching / 1e6:.2f}", f"{(switching + clock) / 1e6:.2f}", f"{(switching + clock) / layer['macs']:.1f}",
                     f"{error['switching']:+.1f}", f"{error['cells']:+.1f}"))
    heads = ("layer", "what", "cycles", "ones of a pixel", "what changes, uJ", "with the clock, uJ", "pJ a MAC", "off, %", "with the clock, %")
    return "\n".join(synth.markdown(heads, rows))


def units_page(table):
    """pJ a cycle by unit of a few layers."""
    shown = [layer for layer in table["layers"] if layer["name"] in SHOWN]
    units = sorted(table["clock_pj_by_unit"], key=lambda unit: -table["clock_pj_by_unit"][unit])
    rows = [(f"`{unit}`", table["clock_pj_by_unit"][unit], *(f"{layer['cells_pj'].get(unit, 0) / layer['cycles']:.0f}" for layer in shown))
            for unit in units]
    rows.append(("sum", round(table["clock_pj"]), *(f"{sum(layer['cells_pj'].values()) / layer['cycles']:.0f}" for layer in shown)))
    return "\n".join(synth.markdown(("pJ a cycle", "clock pins", *(layer["name"] for layer in shown)), rows))


def keep(tables):
    """Writes bench/energy.json and the tables of docs/energy.md."""
    RESULT.write_text(json.dumps({"schema": 1, "tables": tables}, indent=1) + "\n")
    document.replace("energy.py events", events_page(tables), PAGE)
    document.replace("energy.py layers", layers_page(tables[0]), PAGE)
    document.replace("energy.py units", units_page(tables[0]), PAGE)
    document.replace("energy.py errors", "\n".join(f"    {errors_text(table)}" for table in tables), PAGE)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    actions = parser.add_subparsers(dest="action", required=True)
    for name in ("measure", "layer", "typical", "fit", "check"):
        action = actions.add_parser(name)
        if name in ("measure", "layer", "typical"):
            action.add_argument("build", type=pathlib.Path, help="folder of a build with the configuration")
        if name in ("measure", "layer"):
            action.add_argument("config", help="name of a configuration")
        if name == "layer":
            action.add_argument("model", type=pathlib.Path)
            action.add_argument("input", type=pathlib.Path)
            action.add_argument("layers", type=int, nargs="+", metavar="LAYER", help="KPU layer, from 0")
    arguments = parser.parse_args()
    tables = json.loads(RESULT.read_text())["tables"]
    try:
        if arguments.action in ("measure", "layer") and not liberty.library():
            raise yosys.Failure(f"{liberty.OSU018} is missing: expected the package qflow-tech-osu018")
        if arguments.action == "typical":
            print_typical(arguments.build / "kpu")
            return 0
        if arguments.action == "layer":
            print_layers(tables, arguments)
            return 0
        if arguments.action == "measure":
            measured = measure(arguments.build, arguments.config)
            at = next((i for i, table in enumerate(tables) if table["configuration"] == arguments.config), len(tables))
            tables[at:at + 1] = [measured]
        if arguments.action != "check":
            tables = [fitted(table) for table in tables]
            keep(tables)
    except yosys.Failure as failure:
        print(f"energy: {failure}", file=sys.stderr)
        return 1
    problems = [line for table in tables for line in energy_events.problems(table)]
    print(*(f"energy: {errors_text(table)}" for table in tables), *(f"energy: {line}" for line in problems), sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
