#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""plant.py OUT: a copy of the RTL in OUT that holds the faults of faults.txt, each switched on by its number
in the environment (mutation/mutant.cpp). Fails when a statement is not there exactly once."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "mutation"))
from instrument import PACKAGE, write  # noqa: E402


def main():
    out = pathlib.Path(sys.argv[1])
    files = {path.relative_to(ROOT / "rtl"): path.read_text()
             for path in (ROOT / "rtl").rglob("*") if path.suffix in (".sv", ".svh", ".vlt")}
    number = 0
    for line in (pathlib.Path(__file__).parent / "faults.txt").read_text().split("\n"):
        if not line or line.startswith("#"):
            continue
        number += 1
        columns = [c.strip().replace("\\|", "|") for c in re.split(r"(?<!\\)\|", line)]
        assertion, _, name, statement, old, new = columns
        text = files[pathlib.Path(name)]
        if text.count(statement) != 1 or statement.count(old) != 1:
            raise SystemExit(f"faults.txt: {assertion}: not once in rtl/{name}: {statement}")
        start = statement.index(old)
        good, bad = statement, statement[:start] + new + statement[start + len(old):]
        # The right-hand side as a whole, or the statement when its condition changes.
        head = re.match(r".*?(?<![<>=!])<?=(?!=)\s*", good).group()
        if start < len(head):
            both = f"if (kpu_mutant_pkg::hit({number})) begin {bad} end else begin {good} end"
        else:
            both = f"{head}(kpu_mutant_pkg::hit({number}) ? ({bad[len(head):-1]}) : ({good[len(head):-1]}));"
        files[pathlib.Path(name)] = text.replace(statement, both)
    for path, text in files.items():
        write(out / "rtl" / path, text)
    write(out / "rtl/kpu_mutant_pkg.sv", PACKAGE)
    write(out / "rtl/kpu.f", "rtl/kpu_mutant_pkg.sv\n" + (ROOT / "rtl/kpu.f").read_text())


if __name__ == "__main__":
    main()
