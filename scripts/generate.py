#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes what is derived from tables: configurations, rooms and the cycle model's errors in docs/, the register map, the fields
of the layer words, the IP core's files for other build systems.

generate.py           writes every file that is not as the tables say
generate.py --check   writes nothing; exit code 1 and a line for each file that is not
"""
import argparse
import pathlib
import sys

import configs
import filelists
import model_table
import registers
import rooms

ROOT = configs.ROOT


def markdown(header, rows):
    """A table as text."""
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in (header, ["---"] * len(header), *rows))


def document(path, **sections):
    """A document with the text of each section between the two comments that name it."""
    text = (ROOT / path).read_text()
    for name, section in sections.items():
        begin, end = f"<!-- generate.py {name}: begin -->", f"<!-- generate.py {name}: end -->"
        head, rest = text.split(begin)
        text = f"{head}{begin}\n{section}\n{end}{rest.split(end)[1]}"
    return text


def configuration_table():
    """All configurations with all parameters."""
    entries = [configs.load(name) for name in configs.names()]
    return markdown(("configuration", *configs.PARAMETERS, "for"),
                    [(entry["name"], *entry["parameters"].values(), entry["description"]) for entry in entries])


def parameter_table():
    """What each parameter means and may be."""
    return markdown(("parameter", "meaning", "values"),
                    [(name, rule["description"], configs.expectation(rule).removeprefix("one of "))
                     for name, rule in configs.PARAMETERS.items()])


def netlist_table():
    """Which configuration each netlist is made of."""
    shown = ("Lanes", "PostLanes", "WeightRows", "AiLines", "AccLines", "Perf")
    rows = [(netlist, entry["name"], *(entry["parameters"][name] for name in shown))
            for entry in map(configs.load, configs.names()) for netlist in entry["netlists"]]
    return markdown(("netlist", "configuration", *shown), sorted(rows))


def generated():
    """Path in the repository and text of everything that is derived."""
    yield "docs/architecture.md", document("docs/architecture.md", parameters=parameter_table(),
                                           configurations=configuration_table(), rooms=rooms.picture())
    yield "docs/cycle-model.md", document("docs/cycle-model.md", model_summary=model_table.summary(),
                                          model_shapes=markdown(model_table.SHAPE_HEADER, model_table.shape_rows()),
                                          model_networks=markdown(model_table.network_header(), model_table.network_rows()))
    yield "docs/silicon.md", document("docs/silicon.md", netlists=netlist_table())
    yield "docs/registers.md", document(
        "docs/registers.md",
        k210=markdown(registers.HEADER, registers.register_rows(registers.TABLE["k210"])),
        own=markdown(registers.HEADER, registers.register_rows(registers.TABLE["own"])),
        words=markdown(registers.FIELD_HEADER, registers.field_rows()),
        reasons=markdown(registers.REASON_HEADER, registers.reason_rows()))
    yield "rtl/regs/kpu_reg_pkg.sv", registers.systemverilog()
    yield "driver/kpu_registers.h", registers.cpp_registers()
    yield "driver/c/kpu_regs.h", registers.c_registers()
    yield "common/layer_fields.h", registers.cpp_layer_fields()
    yield from filelists.generated()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    stale = 0
    for path, text in generated():
        file = ROOT / path
        if file.exists() and file.read_text() == text:
            continue
        stale += 1
        if check:
            print(f"{path}: not as the tables say: expected what scripts/generate.py writes", file=sys.stderr)
        else:
            file.write_text(text)
            print(f"{path}: written")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
