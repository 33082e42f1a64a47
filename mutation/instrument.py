#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a copy of the RTL that holds many faults, of which one can be switched on at run time.

A fault is a small change of one statement, guarded by `kpu_mutant_pkg::hit(n)`:

  true, false   the condition of a procedural `if` always or never holds
  keep          a non-blocking assignment does not happen
  flip          a blocking or continuous assignment has its lowest bit inverted
  const         a sized decimal number in an expression is one more (one less for odd ones)

Compiling once and choosing the fault by number makes a run a matter of seconds. The places are drawn
at random, spread over the files by their number of places; the list goes to <out>/mutants.txt.
"""
import argparse
import pathlib
import random
import re

PACKAGE = """// SPDX-License-Identifier: Apache-2.0
package kpu_mutant_pkg;
  import "DPI-C" function int kpu_mutant();
  int active = kpu_mutant();
  function automatic logic hit(input int n);
    hit = active == n;
  endfunction
endpackage
"""

ALWAYS = re.compile(r"^\s*always_(ff|comb)\b")
IF = re.compile(r"^(\s*(?:end\s+)?(?:else\s+)?(?:[\w']+:\s+|default:\s+)?(?:begin\s+)?)if \(")
NONBLOCKING = re.compile(r"^(\s*(?:else\s+)?)((?:\w+)(?:\[[^=]*\])?\s*<= [^;]*;)\s*(//.*)?$")
ASSIGN = re.compile(r"^(\s*assign\s+\w+\s*=\s*)([^;]*)(;.*)$")
BLOCKING = re.compile(r"^(\s*)(\w+)(\s*=\s*)([^;]*)(;.*)$")
NUMBER = re.compile(r"(?<![\w\[:'])(\d+)'d(\d+)(?![\w\]])")
RESET = re.compile(r"!rst_ni")


def close_paren(text, start):
    """Index of the parenthesis that closes the one at `start`, or -1."""
    depth = 0
    for i in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i
    return -1


class Source:
    """One file: its lines and the faults that can be put into them."""

    def __init__(self, path, text):
        self.path = path
        self.lines = text.split("\n")
        self.places = []  # (line, kind, start, end)
        self.find()

    def find(self):
        depth, procedural = 0, False
        for number, line in enumerate(self.lines):
            code = line.split("//")[0]
            if "// ---- Assertions" in line:
                break
            if ALWAYS.match(code):
                procedural, depth = True, 0
            if procedural:
                self.find_procedural(number, code)
                depth += len(re.findall(r"\b(?:begin|case|casez)\b", code))
                depth -= len(re.findall(r"\b(?:end|endcase)\b", code))
                if depth <= 0 and (";" in code or "end" in code):
                    procedural = False
            else:
                match = ASSIGN.match(code)
                if match and self.plain(match.group(2)):
                    self.places.append((number, "flip", match.start(2), match.end(2)))
                    self.find_numbers(number, code, match.start(2))

    @staticmethod
    def plain(expression):
        """Mixing an unsigned bit into a signed expression would change its sign extension."""
        return "signed" not in expression and ">>>" not in expression and "{" not in expression

    def find_procedural(self, number, code):
        if RESET.search(code):
            return
        match = IF.match(code)
        if match:
            start = match.end() - 1
            end = close_paren(code, start)
            if end > 0:
                self.places.append((number, "true", start, end + 1))
                self.places.append((number, "false", start, end + 1))
                self.find_numbers(number, code[: end + 1], start)
            return
        match = NONBLOCKING.match(code)
        if match:
            self.places.append((number, "keep", match.start(2), match.end(2)))
            self.find_numbers(number, code, match.start(2))
            return
        match = BLOCKING.match(code)
        if match and self.plain(match.group(4)) and "for" not in code:
            name = match.group(2)
            if not any(re.search(r"(signed|_e|_t)\b[^;]*\b" + name + r"\b", l) for l in self.lines):
                self.places.append((number, "flip", match.start(4), match.end(4)))
                self.find_numbers(number, code, match.start(4))

    def find_numbers(self, number, code, start):
        for match in NUMBER.finditer(code, start):
            if code[:match.start()].count("[") == code[:match.start()].count("]"):
                self.places.append((number, "const", match.start(), match.end()))

    def apply(self, chosen):
        """Puts the chosen (id, place) faults in; of those that overlap, only the first."""
        taken, ids = {}, []
        for ident, (number, kind, start, end) in chosen:
            if number in taken and kind not in ("true", "false"):
                continue
            if number in taken and taken[number] not in ("true", "false"):
                continue
            line = self.lines[number]
            hit = f"kpu_mutant_pkg::hit({ident})"
            text = line[start:end]
            if kind == "true":
                new = f"(({text}) || {hit})"
            elif kind == "false":
                new = f"(({text}) && !{hit})"
            elif kind == "keep":
                new = f"if (!{hit}) {text}"
                if re.match(r"\s*else\s*$", line[:start]) is None and line[:start].strip():
                    continue
            elif kind == "flip":
                new = f"({text}) ^ {hit}"
            else:
                width, value = re.match(r"(\d+)'d(\d+)", text).groups()
                new = f"({hit} ? {width}'d{int(value) ^ 1} : {text})"
            if number in taken:  # true after false on the same condition: one of them is enough
                continue
            taken[number] = kind
            self.lines[number] = line[:start] + new + line[end:]
            ids.append((ident, number + 1, kind, line.strip()))
        return ids


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--skip", nargs="*", default=[], help="parts of paths to leave unchanged")
    options = parser.parse_args()

    root = pathlib.Path(__file__).resolve().parent.parent
    names = [n for n in (root / "rtl/kpu.f").read_text().split("\n") if n.strip()]
    sources = {}
    for name in names:
        if name.endswith(".sv"):
            sources[name] = Source(name, (root / name).read_text())

    places = [(name, place) for name, source in sources.items() for place in source.places
              if not any(part in name for part in options.skip)]
    picked = random.Random(options.seed).sample(places, min(options.count, len(places)))
    by_file = {}
    for ident, (name, place) in enumerate(sorted(picked), start=1):
        by_file.setdefault(name, []).append((ident, place))

    listing = []
    for name, source in sources.items():
        listing += [(i, name, *rest) for i, *rest in source.apply(by_file.get(name, []))]
        target = options.out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("\n".join(source.lines))
    for other in (root / "rtl").rglob("*"):
        if other.suffix in (".svh", ".vlt"):
            target = options.out / other.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(other.read_text())
    (options.out / "rtl/kpu_mutant_pkg.sv").write_text(PACKAGE)
    (options.out / "rtl/kpu.f").write_text("rtl/kpu_mutant_pkg.sv\n" + "\n".join(names) + "\n")
    with open(options.out / "mutants.txt", "w") as out:
        for ident, name, line, kind, text in sorted(listing):
            out.write(f"{ident}\t{name}:{line}\t{kind}\t{text}\n")
    print(f"mutation: {len(listing)} faults of {len(places)} possible places in {options.out}")


if __name__ == "__main__":
    main()
