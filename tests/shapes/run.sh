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

# A shape that the network does not run on says so before anything runs, in one line.
edges=("$shape/kpu" run "$source/examples/edges.kmodel" "$source/examples/scene.png")
pooled="kpu: KPU layer 3: pool_type = 1: expected 0 on a machine with Pool = 0"
case $name in
  unpooled | bare) [ "$("${edges[@]}" 2>&1 | tail -1)" = "$pooled" ] ;;
esac
case $name in
  bare) ;;  # results leave by the stream that it does not have
  unpooled) "${edges[@]}" --layers 3 > "$shape/out/edges.txt" && grep "verdict: match" "$shape/out/edges.txt" ;;
  *) "${edges[@]}" > "$shape/out/edges.txt" && grep "verdict: match" "$shape/out/edges.txt" ;;
esac
