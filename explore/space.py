# SPDX-License-Identifier: Apache-2.0
"""Spaces of configurations: reads and checks a space file (explore/schema/space.json says what may stand there).

Every error is one line: file, place, what was expected.
"""
import json
import math
import os
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))
import configs  # noqa: E402

SCHEMA = json.loads((ROOT / "explore/schema/space.json").read_text())
MOST_POINTS = 1_000_000  # as many as `kpu estimate` takes
KINDS = {"string": str, "array": list, "object": dict, "boolean": bool, "integer": int, "number": (int, float)}
DEFAULTS = {"memory": {}, "compare": [], "synthesis": {}, "limits": {}, "objectives": ["cycles", "lut", "dsp", "bram"],
            "rtl_points": 12}
MEMORY = {"ReadLatency": 20, "Bandwidth": 100}
Failure = configs.Failure


def number_text(value):
    """A bound as a message has it: 1000000, not 1e+06."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def check_number(where, rule, value):
    """Throws if a number is not between the bounds of its rule."""
    low, high = rule.get("minimum"), rule.get("maximum")
    if isinstance(value, float) and not math.isfinite(value):
        raise Failure(f"{where} = {value}: expected a finite number")
    if (low is not None and value < low) or (high is not None and value > high):
        wanted = f"{number_text(low)} to {number_text(high)}" if high is not None else f"at least {number_text(low)}"
        raise Failure(f"{where} = {json.dumps(value)}: expected {wanted}")


def check(where, rule, value):
    """Throws Failure if `value` is not what a rule of the schema lets through. Knows what space.json uses of JSON Schema."""
    kind = rule["type"]
    truth_as_number = isinstance(value, bool) and kind != "boolean"
    if not isinstance(value, KINDS[kind]) or truth_as_number:
        raise Failure(f"{where}: expected type {kind}")
    if "enum" in rule and value not in rule["enum"]:
        raise Failure(f"{where} = {json.dumps(value)}: expected one of {', '.join(rule['enum'])}")
    if "pattern" in rule and not re.search(rule["pattern"], value):
        raise Failure(f"{where} = {json.dumps(value)}: expected {rule['pattern']}")
    if kind in ("integer", "number"):
        check_number(where, rule, value)
    if kind in ("array", "object") and len(value) < rule.get("minItems", rule.get("minProperties", 0)):
        raise Failure(f"{where}: expected at least {rule.get('minItems', rule.get('minProperties'))}")
    if kind == "array":
        for i, item in enumerate(value):
            check(f"{where}[{i}]", rule["items"], item)
    if kind == "object":
        check_object(where, rule, value)


def check_object(where, rule, value):
    """The part of check() for objects."""
    known, others = rule.get("properties", {}), rule.get("additionalProperties")
    for name, member in value.items():
        if name not in known and others is False:
            raise Failure(f"{where}: member {name}: expected one of {', '.join(known)}")
        check(f"{where}: {name}", known.get(name, others), member)
    for name in rule.get("required", ()):
        if name not in value:
            raise Failure(f"{where}: member {name}: missing")


def file_of(text):
    """The file that a network names: from the root of the repository, or in the folder of optional data."""
    shared = os.environ.get("KPU_SHARED", str(ROOT / "../shared"))
    return pathlib.Path(os.path.normpath(ROOT / text.replace("$KPU_SHARED", shared)))


def networks(where, entries):
    """The networks that are there, with their files. Throws if one that is not optional is missing."""
    found = []
    for i, entry in enumerate(entries):
        if entry["name"] in (other["name"] for other in entries[:i]):
            raise Failure(f"{where}: networks[{i}]: name {entry['name']}: there twice, expected a name for each")
        files = {member: file_of(entry[member]) for member in ("model", "input")}
        missing = [member for member, path in files.items() if not path.is_file()]
        if missing and not entry.get("optional"):
            raise Failure(f"{where}: networks[{i}]: {missing[0]} {entry[missing[0]]}: no such file")
        if not missing:
            found.append({"name": entry["name"], **{member: str(path) for member, path in files.items()}})
    if not found:
        raise Failure(f"{where}: networks: none of them is there, expected at least one")
    return found


def axes(where, parameters):
    """The parameters that vary, in the order of the schema of configurations. Throws for values that they may not have."""
    for name, values in parameters.items():
        for value in values:
            configs.check_value(f"{where}: parameters", name, value)
        if len(set(values)) != len(values):
            raise Failure(f"{where}: parameters: {name}: a value stands there twice, expected each once")
    points = math.prod(len(values) for values in parameters.values())
    if points == 1:
        raise Failure(f"{where}: parameters: expected several values of at least one")
    if points > MOST_POINTS:
        raise Failure(f"{where}: parameters: {points} combinations: expected at most {MOST_POINTS}")
    return {name: parameters[name] for name in configs.PARAMETERS if name in parameters}


def load(path):
    """A space with all members, the defaults included, and its name. Throws Failure.

    "base" and "compare" become lists of configurations as configs.load() gives them; "networks" have their files.
    """
    path = pathlib.Path(path).resolve()
    where = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    try:
        entry = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise Failure(f"{where}: {getattr(error, 'strerror', None) or error}: expected a JSON file") from error
    check(where, SCHEMA, entry)
    space = {**DEFAULTS, **entry, "name": path.stem, "path": str(path)}
    if space["base"] not in configs.names():
        raise Failure(f"{where}: base {space['base']}: expected one of {', '.join(configs.names())}")
    for name, value in space["synthesis"].items():
        configs.check_value(f"{where}: synthesis", name, value)
    space["memory"] = {**MEMORY, **space["memory"]}
    space["parameters"] = axes(where, space["parameters"])
    space["networks"] = networks(where, space["networks"])
    space["base"] = configs.load(space["base"])
    space["compare"] = [configs.load(name) for name in space["compare"] if name in configs.names()]
    return space


def point_name(space, parameters):
    """A name for a point: the values that differ from the base, or the base's own name."""
    base = space["base"]["parameters"]
    other = [f"{name}{value}" for name, value in parameters.items() if value != base[name]]
    return "_".join(other) or space["base"]["name"]


def write_if_new(path, text):
    """Writes a file whose text changes; one that stays keeps its time, so that nothing after it runs again."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
