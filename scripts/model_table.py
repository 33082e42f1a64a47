# SPDX-License-Identifier: Apache-2.0
"""The tables of docs/cycle-model.md, from bench/model_error.json."""
import model_cases as cases

SHAPE_HEADER = ("shape", "is", "memories", "mean error", "worst network", "layers above 5,000 cycles", "worst of them")
NETWORK_HEADER = ("network", "KPU layers")


def percent(value):
    """With a sign."""
    return f"{100 * value:+.2f} %"


def changed(shape):
    """What a shape is: its base, and the parameters that differ."""
    values = ", ".join(f"{name} {value}" for name, value in shape["changes"].items())
    return f"`{shape['base']}`" + (f" with {values}" if values else "")


def shape_rows():
    """A row for each shape."""
    kept = cases.load_kept()
    for shape in cases.load_cases()["shapes"]:
        own = {"shapes": {shape["name"]: kept["shapes"][shape["name"]]}}
        found = cases.summary(own)
        worst, _, memory, network = found["worst"]
        layer = found["worst_layer"]
        mean = f"{100 * found['mean']:.2f} %"
        yield (shape["name"], changed(shape), ", ".join(shape["memories"]), mean, f"{percent(worst)}, {network}, {memory}",
               found["layers"], f"{percent(layer[0])}, {layer[3]}, {layer[2]}, layer {layer[4]}")


def network_header():
    """The names of the memories beside the network."""
    memories = cases.load_cases()["memories"]
    return (*NETWORK_HEADER, *(f"{m['name']}: {m['ReadLatency']} cycles, {m['Bandwidth']} %" for m in memories))


def network_rows():
    """A row for each network: mean error on each memory."""
    kept, listed = cases.load_kept(), cases.load_cases()
    found = list(cases.entries(kept))
    for network in listed["networks"]:
        own = [(memory, entry) for _, memory, name, entry in found if name == network["name"]]
        means = (cases.mean(cases.total_error(entry) for at, entry in own if at == memory["name"]) for memory in listed["memories"])
        yield (network["name"], len(own[0][1]["rtl"]), *(f"{100 * mean:.2f} %" for mean in means))


def summary():
    """One paragraph."""
    found = cases.summary(cases.load_kept())
    worst, layer = found["worst"], found["worst_layer"]
    return (f"{found['configurations']} configurations, {found['pairs']} pairs of configuration and network: the mean error of the sums is "
            f"**{100 * found['mean']:.2f} %**, the worst {percent(worst[0])} ({worst[3]} on {worst[1]}, {worst[2]}); "
            f"of {found['layers']:,} layers of more than {cases.LONG:,} cycles the worst is **{percent(layer[0])}** off "
            f"({layer[3]}, layer {layer[4]}, on {layer[1]}, {layer[2]}). An error above zero: the model is slower. A pair is missing where the "
            "shape's weight ring refuses a layer.")
