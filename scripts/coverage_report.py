#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""coverage_report.py OUT: adds up OUT/data/*.dat (Verilator) and OUT/layers.json (kpu fuzz --coverage).

Writes OUT/report.txt and OUT/report.json; fails when a planned point is missed or too few lines are hit.
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
# A point: C '<fields>' <count>; a field is \x01 key \x02 value.
POINT = re.compile(r"^C '(.*)' (\d+)$")


def read_points(folder):
    """Hits by kind: lines (file, line, what), toggles (file, signal), events (name)."""
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
                toggles[file, field["o"]] += hits
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
    """Lines of the form: what | pattern | reason."""
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
    if toggles:
        hit = sum(hits > 0 for hits in toggles.values())
        report.append(f"toggles of signals up to 64 bits: {hit} of {len(toggles)} "
                      f"({100 * hit / len(toggles):.1f} %)")
    print("\n".join(report))
    report += ["", "by file:"] + [f"  {s.summary()}" for s in by_file.values()]
    for section in sections:
        report += ["", f"{section.title}, missed:"] + [f"  {name}" for name in section.missed]
        report += ["", f"{section.title}, excluded:"]
        report += [f"  {name}\n      {why}" for name, why in section.excluded]
    (out / "report.txt").write_text("\n".join(report) + "\n")
    (out / "report.json").write_text(json.dumps(
        {s.title: {"hit": s.hit, "missed": s.missed, "excluded": dict(s.excluded)}
         for s in sections + list(by_file.values())}, indent=1) + "\n")
    print(f"coverage: see {out}/report.txt")
    if by_event.missed or by_layer.missed or by_line.share() < LEAST_LINES:
        print("coverage: the target is every planned point and 98 % of the lines")
        sys.exit(1)


if __name__ == "__main__":
    main()
