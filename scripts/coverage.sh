#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# coverage.sh BUILD OUT JOBS: which lines of the RTL random layers and the recovery tests execute in the
# whole machine. Writes OUT/report.txt (share per file, then every line that was never executed) and
# annotated sources. LAYERS chooses how many random layers.
set -eu
cd "$(dirname "$0")/.."
build=$1 out=$2 jobs=$3
rm -rf "$out"
mkdir -p "$out/data"

cmake -S . -B "$build" -G Ninja -DKPU_COVERAGE=ON --log-level=WARNING > /dev/null
cmake --build "$build" -j "$jobs" --target kpu test_machine
export KPU_COVERAGE_DIR="$out/data"
"$build/kpu" fuzz --count "${LAYERS:-2048}" --jobs "$jobs" --out "$out"
"$build/tests/rtl/machine/test_machine" > "$out/machine.txt"

verilator_coverage --write "$out/all.dat" "$out"/data/*.dat
verilator_coverage --annotate "$out/annotated" --annotate-all --annotate-min 1 "$out/all.dat" > /dev/null
scripts/coverage_report.py "$out/all.dat" > "$out/report.txt"
sed -n '/^total/p' "$out/report.txt"
echo "coverage: see $out/report.txt"
