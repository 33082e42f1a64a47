#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Synthesises the KPU with Yosys and keeps its area in bench/silicon.json and docs/silicon.md.

Checks: every warning of Yosys is a known one, no latches, no combinational loops, no memory or multiplier outside of
the technology's blocks, and no configuration more than 2 % off the figures that the repository has of this version of
Yosys; where it has none, more than 5 % off those of the version next to it. Those of Yosys 0.23 are in
bench/silicon.json and the document, those of others in bench/silicon_<version>.json.
"""
import argparse
import concurrent.futures
import json
import pathlib
import re
import sys

import document
import flows
import liberty
import yosys
from yosys import Failure

ROOT = yosys.ROOT
TOLERANCE = 0.02
FOREIGN_TOLERANCE = 0.05  # against the figures of another version of Yosys
DOCUMENTED = "0.23"  # the version of Yosys whose figures the document shows
KEYS = ("gates", "um2", "lut", "carry", "lutram", "ff", "dsp", "bram", "macros", "macro_bits")
# What the tables show, as (heading, key); the first one is the area.
FPGA_COLUMNS = (("LUT", "lut"), ("carry cells", "carry"), ("LUT memories", "lutram"), ("flip-flops", "ff"),
                ("DSP", "dsp"), ("block RAM", "bram"))
GATE_COLUMNS = (("gate equivalents", "gates"), ("flip-flops", "ff"), ("memory macros", "macros"),
                ("bits in macros", "macro_bits"))
CELL_COLUMNS = (GATE_COLUMNS[0], ("mm2 of cells", "um2"), *GATE_COLUMNS[1:])
# The configurations whose modules are listed.
BY_MODULE = ("ecp5-lanes16", "gates-lanes64")
# Modules below this share of the whole are left out of the table.
SHOWN_SHARE = 0.01


def area_file(version):
    """Where the figures of a version of Yosys are kept."""
    return ROOT / ("bench/silicon.json" if version == DOCUMENTED else f"bench/silicon_{version}.json")


def kept_version(version):
    """The version whose figures this one is compared with: itself, or else the nearest one that has some."""
    others = [path.stem.split("_")[1] for path in (ROOT / "bench").glob("silicon_*.json")]
    number = yosys.as_numbers(version)
    return min((DOCUMENTED, *others), key=lambda kept: [abs(a - b) for a, b in zip(yosys.as_numbers(kept), number)])


def module_name(kind):
    """Name in the RTL of a module that Yosys has renamed for its parameters."""
    match = re.search(r"(kpu_\w+)", kind)
    return match.group(1) if match else kind


def run_yosys(name, target, top, params, folder):
    """Synthesises one configuration; returns (netlist, warnings with their counts)."""
    script = flows.TARGETS[target](ROOT, top, params) + [f"write_json {folder}/netlist.json", "check"]
    text = yosys.run(name, script, folder / "synth")
    if "Found and reported 0 problems" not in text.rsplit("Executing CHECK pass", 1)[-1]:
        raise Failure(f"{name}: loops or drivers reported by `check`: expected none (see {folder}/synth.log)")
    return json.loads((folder / "netlist.json").read_text()), classify_warnings(name, text)


def classify_warnings(name, log):
    """Counts of Yosys warnings by reason; throws on one that is not listed in flows.WARNINGS."""
    counts = {}
    for warning in sorted(set(re.findall(r"^Warning: (.*)$", log, re.MULTILINE))):
        reason = next((why for pattern, why in flows.WARNINGS if re.match(pattern, warning)), None)
        if reason is None:
            raise Failure(f"{name}: Yosys warns: {warning}: expected only what flows.WARNINGS lists")
        counts[reason] = counts.get(reason, 0) + 1
    return counts


def cell_costs(name, target, cell):
    """What one cell counts as; throws for cells that no block of the technology is."""
    costs, kind = flows.CELLS[target], cell["type"]
    if kind not in costs:
        raise Failure(f"{name}: cell {kind}: expected only {', '.join(costs)}")
    if "macros" not in costs[kind]:
        return costs[kind]
    size = cell["parameters"]
    return {**costs[kind], "macro_bits": int(size["SIZE"], 2) * int(size["WIDTH"], 2)}


def census(name, target, netlist, top):
    """Area by place in the hierarchy: a list of (depth, instance, module, counts), parents first."""
    modules = {kind: body for kind, body in netlist["modules"].items()
               if "blackbox" not in body.get("attributes", {})}
    memo = {}

    def total(kind):
        if kind not in memo:
            counts = dict.fromkeys(KEYS, 0)
            for cell in modules[kind]["cells"].values():
                part = total(cell["type"]) if cell["type"] in modules else cell_costs(name, target, cell)
                for key, value in part.items():
                    counts[key] += value
            memo[kind] = counts
        return memo[kind]

    rows = []

    def walk(kind, instance, depth):
        rows.append((depth, instance, module_name(kind), total(kind)))
        for cell_name, cell in sorted(modules[kind]["cells"].items()):
            if cell["type"] in modules:
                walk(cell["type"], cell_name, depth + 1)

    walk(top, top, 0)
    return rows


def columns(target):
    """What the tables show of a technology."""
    return {"gates": GATE_COLUMNS, "osu018": CELL_COLUMNS}.get(target, FPGA_COLUMNS)


def measure(name, folder):
    """Synthesises a configuration and returns its entry of the area file."""
    target, top, params = flows.CONFIGS[name]
    netlist, warnings = run_yosys(name, target, top, params, folder / name)
    rows = census(name, target, netlist, top)
    kpu = next(row for row in rows if row[2] == "kpu_top")
    size = columns(target)[0][1]
    shown = [row for row in rows if row[3][size] >= SHOWN_SHARE * kpu[3][size] and row[2] != "kpu_pnr_frame"]
    base = kpu[0]
    return {
        "target": target,
        "parameters": params,
        "total": kpu[3],
        "per_multiplier": round(kpu[3][size] / (9 * params["Lanes"]), 1),
        "modules": [{"depth": depth - base, "instance": instance, "module": module, **counts}
                    for depth, instance, module, counts in shown],
        "warnings": warnings,
    }


def compare(name, new, area, version, tolerance=TOLERANCE):
    """Throws when a configuration has grown, or shrunk, by more than the tolerance against the figures of `version`."""
    file = f"bench/{area_file(version).name}"
    if name not in area:
        raise Failure(f"{name}: nothing to compare with: {file} has no figures of Yosys {version} for it; "
                      f"`make synth-update SYNTH_CONFIGS={name}` adds them")
    for key in KEYS:
        before, now = area[name]["total"].get(key, 0), new["total"][key]
        if abs(now - before) > tolerance * max(before, 1):
            word = "grown" if now > before else "shrunk"
            raise Failure(f"{name}: {key} has {word} from {before} to {now}: expected within {tolerance:.0%} of "
                          f"{file}; `make synth-update` takes the new figure")


def markdown(header, rows):
    """Lines of a table."""
    return ["| " + " | ".join(str(cell) for cell in row) + " |" for row in (header, ["---"] * len(header), *rows)]


def figure(counts, key):
    """A count as the tables show it: gate equivalents without their half, square millimetres."""
    return f"{counts[key] / 1e6:.3f}" if key == "um2" else f"{counts[key]:.0f}"


def area_table(area):
    """Totals of configurations of one kind of technology."""
    shown = columns(next(iter(area.values()))["target"])
    (size, size_key), *others = shown
    return markdown(
        ("configuration", "lanes", size, f"{size} per multiplier", *(heading for heading, _ in others)),
        [(name, entry["parameters"]["Lanes"], figure(entry["total"], size_key), entry["per_multiplier"],
          *(figure(entry["total"], key) for _, key in others)) for name, entry in area.items()])


def module_table(name, entry):
    """Area by module of one configuration, as lines of a section."""
    shown = columns(entry["target"])
    rows = [("&nbsp;&nbsp;" * row["depth"] + row["instance"], row["module"], *(figure(row, key) for _, key in shown))
            for row in entry["modules"]]
    return [f"By module, {name} (those with at least {SHOWN_SHARE:.0%} of the {shown[0][0]}s):", "",
            *markdown(("instance", "module", *(heading for heading, _ in shown)), rows)]


def table(area):
    """The generated part of docs/silicon.md."""
    lines = []
    for kind in (FPGA_COLUMNS, GATE_COLUMNS, CELL_COLUMNS):
        entries = {name: entry for name, entry in area.items() if columns(entry["target"]) is kind}
        if entries:
            lines += [*area_table(entries), ""]
    for name in BY_MODULE:
        if name in area:
            lines += [*module_table(name, area[name]), ""]
    lines += ["Warnings of Yosys:", "",
              *markdown(("configuration", "warnings", "reason"), [(name, count, reason) for name, entry in area.items()
                                                                 for reason, count in entry["warnings"].items()])]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("configs", nargs="*", help="default: those that the repository has figures of")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "out/synth", help="folder of netlists and logs")
    parser.add_argument("--update", action="store_true", help="write the figures to bench/ and docs/")
    parser.add_argument("--area-only", action="store_true", help="print the figures, compare with nothing")
    parser.add_argument("--quick", action="store_true", help=f"only {' and '.join(flows.QUICK)}")
    parser.add_argument("--jobs", type=int, default=1, help="configurations at a time (up to 2 GB of memory each)")
    arguments = parser.parse_args()
    try:
        version = yosys.version()
    except Failure as failure:
        parser.error(str(failure))
    against = version if arguments.update else kept_version(version)
    kept = area_file(against)
    area = json.loads(kept.read_text()) if kept.exists() else {}
    if against != version and not arguments.area_only:
        print(f"synth: no figures of Yosys {version}: compared with those of {against}, within {FOREIGN_TOLERANCE:.0%}; "
              f"`make synth-update` writes bench/{area_file(version).name}", flush=True)
    configs = arguments.configs or (list(flows.QUICK) if arguments.quick else list(area) or list(flows.CONFIGS))
    unknown = set(configs) - set(flows.CONFIGS)
    if unknown:
        parser.error(f"configuration {sorted(unknown)[0]}: expected one of {', '.join(flows.CONFIGS)}")

    if not liberty.library():
        absent = [name for name in configs if name.startswith("osu018")]
        configs = [name for name in configs if name not in absent]
        if absent:
            print(f"synth: {', '.join(absent)}: left out: {liberty.OSU018} is missing; the package qflow-tech-osu018 has it",
                  flush=True)

    failures = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        runs = {name: pool.submit(measure, name, arguments.out.resolve()) for name in configs}
        for name, run in runs.items():
            try:
                entry = run.result()
                total = entry["total"]
                print(f"{name}: " + ", ".join(f"{total[key]:.0f} {key}" for key in KEYS if total[key]), flush=True)
                if arguments.update:
                    if version != DOCUMENTED:
                        del entry["modules"], entry["warnings"]  # what only the document shows
                    area[name] = entry
                    area = {key: area[key] for key in flows.CONFIGS if key in area}
                    kept.write_text(json.dumps(area, indent=1) + "\n")
                    if version == DOCUMENTED:
                        document.replace("synth.py", table(area))
                elif not arguments.area_only:
                    compare(name, entry, area, against, TOLERANCE if against == version else FOREIGN_TOLERANCE)
            except Failure as failure:
                print(f"synth: {failure}", file=sys.stderr)
                failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
