#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a copy of the RTL in which kpu_top is an ECP5 netlist: <folder>/rtl/ with a kpu.f of its own.

The memory modules with synchronous ports stay those of the RTL (an FPGA's block memories, a chip's macros); all
else in kpu_top is LUTs, carry chains, flip-flops, distributed memory and multipliers, modelled by fpga/ecp5/cells.sv.
The system around kpu_top stays RTL, so that the same test bench drives it. Build with -DKPU_RTL_ROOT=<folder>.
"""
import argparse
import json
import pathlib
import re
import shutil
import sys

import flows
import yosys

ROOT = yosys.ROOT
# configs/ecp5.json with the buses of kpu_soc.
PARAMETERS = {**flows.configs.top_parameters("ecp5"), "IdW": 2}
MEMORY_MACROS = ("kpu_ai_ram", "kpu_ram_1r1w")


def macro_types(netlist):
    """From the names Yosys gave the memory modules to what instantiates them in the RTL."""
    types = {}
    for kind, body in netlist["modules"].items():
        name = next((macro for macro in MEMORY_MACROS if kind.endswith(macro) or f"\\{macro}\\" in kind), None)
        if name:
            values = {key: int(value, 2) for key, value in body["parameter_default_values"].items()}
            types[kind] = f"{name} #({', '.join(f'.{key}({value})' for key, value in values.items())})"
    return types


def write_rtl(folder, netlist):
    """Copies the RTL to <folder>/rtl and puts the netlist in the place of kpu_top and all below it."""
    rtl = folder / "rtl"
    shutil.copytree(ROOT / "rtl", rtl, dirs_exist_ok=True)
    shutil.copy(ROOT / "fpga/ecp5/cells.sv", rtl / "cells.sv")
    (rtl / "netlist.v").write_text(netlist)
    # Modules that only kpu_top used are read and not looked at; those the netlist defines must not be there twice.
    defined = set(re.findall(r"^module (\w+)", netlist, re.MULTILINE))
    files = [line.strip() for line in (ROOT / "rtl/kpu.f").read_text().splitlines()]
    kept = [file for file in files if pathlib.Path(file).stem not in defined]
    (rtl / "kpu.f").write_text("\n".join([*kept, "rtl/cells.sv", "rtl/netlist.v"]) + "\n")
    # Nobody reads a netlist: no lint, no waves.
    with (rtl / "lint.vlt").open("a") as waivers:
        for name in ("netlist.v", "cells.sv"):
            waivers.write(f'lint_off -file "*{name}"\ntracing_off -file "*{name}"\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path, help="folder to write to")
    folder = parser.parse_args().out.resolve()
    folder.mkdir(parents=True, exist_ok=True)

    # One net a bit: a simulator would see loops through vectors that carry chains run along.
    script = flows.ecp5(ROOT, "kpu_top", PARAMETERS, MEMORY_MACROS) + [
        "splitnets", f"write_json {folder}/netlist.json", f"write_verilog -noattr -noexpr {folder}/netlist.v"]
    # Memories that are no modules of their own (the partial sums) go to distributed memory, which has a model.
    script.insert(script.index("memory -nomap") + 1, 'setattr -set ram_style "distributed" t:$mem_v2')
    try:
        yosys.run("netlist", script, folder / "netlist")
    except yosys.Failure as failure:
        print(failure, file=sys.stderr)
        return 1

    types = macro_types(json.loads((folder / "netlist.json").read_text()))
    text = re.sub(r"\\(\S+) ", lambda name: types.get(name.group(1), name.group(0)) + " ",
                  (folder / "netlist.v").read_text())
    # What the system sets must be there; it is what the netlist was made with.
    text = re.sub(r"^module kpu_top\(", f"module kpu_top #({', '.join(f'parameter {k} = {v}' for k, v in PARAMETERS.items())}) (",
                  text, flags=re.MULTILINE)
    write_rtl(folder, text)
    print(f"netlist: {folder}/rtl/netlist.v, {len(types)} kinds of memories left as RTL")
    return 0


if __name__ == "__main__":
    sys.exit(main())
