# SPDX-License-Identifier: Apache-2.0
"""Area of a shape on an ECP5 without synthesis: a linear model, fitted to the shapes in bench/areas.json.

Every count is a sum of terms, each with a coefficient that the fit finds; the terms say what grows with what in the RTL.
A parameter, or a range of one, that no synthesised shape has is not guessed: the answer then is why there is none. A parameter that
no term reads has one value here, that of the usual machine: shapes with another one are no part of the fit, and have no area.
"""
import json
import math

import least_squares
import space as spaces

FILE = spaces.ROOT / "bench/areas.json"
COUNTS = ("lut", "ff", "dsp", "bram")
# For most parameters the fit may be used between the least and the largest value that was synthesised; for these beyond
# it, up to the value here, because the units that they change are there once for each lane or line.
BEYOND = {"PostLanes": 64, "AiLines": 32768}


WIDE = ((512, 36), (1024, 18), (2048, 9), (4096, 4), (8192, 2), (16384, 1))
BY_BYTE = ((1024, 16), (2048, 8), (4096, 4), (8192, 2), (16384, 1))


IN_LUTS = 3072  # bits of the largest memory that Yosys was seen to make of LUTs


def block_rams(depth, width, forms=WIDE):
    """Block memories of an ECP5 (18 Kbit) for `depth` words of `width` bits: the least of its forms, none for small ones."""
    if depth * width <= IN_LUTS:
        return 0
    return min(math.ceil(depth / deep) * math.ceil(width / wide) for deep, wide in forms)


def ring(p):
    """Block memories of the weight ring: rows of 36 bytes."""
    return block_rams(p["WeightRows"], 288)


def ai_ram(p):
    """Block memories of AI RAM, which is written byte by byte: words of `Lanes` bytes, their first and last bytes again."""
    words = p["AiLines"] * 64 // p["Lanes"]
    return block_rams(words, 8 * p["Lanes"], BY_BYTE) + 2 * block_rams(words, 8, BY_BYTE)


def layers(p):
    """Block memories of the layer FIFO: twelve words of 64 bits a layer."""
    return block_rams(12 * p["LayerFifo"], 64)


def serial_pooling(p):
    """1 where pooling takes a pixel a cycle (rtl/out/kpu_pool_serial.sv)."""
    return int(p["PostLanes"] == 1 and p["Lanes"] <= 16)


# count: {term: its value for the parameters p}.
TERMS = {
    "lut": {"machine": lambda p: 1, "lane": lambda p: p["Lanes"], "lane of post-processing": lambda p: p["PostLanes"],
            "lane of 64: words of four channels": lambda p: max(0, p["Lanes"] - 32),
            "lane's partial sums": lambda p: p["Lanes"] * (p["AccLines"] == 32), "counters": lambda p: p["Perf"],
            "address bits of the ring": lambda p: math.log2(p["WeightRows"]),
            "address bits of AI RAM": lambda p: math.log2(p["AiLines"]),
            "pooling fed by more lanes": lambda p: p["Lanes"] * (p["PostLanes"] == p["Lanes"]),
            "pooling of a pixel a cycle": serial_pooling, "layers waiting": lambda p: math.ceil(p["LayerFifo"] / 16), "output waiting": lambda p: math.ceil(p["OutFifo"] / 16),
            "bursts": lambda p: p["MaxOutstanding"]},
}
TERMS["ff"] = TERMS["lut"]
TERMS["dsp"] = {"machine": lambda p: 1, "lane": lambda p: p["Lanes"], "lane of post-processing": lambda p: p["PostLanes"]}
TERMS["bram"] = {"machine": lambda p: 1, "lane": lambda p: p["Lanes"], "lane of 64": lambda p: max(0, p["Lanes"] - 32),
                 "ring, AI RAM and layers": lambda p: ring(p) + ai_ram(p) + layers(p), "pooling of a pixel a cycle": serial_pooling}


class Reads(dict):
    """Parameters that remember which of them were asked for."""

    def __init__(self, parameters):
        super().__init__(parameters)
        self.names = set()

    def __getitem__(self, name):
        self.names.add(name)
        return super().__getitem__(name)


def not_modelled():
    """{parameter of kpu_top that no term reads: its value in the usual machine, the only one that the model knows}."""
    usual = spaces.configs.filled({})
    reads = Reads(usual)
    for terms in TERMS.values():
        for term in terms.values():
            term(reads)
    return {name: usual[name] for name in spaces.configs.PARAMETERS
            if name not in reads.names and name not in spaces.configs.SYSTEM_ONLY}


def modelled(entries):
    """Those entries of bench/areas.json whose shapes the terms describe."""
    usual = not_modelled().items()
    return [entry for entry in entries if usual <= spaces.configs.filled(entry["parameters"]).items()]


class Model:
    """The coefficients, and the values of parameters that they are good for."""

    def __init__(self, entries):
        """Fits to entries of bench/areas.json, as far as the terms describe them."""
        entries = modelled(entries)
        self.usual = not_modelled()
        shapes = [spaces.configs.filled(entry["parameters"]) for entry in entries]
        self.coefficients = {
            count: least_squares.fit([[term(p) for term in TERMS[count].values()] for p in shapes],
                                     [entry["total"][count] for entry in entries]) for count in COUNTS}
        self.seen = {name: sorted({p[name] for p in shapes}) for name in spaces.configs.PARAMETERS
                     if name not in (*spaces.configs.SYSTEM_ONLY, *self.usual)}

    @staticmethod
    def load():
        """The model of the file."""
        return Model(json.loads(FILE.read_text())["entries"])

    def outside(self, p):
        """Why the model does not know a shape, or ""."""
        for name, value in self.usual.items():
            if p[name] != value:
                return f"{name} = {p[name]} (modelled: {value})"
        for name, values in self.seen.items():
            if not values[0] <= p[name] <= max(values[-1], BEYOND.get(name, 0)):
                between = f"{values[0]} to {values[-1]}" if len(values) > 1 else f"{values[0]}"
                return f"{name} = {p[name]} (synthesised: {between})"
        return ""

    def predict(self, parameters):
        """(counts, "") of a shape, or (None, why not)."""
        outside = self.outside(parameters)
        if outside:
            return None, outside
        return {count: round(sum(c * term(parameters) for c, term in zip(self.coefficients[count], TERMS[count].values())))
                for count in COUNTS}, ""


def cross_validate(entries):
    """Each entry that the terms describe by a model that was fitted without it: a list of (parameters, synthesised, predicted) with
    counts."""
    results, entries = [], modelled(entries)
    for i, entry in enumerate(entries):
        model = Model(entries[:i] + entries[i + 1:])
        p = spaces.configs.filled(entry["parameters"])
        counts = {count: sum(c * term(p) for c, term in zip(model.coefficients[count], TERMS[count].values()))
                  for count in COUNTS}
        results.append((entry["parameters"], entry["total"], counts))
    return results


def errors(results, count):
    """(mean, worst) size of the relative errors of a count, 0.01 being one percent."""
    sizes = [abs(predicted[count] - total[count]) / total[count] for _, total, predicted in results]
    return (sum(sizes) / len(sizes), max(sizes)) if sizes else (0.0, 0.0)


def error_text(results):
    """The errors as lines of text."""
    lines = [f"{len(results)} shapes, each left out of the fit in turn:"]
    for count in COUNTS:
        mean, worst = errors(results, count)
        lines.append(f"  {count}: mean error {100 * mean:.2f} %, worst {100 * worst:.2f} %")
    return "\n".join(lines)
