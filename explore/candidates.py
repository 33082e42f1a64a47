#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every point of a space by the models, and which of them are built.

candidates.py SPACE --kpu build/kpu --out candidates.json

A point has cycles of every network (kpu estimate), cycles relative to the base (geometric mean over the networks), an area
(area.py) and the energy of a picture (point_energy.py; geometric mean), or the reason why there is none. A point is feasible if every network runs and no limit is exceeded.
The front are the feasible points that no other one beats in all objectives; `rtl_points` of them that lie far apart,
the base and the configurations to compare with are chosen to be built.
"""
import argparse
import json
import math
import sys

import area
import model
import pareto
import point_energy
import space as spaces


def relative(cycles, base):
    """Geometric mean over the networks of cycles by those of the base."""
    return math.exp(sum(math.log(cycles[name] / base[name]) for name in base) / len(base))


def mean_energies(space, by_network):
    """{measure: microjoules of a picture}, geometric means over the networks; {} where one of them has none."""
    if not all(by_network.get(network["name"]) for network in space["networks"]):
        return {}
    return {measure: round(math.exp(sum(math.log(energy[name]) for energy in by_network.values()) / len(by_network)), 3)
            for measure, name in point_energy.MEASURES.items()}


def named_point(kpu, space, entry, role, energies):
    """A configuration of configs/ as a point."""
    point = {"name": entry["name"], "role": role, "parameters": entry["parameters"], "cycles": {}, "parts": {}, "refused": 0,
             "energies": {}}
    table, _ = energies.of(entry["parameters"])
    tables = [energies.scaled(table, entry["parameters"])] if table else []
    for network in space["networks"]:
        found = model.one(kpu, space, network, entry["parameters"], tables)
        layers = found["kpu_layers"]
        if table:
            point["energies"][network["name"]] = {name: round(found["energy"]["total"][name], 3) for name in model.ENERGIES}
        point["cycles"][network["name"]] = round(sum(layer["cycles"] for layer in layers))
        point["parts"][network["name"]] = [round(sum(layer[part] for layer in layers)) for part in model.PARTS]
        point["refused"] += sum(layer["refused"] for layer in layers)
    return point


def swept_points(kpu, space, energies):
    """All combinations of the space that go together."""
    base = space["base"]["parameters"]
    points = {}
    tables = energies.of_space(base, space["parameters"])
    for network in space["networks"]:
        for values, cycles, parts, refused, energy in model.sweep(kpu, space, network, tables):
            parameters = {**base, **values}
            key = tuple(parameters.values())
            point = points.setdefault(key, {"name": spaces.point_name(space, parameters), "role": "",
                                            "parameters": parameters, "cycles": {}, "parts": {}, "refused": 0, "energies": {}})
            if energy:
                point["energies"][network["name"]] = energy
            point["cycles"][network["name"]] = round(cycles)
            point["parts"][network["name"]] = [round(part) for part in parts]
            point["refused"] += refused
    return points


def all_points(kpu, space, energies):
    """The base, the configurations to compare with, and all combinations; each shape once."""
    points = swept_points(kpu, space, energies)
    for role, entries in (("base", [space["base"]]), ("compare", space["compare"])):
        for entry in entries:
            key = tuple(entry["parameters"].values())
            if key not in points:
                points[key] = named_point(kpu, space, entry, role, energies)
            elif not points[key]["role"]:
                points[key].update(name=entry["name"], role=role)
    return list(points.values())


def measures(point):
    """Everything that a limit or an objective may name, as far as the point has it."""
    return {"cycles": point["relative"], **(point["area"] or {}), **point["energy"]}


def reason_against(space, point):
    """Why a point is no candidate, or "" if it is one."""
    if point["refused"]:
        return f"{point['refused']} layers do not run"
    values = measures(point)
    for name in (*space["limits"], *space["objectives"]):
        if name not in values:
            energy = name in point_energy.MEASURES
            return f"energy not known: {point['energy_unknown']}" if energy else f"area not known: {point['area_unknown']}"
        if values[name] > space["limits"].get(name, math.inf):
            return f"{name} above {space['limits'][name]:g}"
    return ""


def vector(space, point):
    """A point's objectives."""
    values = measures(point)
    return tuple(max(values[name], 0) for name in space["objectives"])


def choose(space, points):
    """Marks the front and the points that are built; roles are always built."""
    open_points = [point for point in points if not point["against"]]
    vectors = [vector(space, point) for point in open_points]
    on_front = pareto.front(vectors)
    for i in on_front:
        open_points[i]["front"] = True
    named = [i for i, point in enumerate(open_points) if point["role"]]
    pool = sorted({*on_front, *named})
    places = {i: k for k, i in enumerate(pool)}
    for k in pareto.spread([vectors[i] for i in pool], space["rtl_points"], [places[i] for i in named]):
        open_points[pool[k]]["chosen"] = True
    for point in points:
        point["chosen"] |= bool(point["role"]) and not point["refused"]


def candidates(kpu, space):
    """All points with areas, energy, reasons and marks, and for the chosen ones the layers of every network."""
    energies = point_energy.Tables.load()
    points = all_points(kpu, space, energies)
    areas = area.Model.load()
    base = next(point["cycles"] for point in points if point["role"] == "base")
    for point in points:
        point["relative"] = round(relative(point["cycles"], base), 6)
        point["area"], point["area_unknown"] = areas.predict({**point["parameters"], **space["synthesis"]})
        table, point["energy_unknown"] = energies.of(point["parameters"])
        point["energy_table"] = table["configuration"] if table else ""
        point["energy"] = mean_energies(space, point["energies"])
        point["against"] = reason_against(space, point)
        point.update(front=False, chosen=False)
    if all(point["against"] for point in points if point["role"] != "base"):
        raise spaces.Failure(f"{space['name']}: no point is left: the first is out because of: {points[0]['against']}")
    choose(space, points)
    for point in points:
        if point["chosen"]:
            point["layers"] = {network["name"]: model.layers(kpu, space, network, point["parameters"])
                               for network in space["networks"]}
    return points


def result(space, points):
    """What table.py takes."""
    return {"space": space, "points": points, "energy": point_energy.Tables.load().about()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("space")
    parser.add_argument("--kpu", default="build/kpu", help="the tool")
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    try:
        space = spaces.load(arguments.space)
        points = candidates(arguments.kpu, space)
    except spaces.Failure as failure:
        print(f"explore: {failure}", file=sys.stderr)
        return 2
    spaces.write_if_new(arguments.out, json.dumps(result(space, points)) + "\n")
    print(f"explore: {len(points)} points, {sum(not point['against'] for point in points)} feasible, "
          f"{sum(point['front'] for point in points)} on the front, {sum(point['chosen'] for point in points)} to build")
    return 0


if __name__ == "__main__":
    sys.exit(main())
