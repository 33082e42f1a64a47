#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh SOURCE BUILD NAME: builds the shape of tests/shapes/NAME.json beside BUILD, whose libraries it takes, and runs on
# it 512 random layers (two groups of seeds) and the repository's network, all against the golden model, to the bit.
set -eu
source=$1 build=$2 name=$3
shape=$build/shapes/$name

mkdir -p "$build/shapes"
cmake -S "$source" -B "$shape" -G Ninja -DKPU_PREBUILT="$build" -DKPU_CONFIG="$source/tests/shapes/$name.json" -DKPU_TESTS=OFF \
  -DCMAKE_BUILD_TYPE=Release --log-level=WARNING > "$build/shapes/$name.log"
cmake --build "$shape" -j 2 --target kpu >> "$build/shapes/$name.log"
mkdir -p "$shape/out"
"$shape/kpu" fuzz --count 512 --seed 1 --out "$shape/out"
"$shape/kpu" run "$source/examples/edges.kmodel" "$source/examples/scene.png" > "$shape/out/edges.txt"
grep "verdict: match" "$shape/out/edges.txt"
