# SPDX-License-Identifier: Apache-2.0
"""Runs `kpu estimate` for a space: one call for all combinations of a network, one for each named configuration.

Nothing here knows how cycles come about: that is sim/model.
"""
import csv
import json
import pathlib
import subprocess
import tempfile

import space as spaces

PARTS = ("array", "reads", "post", "weights", "stream", "fixed")
ENERGIES = ("cells_uj", "memories_uj")


def estimate(kpu, network, config, settings, output, tables=()):
    """`kpu estimate` of a network with a configuration and `--set` words; returns the text of the file that it writes.

    `output` is "csv" (several values) or "json"; with `tables` of energy the shapes that have one get energy. Throws Failure with
    the tool's own line.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / f"estimate.{output}"
        command = [str(kpu), "estimate", network["model"], "--config", config, f"--{output}", str(file)]
        for name, values in settings.items():
            command += ["--set", f"{name}={','.join(map(str, values))}"]
        if tables:
            energy = pathlib.Path(folder) / "energy.json"
            energy.write_text(json.dumps({"schema": 1, "tables": tables}))
            command += ["--energy", "--energy-table", str(energy)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            raise spaces.Failure(f"{kpu}: {error.strerror}: expected the tool, built") from error
        if done.returncode != 0:
            message = (done.stderr or done.stdout).strip().splitlines()
            raise spaces.Failure(f"network {network['name']}: kpu estimate: {message[-1] if message else done.returncode}")
        return file.read_text()


def memory(space):
    """The `--set` words for the memory."""
    return {name: [value] for name, value in space["memory"].items()}


def sweep(kpu, space, network, tables=()):
    """All combinations of a space for one network.

    A list of (values of the space's parameters, cycles, cycles by part, layers that the machine refuses, energy: {"cells_uj",
    "memories_uj"}, or None for a shape of which `tables` has no energy).
    """
    text = estimate(kpu, network, space["base"]["name"], {**space["parameters"], **memory(space)}, "csv", tables)
    varying = [name for name, values in space["parameters"].items() if len(values) > 1]
    fixed = {name: values[0] for name, values in space["parameters"].items() if len(values) == 1}
    points = []
    for row in csv.DictReader(text.splitlines()):
        values = {**{name: int(row[name]) for name in varying}, **fixed}
        energy = {name: float(row[name]) for name in ENERGIES} if row.get(ENERGIES[0]) else None
        points.append((values, float(row["cycles"]), [float(row[part]) for part in PARTS], int(row["refused_layers"]), energy))
    return points


def one(kpu, space, network, parameters, tables=()):
    """A network on one configuration: what `kpu estimate --json` says; `tables` of energy must have its shape, or be none."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "point.json"
        file.write_text(json.dumps({"description": "a point of a space", "parameters": parameters}))
        return json.loads(estimate(kpu, network, str(file), memory(space), "json", tables))


def layers(kpu, space, network, parameters):
    """The layers of a network on one configuration."""
    return one(kpu, space, network, parameters)["kpu_layers"]
