#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Compiles the repository's own detector and runs it on a scene, on RTL and golden model:
# run_example.sh <build folder> <output folder>.
set -eu
cd "$(dirname "$0")/.."
build=$1
out=$2
detector=examples/detector

mkdir -p "$out"
"$build/kpu" compile "$detector/detector.onnx" --calibrate "$detector/calibration" \
  -o "$out/detector.kmodel" --report "$out/detector.html"
"$build/kpu" run "$out/detector.kmodel" "$detector/scenes/scene_0008.png" \
  --anchors "$(cat "$detector/anchors.txt")" --labels "$detector/labels.txt" \
  --annotate "$out/detector.png" --json "$out/detector.json" --report "$out/run.html"
echo "Look at $out/detector.png (what it found), $out/run.html (the run: cycles, feature maps) and $out/detector.html (what quantisation costs, layer by layer)."
