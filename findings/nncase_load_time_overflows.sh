#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A 3x3 convolution from 512 to 512 channels needs 86 loads of weights. The layer's field load_time has six bits, for 1
# to 64: the compiler writes the lower bits of 86 without a word, and its simulator, which takes all weights at once,
# computes what the network means. A chip that goes by the field has weights for 132 of 512 channels.
. "$(dirname "$(realpath "$0")")/nncase_common.sh"

cat > script.py <<'PYTHON'
import struct, numpy as np, net
channels = 512
random = np.random.default_rng(2)
weights = (random.standard_normal((channels, channels, 3, 3)) * 0.02).astype(np.float32)
kmodel, x, y = net.run("Conv", [1, channels, 4, 4], [weights], kernel_shape=[3, 3], pads=[1, 1, 1, 1])
# The layer's twelve 64-bit words: word 2 has the channels less 1, word 5 load_time in bits 1 to 6.
word2 = (channels - 1) | (channels - 1) << 32
for at in range(len(kmodel) - 96):
    if struct.unpack_from("<Q", kmodel, at + 16)[0] & (0x3FF << 32 | 0x3FF) == word2:
        words = struct.unpack_from("<12Q", kmodel, at)
        if words[1] >> 47 == 0 and words[4] & 7 == 1:
            break
a_load = (words[2] >> 48 & 0x3FF) + 1
print("loads needed", -(-channels // a_load), "field", (words[5] >> 1 & 63) + 1)
padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
exact = sum(np.einsum("oc,nchw->nohw", weights[:, :, i, j], padded[:, :, i:i + 4, j:j + 4]) for i in range(3) for j in range(3))
error = np.abs(y - exact).max(axis=(0, 2, 3)) / np.abs(exact).max()
print("covered by the field", ((words[5] >> 1 & 63) + 1) * a_load, "right in the simulator", int((error < 0.05).sum()))
PYTHON
for release in 1.0.0.20211029 1.9.0.20230322; do
  nncase "v$release" "$release"
  "v$release/bin/python" script.py > log 2>&1 || true
  seen "$release, loads" "loads needed 86 field 22" "$(grep '^loads needed' log || tail -n 1 log)"
  seen "$release, output channels" "covered by the field 132 right in the simulator 512" "$(grep '^covered' log || tail -n 1 log)"
done
result
