#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs the repository's own network on its own picture: run_example.sh <build folder> <output folder>.
set -eu
cd "$(dirname "$0")/.."
build=$1
out=$2

mkdir -p "$out"
"$build/kpu" run examples/edges.kmodel examples/scene.png --annotate "$out/edges.png" \
  --json "$out/edges.json" --dump "$out/layers"
echo "Look at $out/edges.png (the network's output) and $out/layers/ (every layer's channels)."
