#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""LiteX's simulation with a VexRiscv, main memory and a small KPU, on which ip/litex/main.c runs the driver's example.

sim.py FOLDER    builds design, program and simulation in FOLDER, runs it; exit code 0 if the program found all right
"""
import logging
import pathlib
import subprocess
import sys

from migen import Finish, If
from migen.genlib.io import CRG

import litex
from litex.build.generic_platform import Pins, Subsignal
from litex.build.sim import SimPlatform
from litex.build.sim.config import SimConfig
from litex.gen import LiteXModule
from litex.soc.integration.builder import Builder
from litex.soc.integration.common import get_mem_data
from litex.soc.integration.soc_core import SoCCore
from litex.soc.interconnect.csr import CSRStorage

from openkpu import ROOT, OpenKpu

sys.path.insert(0, str(ROOT / "scripts"))
import configs  # noqa: E402

IO = [
    ("sys_clk", 0, Pins(1)),
    ("serial", 0, Subsignal("source_valid", Pins(1)), Subsignal("source_ready", Pins(1)),
     Subsignal("source_data", Pins(8)), Subsignal("sink_valid", Pins(1)), Subsignal("sink_ready", Pins(1)),
     Subsignal("sink_data", Pins(8))),
]
LITEX = pathlib.Path(litex.__file__).parent
COMPILER = "riscv64-unknown-elf-gcc"


class End(LiteXModule):
    """A register whose write ends the simulation."""
    def __init__(self):
        self.now = CSRStorage()
        self.sync += If(self.now.re, Finish())


class Design(SoCCore):
    """Processor, 64 KiB of memory for program and data, 64 KiB of main memory, serial port, KPU."""
    def __init__(self, platform, program):
        self.crg = CRG(platform.request("sys_clk"))
        SoCCore.__init__(self, platform, clk_freq=int(1e6), cpu_type="vexriscv", uart_name="sim",
                         integrated_rom_size=0x10000, integrated_rom_init=program, integrated_sram_size=0x4000,
                         integrated_main_ram_size=0x10000, ident="openkpu", timer_uptime=False)
        self.kpu = OpenKpu(platform, configs.top_parameters("smallest"))
        self.kpu.add_to(self, ctrl=0x9000_0000, ram=0x9100_0000)
        self.end = End()


def compile_program(folder):
    """main.c, driver and example for the design whose headers are in `folder`; the words of its ROM."""
    sources = [ROOT / "ip/litex/start.S", ROOT / "ip/litex/main.c", ROOT / "driver/c/kpu.c", ROOT / "driver/c/kpu_example.c"]
    elf, flat = folder / "program.elf", folder / "program.bin"
    subprocess.run([COMPILER, "-march=rv32im", "-mabi=ilp32", "-std=gnu99", "-Os", "-Wall", "-Wextra", "-Werror",
                    "-ffreestanding", "-nostdlib", "-ffunction-sections", "-Wl,--gc-sections",
                    f"-I{folder}/software/include", f"-L{folder}/software/include", f"-I{ROOT}/driver/c",
                    f"-isystem{LITEX}/soc/software/include", f"-isystem{LITEX}/soc/software/include/base",
                    f"-isystem{LITEX}/soc/cores/cpu/vexriscv", "-T", ROOT / "ip/litex/program.ld",
                    *sources, "-lgcc", "-o", elf], check=True)
    subprocess.run([COMPILER.replace("gcc", "objcopy"), "-O", "binary", elf, flat], check=True)
    return get_mem_data(str(flat), data_width=32, endianness="little")


def build(folder, program):
    """Writes the design with `program` in its ROM, and the headers for it."""
    platform = SimPlatform("SIM", IO)
    builder = Builder(Design(platform, program), output_dir=str(folder), compile_software=False)
    config = SimConfig()
    config.add_clocker("sys_clk", freq_hz=int(1e6))
    config.add_module("serial2console", "serial")
    builder.build(sim_config=config, run=False, opt_level="O1", jobs=2, verbose=False)


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    logging.disable(logging.INFO)
    # The program needs the design's addresses, the design the program.
    build(folder, [])
    try:
        build(folder, compile_program(folder))
    except subprocess.CalledProcessError as error:
        print(f"litex: {error.cmd[0]}: exit code {error.returncode}: expected a program", file=sys.stderr)
        return 1
    gateware = folder / "gateware"
    with (folder / "verilator.log").open("w") as log:
        made = subprocess.run(["bash", "build_sim.sh"], cwd=gateware, stdout=log, stderr=subprocess.STDOUT, check=False)
    if made.returncode != 0:
        print(f"litex: Verilator or the compiler failed, see {folder}/verilator.log", file=sys.stderr)
        return 1
    done = subprocess.run(["obj_dir/Vsim"], cwd=gateware, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", timeout=1800, check=False)
    # Before and behind the program's own lines the simulation tells of its modules and of its end.
    print("".join(f"litex: {line}\n" for line in done.stdout.splitlines() if line.strip() and line[0] not in "[-"), end="")
    return 0 if "PASS" in done.stdout.split() else 1


if __name__ == "__main__":
    sys.exit(main())
