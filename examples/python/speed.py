#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How fast the golden model is from Python: processor time of one thread.

speed.py NETWORK PICTURE [kpu_golden_speed]

With the C++ program (`make bench` builds it) also the ratio to its time for the same network: the two
take turns, and the best of each counts.
"""
import re
import subprocess
import sys
import time

import numpy as np

import openkpu


def best(work, runs=40):
    times = []
    for _ in range(runs):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return min(times)


network = openkpu.Network(sys.argv[1])
print(f"{sys.argv[1]}: {1e3 * best(lambda: network.run(sys.argv[2])):.2f} ms with the picture's file")
pixels = np.zeros(network.inputs[0]["shape"], np.uint8)
print(f"{sys.argv[1]}: {1e3 * best(lambda: network.run(pixels)):.2f} ms from an array, with boxes")


def tool_milliseconds(tool, model):
    rows = subprocess.run([tool, model], capture_output=True, text=True, check=True).stdout
    return float(re.search(re.escape(model) + r"\s+([0-9.]+) ms", rows)[1])


python, tool = [], []
for _ in range(6):
    python.append(1e3 * best(lambda: network.run(pixels, meaning=False)))
    if len(sys.argv) > 3:
        tool.append(tool_milliseconds(sys.argv[3], sys.argv[1]))
print(f"{sys.argv[1]}: {min(python):.2f} ms from an array, the network alone")
if tool:
    print(f"the C++ program: {min(tool):.2f} ms; ratio {min(python) / min(tool):.2f}, goal 1.1")

random = np.random.default_rng(1)
layers = []
for _ in range(500):
    channels, outputs, height, width = random.integers((1, 1, 4, 4), (17, 17, 33, 33))
    layers.append((random.integers(0, 256, (channels, height, width), dtype=np.uint8),
                   random.integers(0, 256, (outputs, channels, 3, 3), dtype=np.uint8)))
seconds = best(lambda: [openkpu.layer(x, w, norm=(3, 12, 0), arg_x=-128) for x, w in layers], 3)
print(f"random layers: {len(layers) / seconds * 60:.0f} a minute, goal 10000")
