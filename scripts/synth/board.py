#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Synthesises the ULX3S board's top with Yosys: netlist in out/synth/ulx3s, area in bench/board.json.

Checks what synth.py checks, and that the part's blocks suffice.
"""
import argparse
import json
import pathlib
import sys

import flows
import synth
import yosys

ROOT = synth.ROOT
RESULT = ROOT / "bench/board.json"
TOP = "kpu_ulx3s"
# LFE5U-85F
PART = {"lut": 83640, "ff": 83640, "dsp": 156, "bram": 208}
# Units of the board that the result names.
UNITS = ("kpu_ulx3s", "kpu_top", "kpu_dmac", "kpu_xbar", "kpu_uart_bridge", "kpu_block_sram")


def ulx3s(root, top, params):
    """The ECP5 flow with the files of the system and of the board."""
    lists = ("rtl/kpu.f", "fpga/ulx3s/kpu_ulx3s.f")
    files = [line for name in lists for line in (root / name).read_text().split() if line.endswith(".sv")]
    return [f"read_verilog -sv -noautowire -defer -Irtl {' '.join(files)}", *flows.ecp5(root, top, params)[1:]]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "out/synth/ulx3s", help="folder of netlist and log")
    folder = parser.parse_args().out.resolve()
    flows.TARGETS["ulx3s"] = ulx3s
    flows.CELLS["ulx3s"] = flows.CELLS["ecp5"]
    try:
        netlist, _ = synth.run_yosys("ulx3s", "ulx3s", TOP, flows.configs.load("ulx3s")["parameters"], folder)
        rows = synth.census("ulx3s", "ulx3s", netlist, TOP)
    except yosys.Failure as failure:
        print(f"board: {failure}", file=sys.stderr)
        return 1
    area = {module: counts for _, _, module, counts in rows if module in UNITS}
    RESULT.write_text(json.dumps(area, indent=1) + "\n")
    total = area[TOP]
    print("board: " + ", ".join(f"{total[key]} of {PART[key]} {key}" for key in PART))
    too_many = [key for key in PART if total[key] > PART[key]]
    if too_many:
        print(f"board: more {too_many[0]} than an ECP5-85F has", file=sys.stderr)
    return 1 if too_many else 0


if __name__ == "__main__":
    sys.exit(main())
