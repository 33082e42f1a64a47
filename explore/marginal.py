# SPDX-License-Identifier: Apache-2.0
"""What a step of one parameter is worth: two points that differ in nothing else, over a whole space."""
import statistics

MEASURES = ("cycles", "lut", "ff", "dsp", "bram", "energy", "memory_energy")


def change(before, after):
    """Relative change, 0.01 being one percent; None where a value is not known or was 0."""
    return after / before - 1 if before and after is not None else None


def pairs(points, name, low, high):
    """Points with the value `low` of a parameter, each with its twin that has `high`."""
    def rest(point):
        return tuple(value for key, value in point["parameters"].items() if key != name)

    twins = {rest(point): point for point in points if point["parameters"][name] == high}
    return [(point, twins[rest(point)]) for point in points if point["parameters"][name] == low and rest(point) in twins]


def step(points, base, name, start, end):
    """A step from one value to another: changes at the base (if it has the first value), and median, least, most of all."""
    both = pairs(points, name, start, end)
    result = {"parameter": name, "from": start, "to": end, "pairs": len(both), "measures": {}}
    for measure in MEASURES:
        changes = [(one["parameters"] == base, change(one.get(measure), other.get(measure))) for one, other in both]
        known = [value for _, value in changes if value is not None]
        if known:
            result["measures"][measure] = {
                "base": next((value for at_base, value in changes if at_base), None),
                "median": statistics.median(known), "least": min(known), "most": max(known)}
    return result


def steps(points, base, parameters):
    """Steps from the base's value of each parameter to each other value of the space; where the base's is not in the
    space, from its largest. `points` have "parameters", which all name the same ones, and the measures that are
    known of them; `base` are the parameters of the base."""
    found = []
    for name, values in parameters.items():
        start = base[name] if base[name] in values else max(values)
        found += [step(points, base, name, start, end) for end in sorted(values, reverse=True) if end != start]
    return [one for one in found if one["pairs"]]
