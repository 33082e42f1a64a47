#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The repository's own network and random layers on the gate-level netlist, against the golden model:
# gatesim.sh <build folder>.
set -eu
cd "$(dirname "$0")/.."
build=$1

"$build/kpu" run examples/edges.kmodel examples/scene.png --engine both --post none
"$build/kpu" fuzz --count "${GATESIM_LAYERS:-20}" --seed 1
