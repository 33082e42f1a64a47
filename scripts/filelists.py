# SPDX-License-Identifier: Apache-2.0
"""The files of the IP core `openkpu`, from rtl/kpu.f and rtl/ip/openkpu.f, in the forms that other build systems read:
a plain list, a core file of FuseSoC, a Bender.yml. generate.py writes them to their files."""
import configs

ROOT = configs.ROOT
NOTICE = "Written by scripts/generate.py from rtl/kpu.f and rtl/ip/openkpu.f: change those, not this."
DESCRIPTION = "An open implementation of the Kendryte K210's neural-network accelerator (KPU)"
LINT = ("rtl/lint.vlt", "rtl/ip/lint.vlt")


def listed(path):
    """The files that a list of the repository names, in its order."""
    return [line for line in (ROOT / path).read_text().split() if not line.startswith(("+", "#"))]


def version():
    """The project's version, which CMakeLists.txt states."""
    text = (ROOT / "CMakeLists.txt").read_text()
    return text.split("project(k210_kpu VERSION ")[1].split()[0]


def machine():
    """Files of the machine, up to kpu_top."""
    files = listed("rtl/kpu.f")
    return files[: files.index("rtl/kpu_top.sv") + 1]


def core_files():
    """Files of the IP core, in an order in which everything is known before it is used."""
    return machine() + listed("rtl/ip/openkpu.f")


def system():
    """Files of kpu_soc beyond those of the machine."""
    return listed("rtl/kpu.f")[len(machine()):]


def plain():
    """ip/openkpu.f: for simulators and synthesis by -f or -F, from the root of the repository."""
    return "\n".join([f"// {NOTICE}", "+incdir+rtl", *core_files(), ""])


def fusesoc():
    """openkpu.core, which FuseSoC looks for in the root."""
    default = configs.load("lanes64")["parameters"]
    wrapper = [name for name in default if name not in configs.SYSTEM_ONLY]

    def files(names):
        return [f"      - {name}: {{file_type: verilogSource}}" if name.endswith(".v") else f"      - {name}" for name in names]

    def parameter(name):
        rule = configs.PARAMETERS[name]
        return [f"  {name}:", "    datatype: int", "    paramtype: vlogparam", f"    default: {default[name]}",
                f"    description: \"{rule['description']}: {configs.expectation(rule)}\""]

    return "\n".join([
        "CAPI=2:", "# SPDX-License-Identifier: Apache-2.0", f"# {NOTICE}", f"name: openkpu:ip:openkpu:{version()}",
        f"description: {DESCRIPTION}", "", "filesets:", "  rtl:", "    files:",
        "      - rtl/kpu_assert.svh: {is_include_file: true, include_path: rtl}", *files(core_files()),
        "    file_type: systemVerilogSource", "  soc:", "    files:", *files(system()),
        "    file_type: systemVerilogSource", "  waivers:", "    files:", *files(LINT), "    file_type: vlt", "", "targets:",
        "  default:", "    description: the IP core, for designs that depend on it", "    filesets: [rtl]", "    toplevel: openkpu",
        "  soc:", "    description: KPU, DMA controller and interconnect at the K210's addresses", "    filesets: [rtl, soc]",
        "    toplevel: kpu_soc", "  lint:", "    description: Verilator with all of its warnings",
        "    filesets: [waivers, rtl]", "    toplevel: openkpu", "    flow: lint", "    flow_options:", "      tool: verilator",
        "      verilator_options: [--assert, -Wall]",
        f"    parameters: [{', '.join(wrapper)}]", "", "parameters:", *(line for name in wrapper for line in parameter(name)), ""])


def bender():
    """Bender.yml."""
    return "\n".join([
        "# SPDX-License-Identifier: Apache-2.0", f"# {NOTICE}", "package:", "  name: openkpu", "", "export_include_dirs: [rtl]",
        "", "sources:", "  - files:", *(f"      - {name}" for name in core_files()),
        "  - target: openkpu_soc", "    files:", *(f"      - {name}" for name in system()), ""])


def generated():
    """Path in the repository and text of each form."""
    yield "ip/openkpu.f", plain()
    yield "openkpu.core", fusesoc()
    yield "Bender.yml", bender()
