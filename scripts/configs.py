#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Configurations of the RTL: reads and checks configs/NAME.json (configs/schema/configuration.json says what may stand there).

configs.py list                        the names
configs.py check [CONFIG ...]          checks these, or all; one line and exit code 2 for the first that is wrong
configs.py json CONFIG                 name, description and all parameters, those of the base included
configs.py verilator CONFIG            the parameters of kpu_soc, as -GLanes=64 ..
configs.py verilator-top CONFIG        those of kpu_top, or openkpu, as -GLanes=64 ..
configs.py yosys CONFIG                the same, as -chparam Lanes 64 ..
configs.py header CONFIG TOP           comment at the head of TOP's Verilog: what it is, with which parameters

CONFIG is a name of configs/, or a path that ends with .json.
"""
import argparse
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
FOLDER = ROOT / "configs"
SCHEMA = json.loads((FOLDER / "schema/configuration.json").read_text())
PARAMETERS = SCHEMA["properties"]["parameters"]["properties"]
# What kpu_soc has beside the parameters of kpu_top.
SYSTEM_ONLY = ("DmaChannels", "BusBytes")

# Verilator's warnings about the Verilog that Yosys writes.
YOSYS_WRITES = ("WIDTH", "CASEOVERLAP", "UNOPTFLAT", "UNUSED", "UNDRIVEN", "DECLFILENAME")


# What packed rows go with: nothing else was built with them.
PACK_NEEDS = {"TileChannels": 16, "PointChannels": 8, "WeightBits": 8, "SkipRows": 1, "DrainPass": 0}


class Failure(Exception):
    """One line that says what is wrong."""


def names():
    """Names of all configurations, as `configs/` has them."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def path_of(config):
    """The file of a configuration that is given by name or path."""
    if config.endswith(".json"):
        return pathlib.Path(config)
    if config not in names():
        raise Failure(f"configuration {config}: expected one of {', '.join(names())}, or a path that ends with .json")
    return FOLDER / f"{config}.json"


def expectation(rule):
    """The values that a rule of the schema lets through, as text."""
    return f"one of {', '.join(map(str, rule['enum']))}" if "enum" in rule else f"{rule['minimum']} to {rule['maximum']}"


def check_value(where, name, value):
    """Throws if `value` is not one that parameter `name` may have."""
    if name not in PARAMETERS:
        raise Failure(f"{where}: parameter {name}: expected one of {', '.join(PARAMETERS)}")
    rule = PARAMETERS[name]
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not (value in rule["enum"] if "enum" in rule else rule["minimum"] <= value <= rule["maximum"]):
        raise Failure(f"{where}: {name} = {json.dumps(value)}: expected {expectation(rule)}")


def check_members(where, entry):
    """Throws if a file holds anything but what the schema names, or misses what it requires."""
    if not isinstance(entry, dict):
        raise Failure(f"{where}: expected an object")
    known = SCHEMA["properties"]
    for name, value in entry.items():
        if name not in known:
            raise Failure(f"{where}: member {name}: expected one of {', '.join(known)}")
        kind = {"string": str, "array": list, "object": dict}[known[name]["type"]]
        if not isinstance(value, kind):
            raise Failure(f"{where}: member {name}: expected type {known[name]['type']}")
    for name in SCHEMA["required"]:
        if name not in entry:
            raise Failure(f"{where}: member {name}: missing")


def load(config, seen=()):
    """A configuration with its name, path, description, netlists and all parameters. Throws Failure."""
    path = path_of(config)
    where = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    try:
        entry = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise Failure(f"{where}: {getattr(error, 'strerror', None) or error}: expected a JSON file") from error
    check_members(where, entry)
    parameters = {}
    if "base" in entry:
        if entry["base"] in seen or entry["base"] not in names():
            raise Failure(f"{where}: base {entry['base']}: expected one of {', '.join(names())}, not in a circle")
        parameters = load(entry["base"], (*seen, path.stem))["parameters"]
    for name, value in entry["parameters"].items():
        check_value(where, name, value)
    parameters = {**parameters, **entry["parameters"]}
    for name in PARAMETERS:
        if name not in parameters:
            raise Failure(f"{where}: parameter {name}: missing, expected a value or a base that has one")
    if parameters["Weights16"] == 0 and parameters["WeightBits"] == 16:
        raise Failure(f"{where}: WeightBits = {parameters['WeightBits']}: expected 4 or 8 with Weights16 = 0")
    if parameters["PackRows"] == 1:
        for name, value in PACK_NEEDS.items():
            if parameters[name] != value:
                raise Failure(f"{where}: {name} = {parameters[name]}: expected {value} with PackRows = 1")
        if not 16 <= parameters["Lanes"] <= 64:
            raise Failure(f"{where}: Lanes = {parameters['Lanes']}: expected 16, 32 or 64 with PackRows = 1")
    if parameters["AiBanks"] != 0 and (parameters["AiPorts"] != 1 or parameters["AiGap"] != 0):
        raise Failure(f"{where}: AiBanks = {parameters['AiBanks']}: expected 0 with AiPorts = {parameters['AiPorts']} and AiGap = {parameters['AiGap']}")
    if parameters["Lanes"] > 64 and (parameters["AiPorts"] != 1 or parameters["AiBanks"] != 0):
        raise Failure(f"{where}: Lanes = {parameters['Lanes']}: expected at most 64 with AiPorts = {parameters['AiPorts']} and AiBanks = {parameters['AiBanks']}")
    for name, most in (("PostLanes", "Lanes"), ("TileChannels", "AccLines")):
        if parameters[name] > parameters[most]:
            raise Failure(f"{where}: {name} = {parameters[name]}: expected at most {most} = {parameters[most]}")
    return {"name": path.stem, "path": str(path), "description": entry["description"],
            "netlists": entry.get("netlists", []), "parameters": {name: parameters[name] for name in PARAMETERS}}


def top_parameters(config):
    """The parameters that kpu_top has."""
    return {name: value for name, value in load(config)["parameters"].items() if name not in SYSTEM_ONLY}


def filled(parameters):
    """The parameters of a shape that was kept, those that came since as they are in the usual machine."""
    return {**load("lanes64")["parameters"], **parameters}


def verilator(parameters):
    """Flags that set parameters of the top module."""
    return [f"-G{name}={value}" for name, value in parameters.items()]


def yosys(parameters):
    """Words of Yosys's `hierarchy` that set parameters of the top module."""
    return [word for name, value in parameters.items() for word in ("-chparam", name, str(value))]


def header(config, top):
    """The comment that begins the file of module `top` in plain Verilog (scripts/verilog.sh)."""
    entry = load(config)
    values = [f"{name}={value}" for name, value in top_parameters(config).items()]
    rows = [" ".join(values[first:first + 5]) for first in range(0, len(values), 5)]
    return "\n".join(f"// {line}".rstrip() for line in (
        "SPDX-License-Identifier: Apache-2.0", "",
        f"{top}: an open implementation of the Kendryte K210's KPU (docs/integration.md).",
        f"Configuration {entry['name']}: {entry['description']}.", *rows, "",
        "Written by Yosys from the SystemVerilog of rtl/ (make verilog): change that, not this. The parameters are",
        "built in; assertions are left out. Verilator is not to warn of how Yosys writes: reductions as `!a`, one-hot",
        "choices as casez, vectors of which some bits are not needed.")) + "".join(
            f"\n/* verilator lint_off {kind} */" for kind in YOSYS_WRITES)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("list", "check", "json", "verilator", "verilator-top", "yosys",
                                            "header"))
    parser.add_argument("configs", nargs="*")
    arguments = parser.parse_args()
    top = arguments.configs.pop() if arguments.command == "header" and arguments.configs else None
    if arguments.command not in ("list", "check") and len(arguments.configs) != 1:
        parser.error(f"{arguments.command}: expected one configuration" + (", one module" if top else ""))
    try:
        if arguments.command == "list":
            print(" ".join(names()))
        for config in arguments.configs or (names() if arguments.command == "check" else ()):
            entry = load(config)
            if arguments.command == "json":
                print(json.dumps(entry, indent=1))
            elif arguments.command == "verilator":
                print(" ".join(verilator(entry["parameters"])))
            elif arguments.command == "verilator-top":
                print(" ".join(verilator(top_parameters(config))))
            elif arguments.command == "header":
                print(header(config, top))
            elif arguments.command == "yosys":
                print(" ".join(yosys(top_parameters(config))))
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
