#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The report of a space: one HTML file that needs nothing else.

report.py table.sqlite --out report.html

The table is all that is read, beside the page's own files in explore/page and the look that it shares with
`kpu run --report`. docs/exploring.md says what each part of the page shows.
"""
import argparse
import html
import json
import pathlib
import sqlite3
import sys

import area
import marginal
import point_energy
import space as spaces

PAGE = spaces.ROOT / "explore/page"
LOOK = spaces.ROOT / "sim/report/page/look.css"
SCRIPTS = ("basics.js", "axes.js", "pareto.js", "networks.js", "layers.js", "marginal.js", "check.js", "table.js")
COUNTS = ("lut", "ff", "dsp", "bram")
# More points than this are thinned on the page: the front, what is built and what is near the front stay.
MOST_SHOWN = 4000


def rows(database, query, *values):
    """Rows of a query as dictionaries."""
    database.row_factory = sqlite3.Row
    return [dict(row) for row in database.execute(query, values)]


def read_points(database):
    """The points with their cycles and energies by network and their areas by the model."""
    points = rows(database, "SELECT * FROM points ORDER BY id")
    for point in points:
        point["parameters"] = {name: point.pop(name) for name in spaces.configs.PARAMETERS}
        point["cycles"], point["area"], point["energies"] = {}, None, {}
    for estimate in rows(database, "SELECT point, network, cycles, cells_uj AS energy, memories_uj AS memory_energy FROM estimates"):
        point, network = points[estimate["point"]], estimate["network"]
        point["cycles"][network] = estimate["cycles"]
        if estimate["energy"] is not None:
            point["energies"][network] = {name: estimate[name] for name in point_energy.MEASURES}
    for counts in rows(database, "SELECT * FROM areas WHERE source = 'model'"):
        points[counts["point"]]["area"] = {name: counts[name] for name in COUNTS}
    return points


def shown(points):
    """The points that the page has: all, or the most useful ones, in their order."""
    if len(points) <= MOST_SHOWN:
        return points
    best = sorted(points, key=lambda p: (not p["chosen"], not p["front"], bool(p["against"]), p["relative"]))
    return sorted(best[:MOST_SHOWN], key=lambda p: p["id"])


def built(database):
    """What the RTL said, by point: build, synthesis, networks."""
    found = {}
    for row in rows(database, "SELECT * FROM builds"):
        found.setdefault(row["point"], {"networks": {}})["build"] = {
            "processor_seconds": row["processor_seconds"], **json.loads(row["provenance"])}
    for row in rows(database, "SELECT * FROM areas WHERE source = 'synthesis'"):
        found.setdefault(row["point"], {"networks": {}})["area"] = {name: row[name] for name in (*COUNTS, "error")}
    for row in rows(database, "SELECT * FROM runs"):
        found.setdefault(row["point"], {"networks": {}})["networks"][row["network"]] = {
            name: row[name] for name in ("verdict", "cycles", "error")}
    return [{"point": point, **entry} for point, entry in sorted(found.items())]


def layers(database, network):
    """Layers of a network: their shapes, and for each point their cycles by cause, of the RTL where it ran."""
    found = rows(database, "SELECT * FROM layers WHERE network = ? ORDER BY point, layer, source", network)
    shapes, by_point = {}, {}
    for row in found:
        shapes[row["layer"]] = {name: row[name] for name in ("input", "output", "kernel", "depthwise", "macs", "parameter_bytes")}
        point = by_point.setdefault(row["point"], {})
        point.setdefault(row["source"], []).append({"cycles": row["cycles"], "counters": json.loads(row["counters"])})
    return {"shapes": [shapes[layer] for layer in sorted(shapes)],
            "points": [{"point": point, "source": "rtl" if "rtl" in sources else "model",
                        "layers": sources.get("rtl", sources.get("model")), "model": sources.get("model")}
                       for point, sources in by_point.items()]}


def marginal_values(points, space):
    """Steps of each parameter, over all points on which every network runs."""
    usable = [{"parameters": point["parameters"], "cycles": point["relative"], **(point["area"] or {}),
               **{name: point[name] for name in point_energy.MEASURES}}
              for point in points if "do not run" not in point["against"]]
    return marginal.steps(usable, space["base"]["parameters"], space["parameters"])


def area_errors():
    """The area model against the shapes that it was fitted to, each left out in turn."""
    entries = json.loads(area.FILE.read_text(encoding="utf-8"))["entries"]
    results = area.cross_validate(entries)
    return {"shapes": [{"parameters": parameters, "synthesised": {name: total[name] for name in COUNTS},
                        "predicted": {name: round(predicted[name], 1) for name in COUNTS}}
                       for parameters, total, predicted in results],
            "errors": {name: area.errors(results, name) for name in COUNTS}}


def collect(table):
    """All that the page shows."""
    database = sqlite3.connect(f"file:{pathlib.Path(table)}?mode=ro", uri=True)
    about = {row["key"]: row["value"] for row in rows(database, "SELECT * FROM about")}
    space, energy = json.loads(about.pop("space")), json.loads(about.pop("energy"))
    points = read_points(database)
    some = shown(points)
    data = {"space": {name: space[name] for name in ("name", "description", "parameters", "memory", "synthesis", "limits",
                                                     "objectives")},
            "energy": energy, "base": space["base"], "networks": [network["name"] for network in space["networks"]], "about": about,
            "all_points": len(points), "feasible": sum(not point["against"] for point in points),
            "points": some, "built": built(database), "marginal": marginal_values(points, space), "area_model": area_errors(),
            "layers": {network["name"]: layers(database, network["name"]) for network in space["networks"]}}
    database.close()
    return data


def page(data):
    """The file's text."""
    text = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    script = "\n".join((PAGE / name).read_text(encoding="utf-8") for name in SCRIPTS)
    parts = {"%TITLE%": html.escape(f"explore: {data['space']['name']}"), "%LOOK%": LOOK.read_text(encoding="utf-8"),
             "%STYLE%": (PAGE / "report.css").read_text(encoding="utf-8"), "%SCRIPT%": script, "%DATA%": text}
    result = (PAGE / "report.html").read_text(encoding="utf-8")
    for mark, part in parts.items():
        head, tail = result.split(mark)
        result = head + part + tail
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    try:
        text = page(collect(arguments.table))
    except sqlite3.Error as error:
        print(f"explore: {arguments.table}: {error}: expected a table that explore/table.py has written", file=sys.stderr)
        return 2
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(text, encoding="utf-8")
    print(f"explore: {arguments.out}: {data_summary(text)}")
    return 0


def data_summary(text):
    """Size of the page as a reader has it."""
    return f"{len(text.encode()) / 1e6:.1f} MB"


if __name__ == "__main__":
    sys.exit(main())
