# SPDX-License-Identifier: Apache-2.0
"""Configurations of the RTL that are synthesised, and the Yosys script of each target technology."""
import pathlib
import sys

import liberty
import yosys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import configs  # noqa: E402


def netlists():
    """name: (target, top module, parameters) of all netlists that the files of configs/ name.

    The ECP5 ones sit in a frame of registers, because the buses have more signals than a package has pins; the
    frame's own area is listed by itself.
    """
    found = {}
    for config in configs.names():
        for name in configs.load(config)["netlists"]:
            target = name.partition("-")[0]
            top = "kpu_pnr_frame" if target == "ecp5" else "kpu_top"
            found[name] = (target, top, configs.top_parameters(config))
    return dict(sorted(found.items()))


CONFIGS = netlists()
# What make synth-quick takes; make synth without names takes all that bench/silicon.json holds.
QUICK = ("ecp5-lanes16", "ecp5-smallest")

# What a cell counts as. ECP5: a carry cell holds two LUTs, a distributed memory of 16 x 4 bits takes the place of
# six. Xilinx 7: a carry cell stands beside its LUTs, a RAM32M is four LUTs, block memories are counted in halves of
# 18 Kbit. Gates: equivalents of a NAND of two inputs, at four transistors each in static CMOS; a memory that is left
# whole is a macro, counted by its bits.
CELLS = {
    "ecp5": {
        "LUT4": {"lut": 1}, "CCU2C": {"lut": 2, "carry": 1}, "TRELLIS_DPR16X4": {"lut": 6, "lutram": 1},
        "TRELLIS_FF": {"ff": 1}, "MULT18X18D": {"dsp": 1}, "DP16KD": {"bram": 1}, "PDPW16KD": {"bram": 1},
    },
    "xilinx7": {
        "INV": {"lut": 1}, **{f"LUT{n}": {"lut": 1} for n in range(1, 7)}, "MUXF7": {}, "MUXF8": {},
        "CARRY4": {"carry": 1}, "RAM32M": {"lut": 4, "lutram": 1}, "RAM64M": {"lut": 4, "lutram": 1},
        "RAM32X1D": {"lut": 2, "lutram": 1}, "RAM64X1D": {"lut": 2, "lutram": 1},
        "SRL16E": {"lut": 1, "lutram": 1}, "SRLC32E": {"lut": 1, "lutram": 1},
        **{kind: {"ff": 1} for kind in ("FDRE", "FDSE", "FDCE", "FDPE")},
        "DSP48E1": {"dsp": 1}, "RAMB18E1": {"bram": 1}, "RAMB36E1": {"bram": 2},
    },
    "gates": {
        "$_NOT_": {"gates": 0.5}, "$_NAND_": {"gates": 1}, "$_NOR_": {"gates": 1}, "$_AOI3_": {"gates": 1.5},
        "$_OAI3_": {"gates": 1.5}, "$_AOI4_": {"gates": 2}, "$_OAI4_": {"gates": 2}, "$_NMUX_": {"gates": 2.5},
        "$_MUX_": {"gates": 3}, "$_XOR_": {"gates": 3}, "$_XNOR_": {"gates": 3},
        "$_DFF_P_": {"gates": 5, "ff": 1}, "$_DFF_PN0_": {"gates": 6, "ff": 1}, "$_DFF_PN1_": {"gates": 6, "ff": 1},
        "$mem_v2": {"macros": 1},
    },
    "osu018": {**liberty.costs(), "$mem_v2": {"macros": 1}},
}
# Yosys warnings that are expected, as (pattern, reason). Any other one fails the run. Those about ports come from
# /usr/share/yosys/xilinx/brams_xc6v_map.v, which serves block memories of all widths.
WARNINGS = (
    (r"Replacing memory \\\S+ with list of registers", "a small array that is indexed by constants: wires or registers"),
    (r"Resizing cell port \S+\.ADDR(ARD|BWR)ADDR from 17 bits to 16 bits",
     "Yosys's map puts a constant cascade bit above an address that has the cell's full width; the constant is cut off"),
    (r"Resizing cell port \S+\.(D[IO][AB]D[IO] from 64 bits to (32|16)|D[IO]P[AB]D[IO]P from 8 bits to [42]) bits",
     "Yosys's map has data wires for 72 bits; those above the port's width are constant or not read"),
    (r"Resizing cell port \S+\.WEA from 4 bits to 2 bits",
     "Yosys's map repeats one write enable four times; the half-size memory has two bytes"),
)

_DSP = ("techmap -map +/mul2dsp.v -map {1} -D DSP_A_MAXWIDTH=18 -D DSP_B_MAXWIDTH=18 "
        "-D DSP_NAME=$__MUL18X18 -D DSP_A_MINWIDTH={0} -D DSP_B_MINWIDTH={0}")

# Without the steps of Yosys's script that look for equal nodes by SAT: they do not come to an end on wide products.
_ABC_GATES = 'abc -g cmos -script "+strash;dc2;&get,-n;&dch,-f;&nf;&put"'

_ABC_LIBERTY = f'abc -liberty {liberty.OSU018} -script "+strash;dc2;&get,-n;&dch,-f;&nf;&put;topo;buffer;upsize;dnsize"'

_COARSE = ["proc", "opt_expr", "opt_clean", "check", "opt -nodffe -nosdff", "opt", "wreduce", "peepopt", "opt_clean"]


def sources(root):
    """RTL files of kpu.f up to and including kpu_top.sv, relative to the root."""
    lines = [line.strip() for line in (root / "rtl/kpu.f").read_text().splitlines()]
    files = [line for line in lines if line.endswith(".sv")]
    return files[: files.index("rtl/kpu_top.sv") + 1]


def read(root, top, params):
    """Commands that read the RTL and set the top module's parameters."""
    files = sources(root) + (["fpga/kpu_pnr_frame.sv"] if top == "kpu_pnr_frame" else [])
    return [f"read_verilog -sv -noautowire -defer -Irtl {' '.join(files)}",
            f"hierarchy -check -top {top} {' '.join(configs.yosys(params))}"]


def ecp5(root, top, params, black_boxes=()):
    """LUTs, flip-flops, DSP blocks and memories of a Lattice ECP5; hierarchy is kept.

    As `synth_ecp5`, with four differences: products narrower than seven bits stay out of the DSP blocks (their
    number is what limits the lanes), wide signed products use their unsigned sides, adders are carry chains each, and
    LUTs have four inputs only: wider ones made of four-input LUTs and multiplexers cost a third more area.
    `black_boxes` are modules to leave out.
    """
    reading = read(root, top, params)
    dsp_map = yosys.dsp_map(yosys.version())
    boxes = [f"blackbox *{name}*" for name in black_boxes]
    return [
        reading[0], "read_verilog -lib -specify +/ecp5/cells_sim.v +/ecp5/cells_bb.v", reading[1], *boxes, *_COARSE,
        "techmap -map +/cmp2lut.v -D LUT_WIDTH=4", "opt_expr", "opt_clean",
        f"techmap -map scripts/synth/ecp5_mul.v -map {dsp_map}", _DSP.format(7, dsp_map), "chtype -set $mul t:$__soft_mul",
        "techmap -map scripts/synth/ecp5_add.v", "alumacc", "opt", "memory -nomap", "opt_clean",
        f"synth_ecp5 -top {top} -run map_ram:map_luts", "opt_merge", "opt_clean", "abc -lut 4", "clean",
        f"synth_ecp5 -top {top} -run map_cells:check", "blackbox =A:whitebox",
    ]


def xilinx7(root, top, params):
    """LUTs, flip-flops, DSP blocks and memories of a Xilinx 7 series; hierarchy is kept, pins are left out."""
    return [*read(root, top, params), f"synth_xilinx -family xc7 -noiopad -noclkbuf -top {top}", "blackbox =A:whitebox"]


def simple_gates(root, top, params):
    """Yosys's simple gates and flip-flops; hierarchy is kept.

    Memories with clocked reads stay whole, because a chip has macros for them; those without become flip-flops.
    """
    return [
        *read(root, top, params), f"synth -top {top} -run coarse:fine", "opt -fast -full",
        "select -set macros t:$mem_v2 r:RD_CLK_ENABLE=1'1 %i", "memory_map t:$mem_v2 @macros %d", "opt -undriven -fine",
        "techmap", "opt -fast", "dfflegalize -cell $_DFF_P_ x -cell $_DFF_PN0_ x -cell $_DFF_PN1_ x",
    ]


def gates(root, top, params):
    """Static CMOS gates and flip-flops, as simple_gates()."""
    return [*simple_gates(root, top, params), _ABC_GATES, "opt_clean"]


def osu018(root, top, params):
    """Standard cells of a 0.18 um library (liberty.py), as simple_gates()."""
    return [f"read_liberty -lib {liberty.OSU018}", *simple_gates(root, top, params), f"dfflibmap -liberty {liberty.OSU018}",
            _ABC_LIBERTY, "opt_clean"]


TARGETS = {"ecp5": ecp5, "xilinx7": xilinx7, "gates": gates, "osu018": osu018}
