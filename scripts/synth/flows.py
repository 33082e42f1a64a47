# SPDX-License-Identifier: Apache-2.0
"""Configurations of the RTL that are synthesised, and the Yosys script of each target technology."""

# name: (target, top module, parameters). The ECP5 configurations sit in a frame of registers, because the buses
# have more signals than a package has pins; the frame's own area is listed by itself.
FPGA16 = {"Lanes": 16, "PostLanes": 1, "WeightRows": 512, "AiLines": 1024, "AccLines": 16}
CONFIGS = {
    "ecp5-lanes16": ("ecp5", "kpu_pnr_frame", FPGA16),
    "ecp5-lanes32": ("ecp5", "kpu_pnr_frame", {**FPGA16, "Lanes": 32, "PostLanes": 2, "WeightRows": 1024}),
    "ecp5-lanes64": ("ecp5", "kpu_pnr_frame", {**FPGA16, "Lanes": 64, "PostLanes": 4, "WeightRows": 2048}),
}

# What a cell counts as. A carry cell holds two LUTs; a distributed memory of 16 x 4 bits takes the place of six.
CELLS = {
    "ecp5": {
        "LUT4": {"lut": 1}, "CCU2C": {"lut": 2, "carry": 1}, "TRELLIS_DPR16X4": {"lut": 6, "lutram": 1},
        "TRELLIS_FF": {"ff": 1}, "MULT18X18D": {"dsp": 1}, "DP16KD": {"bram": 1}, "PDPW16KD": {"bram": 1},
    },
}
MEMORY_MACROS = ("kpu_ai_ram", "kpu_ram_1r1w")

# Yosys warnings that are expected, as (pattern, reason). Any other one fails the run.
WARNINGS = (
    (r"Replacing memory \\\S+ with list of registers", "a small array that is indexed by constants: wires or registers"),
)

_DSP = ("techmap -map +/mul2dsp.v -map +/ecp5/dsp_map.v -D DSP_A_MAXWIDTH=18 -D DSP_B_MAXWIDTH=18 "
        "-D DSP_NAME=$__MUL18X18 -D DSP_A_MINWIDTH={0} -D DSP_B_MINWIDTH={0}")

_COARSE = ["proc", "opt_expr", "opt_clean", "check", "opt -nodffe -nosdff", "opt", "wreduce", "peepopt", "opt_clean"]


def sources(root):
    """RTL files of kpu.f up to and including kpu_top.sv, relative to the root."""
    lines = [line.strip() for line in (root / "rtl/kpu.f").read_text().splitlines()]
    files = [line for line in lines if line.endswith(".sv")]
    return files[: files.index("rtl/kpu_top.sv") + 1]


def read(root, top, params):
    """Commands that read the RTL and set the top module's parameters."""
    files = sources(root) + (["fpga/kpu_pnr_frame.sv"] if top == "kpu_pnr_frame" else [])
    chparam = " ".join(f"-chparam {name} {value}" for name, value in params.items())
    return [f"read_verilog -sv -noautowire -defer -Irtl {' '.join(files)}", f"hierarchy -check -top {top} {chparam}"]


def ecp5(root, top, params, black_boxes=()):
    """LUTs, flip-flops, DSP blocks and memories of a Lattice ECP5; hierarchy is kept.

    As `synth_ecp5`, with three differences: products narrower than seven bits stay out of the DSP blocks (their
    number is what limits the lanes), adders are carry chains each, and LUTs have four inputs only: wider ones made of
    four-input LUTs and multiplexers cost a third more area. `black_boxes` are modules to leave out.
    """
    reading = read(root, top, params)
    boxes = [f"blackbox *{name}*" for name in black_boxes]
    return [
        reading[0], "read_verilog -lib -specify +/ecp5/cells_sim.v +/ecp5/cells_bb.v", reading[1], *boxes, *_COARSE,
        "techmap -map +/cmp2lut.v -D LUT_WIDTH=4", "opt_expr", "opt_clean",
        "techmap -map scripts/synth/ecp5_mul.v -map +/ecp5/dsp_map.v", _DSP.format(7), "chtype -set $mul t:$__soft_mul",
        "techmap -map scripts/synth/ecp5_add.v", "alumacc", "opt", "memory -nomap", "opt_clean",
        f"synth_ecp5 -top {top} -run map_ram:map_luts", "abc -lut 4", "clean",
        f"synth_ecp5 -top {top} -run map_cells:check", "blackbox =A:whitebox",
    ]


TARGETS = {"ecp5": ecp5}
