#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# nncase 1.9.0 compiles these ONNX nodes for the K210 without a word and computes something else: Pad with the constant
# 0.5 pads 0; AveragePool with count_include_pad=1 divides by the elements inside; Resize linear with half_pixel is
# done as asymmetric (pytorch_half_pixel is right).
. "$(dirname "$(realpath "$0")")/nncase_common.sh"

cat > script.py <<'PYTHON'
import numpy as np, net
close = lambda a, b: float(np.abs(np.asarray(a) - b).max()) < 0.02
_, x, y = net.run("Pad", [1, 4, 8, 8], [np.array([0, 0, 1, 1, 0, 0, 1, 1], np.int64), np.array(0.5, np.float32)])
print("pad:", "0.5" if close(y[0, :, 0, 0], 0.5) else "0" if close(y[0, :, 0, 0], 0) else "?")
_, x, y = net.run("AveragePool", [1, 4, 8, 8], kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1)
corner = x[0, :, :2, :2].sum(axis=(1, 2))
print("corner divided by:", 9 if close(y[0, :, 0, 0], corner / 9) else 4 if close(y[0, :, 0, 0], corner / 4) else "?")
for mode in ("half_pixel", "pytorch_half_pixel"):
    _, x, y = net.run("Resize", [1, 4, 8, 8], [np.zeros(0, np.float32), np.array([1, 1, 2, 2], np.float32)], mode="linear",
                      coordinate_transformation_mode=mode)
    def resized(offset):
        at = np.clip((np.arange(16) + offset) * 0.5 - offset, 0, 7)
        low, share = np.floor(at).astype(int), at - np.floor(at)
        high = np.minimum(low + 1, 7)
        rows = x[0, :, low] * (1 - share)[:, None, None] + x[0, :, high] * share[:, None, None]  # row, channel, column
        both = rows[:, :, low] * (1 - share) + rows[:, :, high] * share
        return both.transpose(1, 0, 2)
    print(mode + ":", "half pixel" if close(y[0], resized(0.5)) else "asymmetric" if close(y[0], resized(0.0)) else "?")
PYTHON
nncase v 1.9.0.20230322
v/bin/python script.py > log 2>&1 || true
shown() { sed -n "s/^$1: //p" log; }
seen "Pad with 0.5 pads" 0 "$(shown pad)"
seen "AveragePool with count_include_pad=1, corner of 3x3 divided by" 4 "$(shown 'corner divided by')"
seen "Resize half_pixel is done as" asymmetric "$(shown half_pixel)"
seen "Resize pytorch_half_pixel is done as" "half pixel" "$(shown pytorch_half_pixel)"
result
