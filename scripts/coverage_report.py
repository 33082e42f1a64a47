#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""coverage_report.py OUT: adds up OUT/data/*.dat (Verilator) and OUT/layers.json (kpu fuzz --coverage).

Writes OUT/report.txt and OUT/report.json; fails when a planned point is missed or too few lines are hit, except
in runs that count the bits that change.
Instances of a module count together, except FIFOs. Exclusions: tests/coverage/exclusions.txt.
"""
import collections
import fnmatch
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LEAST_LINES = 98.0  # percent
# A bit: the signal's name and, if it has several, the bit's number.
BIT = re.compile(r"^(.*?)(?:\[(\d+)\])?$")
# Power-up makes up to two changes of a bit: from the simulator's own random first value to the design's, and
# from there by the reset. What changes more often in one run of one instance has done so at work.
POWER_UP_CHANGES = 2
# A point: C '<fields>' <count>; a field is \x01 key \x02 value.
POINT = re.compile(r"^C '(.*)' (\d+)$")


def read_points(folder):
    """Hits by kind: lines (file, line, what), events (name); changes of bits (file, signal, bit), the most of
    any instance in any run."""
    lines, toggles, events = (collections.Counter() for _ in range(3))
    for path in sorted(folder.glob("*.dat")):
        for text in path.read_text(errors="replace").split("\n"):
            match = POINT.match(text)
            if not match:
                continue
            field = dict(f.split("\x02", 1) for f in match.group(1).split("\x01") if "\x02" in f)
            hits, page, file = int(match.group(2)), field.get("page", ""), field.get("f", "")
            if page.startswith("v_user/") and "tests/coverage" in file:
                events[event_name(page, field["h"])] += hits
            elif not file.startswith("rtl/"):
                continue
            elif page.startswith("v_toggle/"):
                signal, bit = BIT.match(field["o"]).groups()
                key = file, signal, int(bit or 0)
                toggles[key] = max(toggles[key], hits)
            else:
                lines[file, int(field["l"]), int(field["n"]), field["o"]] += hits
    return lines, toggles, events


def event_name(page, path):
    """"axi_reader: Idle_to_Size"; for FIFOs with its instance: "fifo u_reader.u_beats: full"."""
    unit = page.removeprefix("v_user/").removesuffix("_cover")
    instance, _, point = path.partition(".u_cover.")
    if unit == "fifo":
        unit += " " + ".".join(instance.split(".")[-2:])
    return f"{unit}: {point}"


def read_exclusions():
    """Lines of the form: where | what | reason."""
    rules = []
    for text in (ROOT / "tests/coverage/exclusions.txt").read_text().split("\n"):
        if text and not text.startswith("#"):
            rules.append([part.strip() for part in text.split(" | ")])
    return rules


def reason(rules, where, what):
    """Why a point is excluded, or None; `where` is a file, "event" or "layer"."""
    for pattern, text, why in rules:
        if fnmatch.fnmatch(where, pattern) and fnmatch.fnmatch(what, text):
            return why
    return None


def toggle_reason(rules, file, signal, bit):
    """As reason(), for a bit of a signal: `what` is a pattern of its name, with (high:low) for some bits of it."""
    for where, what, why in rules:
        name, _, bits = what.rstrip(")").partition("(")
        high, _, low = (bits or "inf:0").partition(":")
        if (fnmatch.fnmatch("toggle " + file, where) and fnmatch.fnmatch(signal, name)
                and int(low or high) <= bit <= float(high)):
            return why
    return None


class Section:
    """One kind of points: what was hit, excluded, missed."""

    def __init__(self, title):
        self.title, self.hit, self.excluded, self.missed = title, 0, [], []

    def add(self, name, hits, why):
        if hits:
            self.hit += 1
        elif why:
            self.excluded.append((name, why))
        else:
            self.missed.append(name)

    def share(self):
        every = self.hit + len(self.missed)
        return 100 * self.hit / every if every else 100.0

    def summary(self):
        every = self.hit + len(self.missed)
        return (f"{self.title}: {self.hit} of {every} hit ({self.share():.1f} %), "
                f"{len(self.excluded)} more excluded")


class Toggles:
    """Bits of signals that change, by file; those that do not are told by signal."""

    def __init__(self, changes, rules):
        self.by_file = {}
        self.missed, self.excluded = {}, {}  # bits of (file, signal); of (reason, file, signal)
        for (file, signal, bit), count in sorted(changes.items()):
            why = toggle_reason(rules, file, signal, bit)
            section = self.by_file.setdefault(file, Section(file))
            section.add((signal, bit), max(0, count - POWER_UP_CHANGES), why)
            if count <= POWER_UP_CHANGES and why:
                self.excluded.setdefault((why, file, signal), []).append(bit)
            elif count <= POWER_UP_CHANGES:
                self.missed.setdefault((file, signal), []).append(bit)

    @staticmethod
    def ranges(bits):
        """[0, 1, 2, 7] as "7 2:0"."""
        spans = []
        for bit in sorted(bits):
            if spans and spans[-1][1] == bit - 1:
                spans[-1][1] = bit
            else:
                spans.append([bit, bit])
        return " ".join(f"{b}:{a}" if a != b else f"{a}" for a, b in reversed(spans))

    def total(self):
        total = Section("bits of signals that change (up to 64 bits wide)")
        for section in self.by_file.values():
            total.hit += section.hit
            total.missed += section.missed
            total.excluded += section.excluded
        return total

    def lines(self):
        """The part of the report."""
        yield from ["", "bits that change, by file:"]
        yield from (f"  {s.summary()}" for s in self.by_file.values())
        yield from ["", "bits that never change:"]
        for (file, signal), bits in self.missed.items():
            yield f"  {file}: {signal} [{self.ranges(bits)}]"
        yield from ["", "bits that never change, excluded:"]
        for why in dict.fromkeys(key[0] for key in self.excluded):
            group = {key[1:]: bits for key, bits in self.excluded.items() if key[0] == why}
            yield f"  {why}: {sum(map(len, group.values()))} bits"
            yield from (f"    {file}: {signal} [{self.ranges(bits)}]"
                        for (file, signal), bits in group.items())


def main():
    out = pathlib.Path(sys.argv[1])
    lines, toggles, events = read_points(out / "data")
    rules = read_exclusions()
    source = {}

    by_line, by_file = Section("lines and branches of rtl/"), {}
    for (file, line, _, what), hits in sorted(lines.items()):
        source.setdefault(file, (ROOT / file).read_text().split("\n"))
        text = source[file][line - 1].strip()
        name = f"{file}:{line} {what}: {text}"
        why = reason(rules, file, text)
        for section in (by_line, by_file.setdefault(file, Section(file))):
            section.add(name, hits, why)
    by_event, by_layer = Section("events of the RTL"), Section("dimensions of layers and crosses")
    for name, hits in sorted(events.items()):
        by_event.add(name, hits, reason(rules, "event", name))
    for point in json.loads((out / "layers.json").read_text())["points"]:
        by_layer.add(point["name"], point["hits"], reason(rules, "layer", point["name"]))
    sections = [by_line, by_event, by_layer]

    report = [section.summary() for section in sections]
    changes = Toggles(toggles, rules)
    if toggles:
        report.append(changes.total().summary())
    print("\n".join(report))
    report += ["", "by file:"] + [f"  {s.summary()}" for s in by_file.values()]
    for section in sections:
        report += ["", f"{section.title}, missed:"] + [f"  {name}" for name in section.missed]
        report += ["", f"{section.title}, excluded:"]
        report += [f"  {name}\n      {why}" for name, why in section.excluded]
    if toggles:
        report += changes.lines()
    (out / "report.txt").write_text("\n".join(report) + "\n")
    (out / "report.json").write_text(json.dumps(
        {s.title: {"hit": s.hit, "missed": s.missed, "excluded": dict(s.excluded)}
         for s in sections + list(by_file.values())}, indent=1) + "\n")
    print(f"coverage: see {out}/report.txt")
    if toggles:
        return  # other layers, and fewer
    if by_event.missed or by_layer.missed or by_line.share() < LEAST_LINES:
        print("coverage: the target is every planned point and 98 % of the lines")
        sys.exit(1)


if __name__ == "__main__":
    main()
