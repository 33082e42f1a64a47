# SPDX-License-Identifier: Apache-2.0
"""Configurations of the RTL that are synthesised, and the Yosys script of each target technology."""

# name: (target, top module, parameters). The ECP5 configurations sit in a frame of registers, because the buses
# have more signals than a package has pins; the frame's own area is listed by itself.
FPGA16 = {"Lanes": 16, "PostLanes": 1, "WeightRows": 512, "AiLines": 1024, "AccLines": 16}
CONFIGS = {
    "ecp5-lanes16": ("ecp5", "kpu_pnr_frame", FPGA16),
    "ecp5-lanes32": ("ecp5", "kpu_pnr_frame", {**FPGA16, "Lanes": 32, "PostLanes": 2, "WeightRows": 1024}),
    "ecp5-lanes64": ("ecp5", "kpu_pnr_frame", {**FPGA16, "Lanes": 64, "PostLanes": 4, "WeightRows": 2048}),
    "xc7-lanes16": ("xc7", "kpu_top", FPGA16),
    "gates-smallest": ("gates", "kpu_top", {**FPGA16, "WeightRows": 64, "AiLines": 64, "MaxOutstanding": 1,
                                            "LayerFifo": 2, "OutFifo": 2}),
}

# What a cell counts as. A carry cell holds two LUTs; a distributed memory of 16 x 4 bits takes the place of six.
CELLS = {
    "ecp5": {
        "LUT4": {"lut": 1}, "CCU2C": {"lut": 2, "carry": 1}, "TRELLIS_DPR16X4": {"lut": 6, "lutram": 1},
        "TRELLIS_FF": {"ff": 1}, "MULT18X18D": {"dsp": 1}, "DP16KD": {"bram": 1}, "PDPW16KD": {"bram": 1},
    },
    "xc7": {
        **{f"LUT{n}": {"lut": 1} for n in range(1, 7)}, "INV": {}, "CARRY4": {"carry": 1},
        **{f"FD{kind}": {"ff": 1} for kind in ("RE", "CE", "PE", "SE")}, "DSP48E1": {"dsp": 1},
        "RAMB18E1": {"bram": 0.5}, "RAMB36E1": {"bram": 1}, "MUXF7": {}, "MUXF8": {}, "BUFG": {}, "IBUF": {},
        "OBUF": {}, "RAM32M": {"lut": 4, "lutram": 1}, "RAM64M": {"lut": 4, "lutram": 1},
        "RAM32X1D": {"lut": 2, "lutram": 1}, "RAM64X1D": {"lut": 2, "lutram": 1}, "SRL16E": {"lut": 1},
    },
    "gates": {
        **{f"$_{gate}_": {"gate": 1} for gate in ("AND", "NAND", "OR", "NOR", "XOR", "XNOR", "MUX", "NOT",
                                                  "ANDNOT", "ORNOT")},
    },
}
MEMORY_MACROS = ("kpu_ai_ram", "kpu_ram_1r1w")

# Yosys warnings that are expected, as (pattern, reason). Any other one fails the run.
WARNINGS = (
    (r"Replacing memory \\\S+ with list of registers", "a small array that is indexed by constants: wires or registers"),
)

_DSP = ("techmap -map +/mul2dsp.v -map +/ecp5/dsp_map.v -D DSP_A_MAXWIDTH=18 -D DSP_B_MAXWIDTH=18 "
        "-D DSP_NAME=$__MUL18X18 -D DSP_A_MINWIDTH={0} -D DSP_B_MINWIDTH={0}")

# Narrowest product that goes to a DSP block. An 85F has 156 blocks: 144 for the array, eight for batch norm, where the
# parts of a wide product would otherwise take a thousand LUTs, two each for the activation and the weight terms.
_DSP_BUDGET = [_DSP.format(4) + " *kpu_post_lane*", _DSP.format(8) + " *kpu_mac_array*", _DSP.format(12)]

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

    As `synth_ecp5`, with three differences: only the products of _DSP_BUDGET take DSP blocks (their number is what
    limits the lanes), adders are carry chains each, and LUTs have four inputs only: wider ones made of four-input
    LUTs and multiplexers cost a third more area. `black_boxes` are modules to leave out.
    """
    reading = read(root, top, params)
    boxes = [f"blackbox *{name}*" for name in black_boxes]
    return [
        reading[0], "read_verilog -lib -specify +/ecp5/cells_sim.v +/ecp5/cells_bb.v", reading[1], *boxes, *_COARSE,
        "techmap -map +/cmp2lut.v -D LUT_WIDTH=4", "opt_expr", "opt_clean",
        *_DSP_BUDGET, "chtype -set $mul t:$__soft_mul",
        "techmap -map scripts/synth/ecp5_add.v", "alumacc", "opt", "memory -nomap", "opt_clean",
        f"synth_ecp5 -top {top} -run map_ram:map_luts", "abc -lut 4", "clean",
        f"synth_ecp5 -top {top} -run map_cells:check", "blackbox =A:whitebox",
    ]


def xc7(root, top, params):
    """Xilinx 7 series, as `synth_xilinx` does it; hierarchy is kept."""
    return read(root, top, params) + [
        f"synth_xilinx -family xc7 -top {top} -noiopad -noclkbuf -run begin:check", "blackbox =A:whitebox"]


def gates(root, top, params):
    """Two-input gates, multiplexers and flip-flops; memories with a synchronous port stay macros."""
    boxes = [f"blackbox *{name}*" for name in MEMORY_MACROS]
    return read(root, top, params) + boxes + _COARSE + [
        "alumacc", "opt", "memory -nomap", "memory_map", "opt -fast", "techmap", "opt -fast",
        "abc -g AND,NAND,OR,NOR,XOR,XNOR,MUX", "opt_clean"]


TARGETS = {"ecp5": ecp5, "xc7": xc7, "gates": gates}
