#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The same 5x5 convolution, which stays a float operation, comes out different on the simulators of releases 1.0.0 and
# 1.9.0: the older one adds with fused multiply-adds from zero and the bias at the end, the newer one starts at the bias
# and rounds each product. Neither file says so, and both are kmodels of version 5.
. "$(dirname "$(realpath "$0")")/nncase_common.sh"

cat > script.py <<'PYTHON'
import numpy as np, net
random = np.random.default_rng(3)
weights = random.standard_normal((8, 8, 5, 5)).astype(np.float32) * np.float32(0.1)
bias = random.standard_normal(8).astype(np.float32)
_, x, y = net.run("Conv", [1, 8, 16, 16], [weights, bias], kernel_shape=[5, 5], pads=[2, 2, 2, 2])
padded = np.pad(x, ((0, 0), (0, 0), (2, 2), (2, 2)))[0]
fused = np.zeros((8, 16, 16), np.float32)
rounded = np.broadcast_to(bias[:, None, None], fused.shape).astype(np.float32)
for c in range(8):
    for i in range(5):
        for j in range(5):
            tap, weight = padded[c, i:i + 16, j:j + 16][None], weights[:, c, i, j][:, None, None]
            fused = (tap.astype(np.float64) * weight + fused).astype(np.float32)
            rounded = rounded + tap * weight
fused = fused + bias[:, None, None]
print("of", y.size, "differ from fused:", int((y[0] != fused).sum()), "from rounded:", "none" if (y[0] == rounded).all() else "some")
PYTHON
for release in 1.0.0.20211029 1.9.0.20230322; do
  nncase "v$release" "$release"
  "v$release/bin/python" script.py > log 2>&1 || true
  seen "$release" "$([ "$release" = 1.0.0.20211029 ] && echo 'fused' || echo 'rounded')" \
    "$(sed -n 's/^of .* fused: 0 from rounded: some$/fused/p; s/^of .* fused: [1-9][0-9]* from rounded: none$/rounded/p' log)"
done
result
