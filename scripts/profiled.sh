#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds the tool with a simulation that is optimised for what its own examples do:
# profiled.sh <build folder of the tool> <folder for the profiled one> <jobs> [arguments of cmake].
# What does not depend on the RTL is linked from the first folder.
set -eu
cd "$(dirname "$0")/.."
build=$1
profiled=$2
jobs=$3
shift 3

arguments=(-DKPU_PREBUILT="$(realpath "$build")" -DKPU_TESTS=OFF "$@")

build_as() {  # RECORD or USE
  cmake -S . -B "$profiled" -G Ninja -DKPU_PROFILE="$1" --log-level=WARNING "${arguments[@]}" > /dev/null
  scripts/build.py "$profiled" "$jobs" kpu
}

build_as RECORD
find "$profiled" -name '*.gcda' -delete
rm -rf "$profiled/profile"
echo "Recording on the examples' networks and on random layers .."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$profiled/kpu" run examples/detector/detector.kmodel examples/detector/scenes/scene_0008.png --engine rtl > "$work/log"
"$profiled/kpu" run examples/edges.kmodel examples/scene.png --engine rtl > "$work/log"
"$profiled/kpu" fuzz --count 100 --jobs 1 --out "$work" > "$work/log"
if [ -z "$(find "$profiled" -name '*.gcda' -o -name '*.profraw')" ]; then
  echo "profiled.sh: $profiled: the runs recorded nothing: expected *.gcda or *.profraw" >&2
  exit 1
fi
if [ -d "$profiled/profile" ]; then
  "${LLVM_PROFDATA:-llvm-profdata}" merge -o "$profiled/profile/kpu.profdata" "$profiled"/profile/*.profraw
fi
build_as USE
echo "The tool: $profiled/kpu"
