#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# coverage.sh BUILD OUT JOBS: what random layers and the tests of the RTL have executed. Writes OUT/report.txt
# and OUT/report.json: lines and branches of rtl/ by file, the functional points of tests/coverage (events of
# the RTL) and of sim/fuzz/layer_coverage.cpp (layers), and each that was missed. Fails when a planned point is missed
# or less than 98 % of the lines are hit; tests/coverage/exclusions.txt says what cannot be, and why.
# LAYERS chooses how many random layers. TOGGLE=1 counts the bits that change instead, in the machine of 16 lanes
# (C++ for 64 is eight times as long as without toggles), with its units' tests only and with fewer layers; its
# build is one of its own.
set -eu
cd "$(dirname "$0")/.."
build=$1 out=$2 jobs=$3
tests='machine/test_machine regs/test_regs ctrl/test_decode conv/test_conv mem/test_mem_64 mem/test_mem_16
  conv/test_conv_pack pack/test_pack_16 pack/test_pack_64 out/test_stream_pack_16_0 out/test_stream_pack_16_1
  param/test_param_64 param/test_param_128 param/test_param_128_overlap dmac/test_dmac soc/test_soc post_pool/test_post_pool_lanes64_post16
  post_pool/test_post_pool_lanes16 post_pool/test_post_pool_lanes16_post1'
config=lanes64 layers=14000
if [ "${TOGGLE:-0}" = 1 ]; then
  build=$build-toggle out=$out-toggle config=lanes16 layers=1500
  tests=$(printf '%s\n' $tests | grep -v 64)
fi
rm -rf "$out"
mkdir -p "$out/data"

cmake -S . -B "$build" -G Ninja -DKPU_CONFIG=$config -DKPU_COVERAGE=ON -DKPU_WERROR=ON \
  -DKPU_TOGGLE="${TOGGLE:-0}" --log-level=WARNING > /dev/null
cmake --build "$build" -j "$jobs" --target kpu test_system $(for test in $tests; do basename "$test"; done)
KPU_COVERAGE_DIR=$(realpath "$out/data")
export KPU_COVERAGE_DIR
"$build/kpu" fuzz --count "${LAYERS:-$layers}" --jobs "$jobs" --out "$out" --coverage "$out/layers.json"
for test in $tests; do
  "$build/tests/rtl/$test" > "$out/$(basename "$test").txt"
done
"$build/tests/driver/test_system" > "$out/test_system.txt"
scripts/coverage_report.py "$out"
