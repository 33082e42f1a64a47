#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Everything that is known of a space in one SQLite file.

table.py candidates.json --points FOLDER --out table.sqlite

Tables: about (key, value: the space, the tables of energy, what wrote the table); points (a column for each parameter);
estimates (cycles of each network by the model, with their parts, and the energy of a picture where it is known); areas (source "model" or "synthesis"); builds; runs (verdict and cycles of
each network on the RTL); layers (source "model" or "rtl"). Builds, runs and syntheses carry their own provenance as
JSON, because they may be older than the table. Without --points it has what the models say.
"""
import argparse
import json
import pathlib
import sqlite3
import sys

import model
import provenance
import space as spaces

COUNTS = ("lut", "carry", "lutram", "ff", "dsp", "bram")
# The parts of a layer's cycles as the model has them, under the names of the RTL's counters.
COUNTER = {"array": "array_busy", "reads": "wait_reads", "post": "wait_post", "weights": "wait_weights",
           "stream": "wait_stream", "fixed": "startup"}
LAYER = ("kernel", "depthwise", "macs", "parameter_bytes", "cycles")


def create(database):
    """Empty tables."""
    database.executescript(f"""
      CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT);
      CREATE TABLE points (id INTEGER PRIMARY KEY, name TEXT UNIQUE, role TEXT, against TEXT, front INTEGER, chosen INTEGER,
        relative REAL, area_unknown TEXT, energy REAL, memory_energy REAL, energy_table TEXT, energy_unknown TEXT, {', '.join(f'"{name}" INTEGER' for name in spaces.configs.PARAMETERS)});
      CREATE TABLE estimates (point INTEGER, network TEXT, cycles REAL, cells_uj REAL, memories_uj REAL, {', '.join(f'"{part}" REAL' for part in model.PARTS)},
        PRIMARY KEY (point, network)) WITHOUT ROWID;
      CREATE TABLE areas (point INTEGER, source TEXT, {', '.join(f'{count} INTEGER' for count in COUNTS)}, error TEXT,
        processor_seconds REAL, provenance TEXT, PRIMARY KEY (point, source)) WITHOUT ROWID;
      CREATE TABLE builds (point INTEGER PRIMARY KEY, processor_seconds REAL, wall_seconds REAL, provenance TEXT);
      CREATE TABLE runs (point INTEGER, network TEXT, verdict TEXT, cycles INTEGER, error TEXT, processor_seconds REAL,
        provenance TEXT, PRIMARY KEY (point, network)) WITHOUT ROWID;
      CREATE TABLE layers (point INTEGER, network TEXT, source TEXT, layer INTEGER, input TEXT, output TEXT, kernel INTEGER,
        depthwise INTEGER, macs INTEGER, parameter_bytes INTEGER, cycles REAL, counters TEXT,
        PRIMARY KEY (point, network, source, layer)) WITHOUT ROWID;
    """)


def insert(database, table, **values):
    """One row."""
    names = ", ".join(f'"{name}"' for name in values)
    database.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(values))})", list(values.values()))


def add_layers(database, number, network, source, layers):
    """The layers of a network, with their cycles by cause under the names of the RTL's counters."""
    for layer in layers:
        counters = layer.get("counters") or {COUNTER[part]: round(layer[part]) for part in model.PARTS if part in layer}
        insert(database, "layers", point=number, network=network, source=source, layer=layer["index"], input=layer["in"],
               output=layer["out"], counters=json.dumps(counters), **{name: layer[name] for name in LAYER})


def add_model(database, number, point):
    """What the models say of a point."""
    insert(database, "points", id=number, name=point["name"], role=point["role"], against=point["against"],
           front=int(point["front"]), chosen=int(point["chosen"]), relative=point["relative"],
           area_unknown=point["area_unknown"], energy=point["energy"].get("energy"), memory_energy=point["energy"].get("memory_energy"),
           energy_table=point["energy_table"], energy_unknown=point["energy_unknown"], **point["parameters"])
    for network, cycles in point["cycles"].items():
        insert(database, "estimates", point=number, network=network, cycles=cycles,
               **point["energies"].get(network, {}), **dict(zip(model.PARTS, point["parts"][network])))
    if point["area"]:
        insert(database, "areas", point=number, source="model", **point["area"])
    for network, layers in point.get("layers", {}).items():
        add_layers(database, number, network, "model", layers)


def add_rtl(database, number, folder):
    """What the RTL said of a point: the files that point.py has left in its folder."""
    def read(name):
        file = folder / name
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None

    built, area = read("build.json"), read("area.json")
    if built:
        insert(database, "builds", point=number, processor_seconds=built["processor_seconds"],
               wall_seconds=built["wall_seconds"], provenance=json.dumps(built["provenance"]))
    if area:
        insert(database, "areas", point=number, source="synthesis", **area.get("total", {}), error=area.get("error", ""),
               processor_seconds=area.get("processor_seconds"), provenance=json.dumps(area["provenance"]))
    for file in sorted(folder.glob("run_*.json")):
        run = json.loads(file.read_text(encoding="utf-8"))
        insert(database, "runs", point=number, network=run["network"], verdict=run["verdict"], cycles=run.get("cycles"),
               error=run.get("error", ""), processor_seconds=run["processor_seconds"],
               provenance=json.dumps(run["provenance"]))
        add_layers(database, number, run["network"], "rtl", run.get("layers", []))


def write(out, entry, points=None):
    """The table of a space; it appears under its name when it is complete."""
    out = pathlib.Path(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_suffix(".part")
    part.unlink(missing_ok=True)
    database = sqlite3.connect(part)
    with database:
        create(database)
        for key in ("space", "energy"):
            insert(database, "about", key=key, value=json.dumps(entry[key]))
        for key, value in provenance.collect().items():
            insert(database, "about", key=key, value=value)
        for number, point in enumerate(entry["points"]):
            add_model(database, number, point)
            if points and point["chosen"]:
                add_rtl(database, number, pathlib.Path(points) / point["name"])
    database.close()
    part.replace(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("candidates", type=pathlib.Path)
    parser.add_argument("--points", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    write(arguments.out, json.loads(arguments.candidates.read_text(encoding="utf-8")), arguments.points)
    return 0


if __name__ == "__main__":
    sys.exit(main())
