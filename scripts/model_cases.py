# SPDX-License-Identifier: Apache-2.0
"""What bench/model_cases.json lists (shapes x memories x networks), what bench/model_error.json keeps of it, and the errors.

A kept entry is the cycles of every KPU layer, by the RTL and by the model: kept["shapes"][shape]["cycles"][memory][network]
= {"rtl": [..], "model": [..]}. No entry where the shape's weight ring refuses a layer of the network.
"""
import json
import math
import os
import pathlib

import configs

ROOT = configs.ROOT
CASES = ROOT / "bench/model_cases.json"
KEPT = ROOT / "bench/model_error.json"
LONG = 5000  # cycles from which a layer's error counts by itself
MOST_MEAN, MOST_LAYER = 0.01, 0.05


class Failure(configs.Failure):
    """One line that says what is wrong."""


def file_of(text):
    """A file from the root of the repository, or in the folder of optional data."""
    return pathlib.Path(os.path.normpath(ROOT / text.replace("$KPU_SHARED", os.environ.get("KPU_SHARED", str(ROOT / "../shared")))))


def load_cases():
    """The list, every shape with "parameters" in full, those that differ from its base as "changes", and its memories' names."""
    cases = json.loads(CASES.read_text())
    for shape in cases["shapes"]:
        base = configs.load(str(ROOT / shape["base"]) if shape["base"].endswith(".json") else shape["base"])["parameters"]
        shape["changes"] = shape.get("parameters", {})
        shape["parameters"] = {**base, **shape["changes"]}
        shape.setdefault("memories", [memory["name"] for memory in cases["memories"]])
    for network in cases["networks"]:
        network["there"] = not network.get("optional") or file_of(network["model"]).is_file()
    return cases


def load_kept():
    """What is kept; nothing yet if there is no file."""
    return json.loads(KEPT.read_text()) if KEPT.exists() else {"shapes": {}}


def save_kept(kept):
    """Writes it, a line for each memory of a shape."""
    lines = []
    for name, shape in kept["shapes"].items():
        rows = [f'   "{memory}": {json.dumps(networks, separators=(",", ":"))}' for memory, networks in shape["cycles"].items()]
        lines.append(f' "{name}": {{"rtl": "{shape["rtl"]}", "parameters": {json.dumps(shape["parameters"])},\n  "cycles": {{\n'
                     + ",\n".join(rows) + "}}")
    KEPT.write_text('{"shapes": {\n' + ",\n".join(lines) + "\n}}\n")


def error(model, rtl):
    """How far a number of the model is above the RTL's, as a share."""
    return model / rtl - 1


def entries(kept):
    """(shape, memory, network, its entry) of everything kept."""
    for shape, value in kept["shapes"].items():
        for memory, networks in value["cycles"].items():
            for network, entry in networks.items():
                yield shape, memory, network, entry


def total_error(entry):
    """Of a network's sum."""
    return error(sum(entry["model"]), sum(entry["rtl"]))


def long_layers(kept):
    """(error, shape, memory, network, layer) of every layer of more than LONG cycles."""
    return [(error(model, rtl), shape, memory, network, layer)
            for shape, memory, network, entry in entries(kept)
            for layer, (model, rtl) in enumerate(zip(entry["model"], entry["rtl"])) if rtl > LONG]


def mean(values):
    """Of absolute values."""
    values = [abs(value) for value in values]
    return math.fsum(values) / len(values)


def summary(kept):
    """Pairs of configuration and network, mean error of their sums, the worst of those, the worst long layer."""
    totals = [(total_error(entry), shape, memory, network) for shape, memory, network, entry in entries(kept)]
    return {"configurations": len({row[1:3] for row in totals}), "pairs": len(totals), "mean": mean(row[0] for row in totals),
            "worst": max(totals, key=lambda row: abs(row[0])), "layers": len(long_layers(kept)),
            "worst_layer": max(long_layers(kept), key=lambda row: abs(row[0]))}
