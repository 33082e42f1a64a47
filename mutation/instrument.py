#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a copy of the RTL that holds many faults, of which one can be switched on at run time.

A fault is a small change of one statement, guarded by `kpu_mutant_pkg::hit(n)`:

  true, false   the condition of a procedural `if` always or never holds
  keep          a non-blocking assignment, or one of an enum or struct, does not happen
  flip          a blocking or continuous assignment has its lowest bit inverted
  const         a sized decimal number in an expression is one more (one less for odd ones)

Compiling once and choosing the fault by number makes a run a matter of seconds. Which places are
drawn follows from a hash of the seed and the statement, so a change elsewhere in the RTL leaves them
as they are; a line takes one fault at most. The list goes to <out>/mutants.txt. Faults of
equivalent.txt, which nobody can see, are marked there.
"""
import argparse
import hashlib
import pathlib
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
ARM = r"^(\s*(?:else\s+|[\w:, ]+:\s+)?)"  # what may stand before a statement
TARGET = r"\w+(?:\[[^=]*\])?|\{[^=]*\}"
NONBLOCKING = re.compile(ARM + rf"((?:{TARGET})\s*<= [^;]*;)\s*$")
ASSIGN = re.compile(r"^(\s*assign\s+\w+(?:\[[^=]*\])?\s*=\s*)([^;]*)(;.*)$")
BLOCKING = re.compile(ARM + r"((\w+)\s*=\s*([^;]*);)\s*$")
OPEN = re.compile(r"^\s*assign\b|" + ARM + rf"(?:{TARGET})\s*<?= ")
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
            if "// ---- Assertions" in line:
                break
            code = line.split("//")[0]
            if ALWAYS.match(code):
                procedural, depth = True, 0
            if procedural:
                code = self.join(number)
                self.find_procedural(number, code)
                depth += len(re.findall(r"\b(?:begin|case|casez)\b", code))
                depth -= len(re.findall(r"\b(?:end|endcase)\b", code))
                if depth <= 0 and (";" in code or "end" in code):
                    procedural = False
            elif code.lstrip().startswith("assign "):
                code = self.join(number)
                match = ASSIGN.match(code)
                if match and "unused_" not in match.group(1):
                    self.places.append((number, "flip", match.start(2), match.end(2)))
                    self.find_numbers(number, code, match.start(2))

    def join(self, number):
        """The code of a line, which gets the rest of its statement from the lines below it."""
        code = self.lines[number].split("//")[0].rstrip()
        below = number
        while ((IF.match(code) and code.count("(") != code.count(")"))
               or (OPEN.match(code) and ";" not in code)):
            below += 1
            code += " " + self.lines[below].split("//")[0].strip()
            self.lines[number], self.lines[below] = code, ""
        return code

    def find_procedural(self, number, code):
        if RESET.search(code):
            return
        match = IF.match(code)
        if match:
            start = match.end() - 1
            end = close_paren(code, start)
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
        if match and "for" not in code:
            typed = re.compile(r"(_e|_t)\s[^;]*\b" + match.group(3) + r"\b")
            if any(typed.search(other) for other in self.lines):
                self.places.append((number, "keep", match.start(2), match.end(2)))
            else:
                self.places.append((number, "flip", match.start(4), match.end(4)))
            self.find_numbers(number, code, match.start(4))

    def find_numbers(self, number, code, start):
        for match in NUMBER.finditer(code, start):
            if code[:match.start()].count("[") == code[:match.start()].count("]"):
                self.places.append((number, "const", match.start(), match.end()))

    def apply(self, chosen):
        """Puts the chosen (id, place) faults in, one a line. What Verilator warns of is meant."""
        for ident, (number, kind, start, end) in chosen:
            line = self.lines[number]
            hit = f"kpu_mutant_pkg::hit({ident})"
            text = line[start:end]
            if kind == "true":
                new = f"(({text}) || {hit})"
            elif kind == "false":
                new = f"(({text}) && !{hit})"
            elif kind == "keep":
                new = f"if (!{hit}) {text}"
            elif kind == "flip":
                new = f"({text}) ^ signed'({{1'b0, {hit}}})"  # keeps the sign of a signed expression
            else:
                width, value = re.match(r"(\d+)'d(\d+)", text).groups()
                new = f"({hit} ? {width}'d{int(value) ^ 1} : {text})"
            self.lines[number] = line[:start] + new + line[end:]
        self.lines[0] += "\n// verilator lint_off WIDTH\n// verilator lint_off LATCH"

    def named_places(self):
        """Each place with its name: kind, statement and how many like it stand above."""
        seen = {}
        for place in self.places:
            what = place[1], " ".join(self.lines[place[0]].split())
            seen[what] = seen.get(what, 0) + 1
            yield (*what, seen[what]), place


def write(path, text):
    """Leaves a file alone that holds the text already, so that nothing is built again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def read_equivalents(path):
    """The lines of equivalent.txt: (file, kind, statement, which) to the reason."""
    table = {}
    for line in path.read_text().split("\n"):
        if line.strip() and not line.startswith("#"):
            where, kind, text, reason = line.split("\t")
            name, _, which = where.partition("#")
            table[name, kind, text, int(which or 1)] = reason
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--count", type=int, default=420)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()

    root = pathlib.Path(__file__).resolve().parent.parent
    names = [n for n in (root / "rtl/kpu.f").read_text().split("\n") if n.strip()]
    sources = {}
    for name in names:
        if name.endswith(".sv"):
            sources[name] = Source(name, (root / name).read_text())

    places = [((name, *what), place) for name, source in sources.items()
              for what, place in source.named_places()]
    places.sort(key=lambda item: hashlib.sha256(repr((options.seed, item[0])).encode()).digest())
    picked = {}  # by line
    for what, place in places:
        if len(picked) < options.count:
            picked.setdefault((what[0], place[0]), (what, place))

    equivalents = read_equivalents(pathlib.Path(__file__).parent / "equivalent.txt")
    listing, by_file = [], {}
    for ident, ((name, number), (what, place)) in enumerate(sorted(picked.items()), start=1):
        by_file.setdefault(name, []).append((ident, place))
        mark = "equivalent" if what in equivalents else "-"
        listing.append(f"{ident}\t{name}:{number + 1}\t{what[1]}\t{what[2]}\t#{what[3]}\t{mark}\n")
    unknown = set(equivalents) - {what for what, _ in places}
    if unknown:
        raise SystemExit("equivalent.txt: no such place: " + "\n  ".join(map(str, unknown)))

    for name, source in sources.items():
        source.apply(by_file.get(name, []))
        write(options.out / name, "\n".join(source.lines))
    for other in (root / "rtl").rglob("*"):
        if other.suffix in (".svh", ".vlt"):
            write(options.out / other.relative_to(root), other.read_text())
    write(options.out / "rtl/kpu_mutant_pkg.sv", PACKAGE)
    write(options.out / "rtl/kpu.f", "rtl/kpu_mutant_pkg.sv\n" + "\n".join(names) + "\n")
    (options.out / "mutants.txt").write_text("".join(listing))
    print(f"mutation: {len(listing)} faults of {len(places)} possible places in {options.out}")


if __name__ == "__main__":
    main()
