#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads the RTL with slang (the Python package pyslang) with all of its warnings but two; one is enough to fail.

slang.py               the tops of the repository
slang.py TOP FILE      module TOP of one file, such as scripts/verilog.sh writes

Run from the root of the repository. Left out are:
case-redundant-default: every `unique case` has a default arm, for tools that give X or a latch without one;
useless-cast: a cast that changes nothing in one configuration does in another.
"""
import sys

import pyslang

TOPS = {"kpu_soc": "-f rtl/kpu.f", "openkpu": "-f rtl/kpu.f -f rtl/ip/openkpu.f",
        "kpu_ulx3s": "-f rtl/kpu.f fpga/ulx3s/lint_cells.sv -f fpga/ulx3s/kpu_ulx3s.f",
        "kpu_arty": "-f rtl/kpu.f fpga/arty/lint_cells.sv -f fpga/arty/kpu_arty.f"}
WARNINGS = "-Wextra -Wno-case-redundant-default -Wno-useless-cast"


def read(top, files):
    """Whether slang reads a design without a diagnostic; it prints those there are."""
    driver = (pyslang.driver if hasattr(pyslang, "driver") else pyslang).Driver()
    driver.addStandardArgs()
    if not (driver.parseCommandLine(f"slang -Irtl --top {top} {WARNINGS} -Werror {files}")
            and driver.processOptions() and driver.parseAllSources()):
        return False
    driver.reportCompilation(driver.createCompilation(), True)
    return driver.reportDiagnostics(True)


def main():
    tops = {sys.argv[1]: sys.argv[2]} if len(sys.argv) == 3 else TOPS
    bad = [top for top, files in tops.items() if not read(top, files)]
    print(f"slang {pyslang.__version__}: " + (f"diagnostics in {', '.join(bad)}" if bad else "no warnings"))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
