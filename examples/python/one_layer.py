#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One quantised layer, from NumPy to a verdict, a picture, and waves.

one_layer.py [FOLDER]      writes FOLDER/one_layer.png and, with the RTL, one_layer.fst (default .)
"""
import pathlib
import sys

import matplotlib
import numpy as np

import openkpu
from openkpu.maix import image

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
OUT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")

# %% A layer as a quantiser leaves it: codes, scales and zero points. Here two filters for edges.
scene = image.Image(HERE.parent / "scene.png", size=(96, 64)).planes()
x = (scene.astype(np.int16) - 128).astype(np.int8)  # codes -128..127; 0.0 is code -128
x_scale, x_zero = 1 / 255, -128
edges = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
w = np.stack([np.stack([32 * e] * 3) for e in (edges, edges.T)]).astype(np.int8)
w_scale, w_zero = [1 / 64, 1 / 48], 0
bias = np.array([0, 0])
y_scale, y_zero = 0.05, 0
arguments = (x, x_scale, x_zero, w, w_scale, w_zero, bias, y_scale, y_zero)

# %% One call runs it on the KPU and says how it compares with another engine's arithmetic. The proof
# is about every input, not only this one.
engine = "both" if openkpu.has_rtl() else "golden"
for rounding in openkpu.ROUNDINGS:
    result = openkpu.conv2d_quantized(*arguments, rounding=rounding, engine="golden")
    print(f"{rounding:18} {result}")

# %% The same layer on the RTL, with its cycles and waves.
OUT.mkdir(parents=True, exist_ok=True)
wave = OUT / "one_layer.fst" if engine == "both" else None
result = openkpu.conv2d_quantized(*arguments, rounding="litert", engine=engine, wave=wave)
print(f"on {engine}: {result}")
if result.cycles is not None:
    print(f"{result.cycles} cycles, array busy {result.counters['array_busy'] / result.cycles:.1%}; "
          f"waves in {wave}")

# %% Too few fraction bits, on purpose: where do the codes move?
coarse = openkpu.conv2d_quantized(*arguments, fraction_bits=2)
channel = coarse.proof.channels[1]
print(f"with 2 fraction bits: {coarse.proof}")

figure, axes = plt.subplots(1, 4, figsize=(15, 3))
axes[0].imshow(scene.transpose(1, 2, 0))
axes[0].set_title("input")
for axis, plane, title in zip(axes[1:], result.y, ("vertical edges", "horizontal edges")):
    axis.imshow(plane, cmap="gray", vmin=-128, vmax=127)
    axis.set_title(title)
axes[3].imshow(coarse.y[1] != coarse.expected[1], cmap="gray_r", vmin=0, vmax=1)
axes[3].set_title(f"2 fraction bits: {coarse.differing} codes off by {coarse.proof.largest}")
for axis in axes:
    axis.axis("off")
figure.tight_layout()
figure.savefig(OUT / "one_layer.png", dpi=90)
print(f"picture in {OUT / 'one_layer.png'}")
