#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The shortest way: one quantised convolution on the KPU's golden model, and a proof beside it."""
import numpy as np

import openkpu

random = np.random.default_rng(1)
x = random.integers(0, 256, (3, 16, 16), dtype=np.uint8)
w = random.integers(-127, 128, (8, 3, 3, 3), dtype=np.int8)
result = openkpu.conv2d_quantized(x, 1 / 255, 0, w, 0.003, 0, None, 0.02, 0, rounding="onnxruntime")
print(result)
