#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh BUILD OUT JOBS: faults into a copy of the RTL in OUT, builds it in BUILD, runs random layers
# against each fault, then the tests of the RTL against those that were not noticed.
# COUNT and SEED choose the faults, LAYERS how many layers each has to get past.
set -eu
cd "$(dirname "$0")/.."
build=$1 out=$2 jobs=$3
mkdir -p "$out/tests"
mutation/instrument.py --out "$out" --count "${COUNT:-500}" --seed "${SEED:-1}" --skip rtl/soc rtl/dmac
cp -r tests/rtl "$out/tests"

cmake -S . -B "$build" -G Ninja -DKPU_RTL_ROOT="$(realpath "$out")" --log-level=WARNING > /dev/null
cmake --build "$build" -j "$jobs" --target kpu_mutation
"$build/mutation/kpu_mutation" "$out/mutants.txt" --survivors "$out/survivors.txt" \
  --layers "${LAYERS:-768}" --jobs "$jobs"

# The tests, linked with the same faults; those that notice most come first.
tests='machine/test_machine regs/test_regs param/test_param mem/test_mem_16 mem/test_mem_64
  post_pool/test_post_pool_lanes64_post16 post_pool/test_post_pool_lanes16'
cmake --build "$build" -j "$jobs" --target $(for test in $tests; do basename "$test"; done)
for test in $tests; do
  "$build/tests/rtl/$test" > /dev/null || { echo "mutation: $test fails without a fault"; exit 1; }
done

# unnoticed MUTANT: prints the line of the list if every test passes.
unnoticed() {
  for test in $tests; do
    KPU_MUTANT=${1%%$'\t'*} timeout 300 "$build/tests/rtl/$test" > /dev/null 2>&1 < /dev/null || return 0
  done
  echo "$1"
}
export -f unnoticed
export build tests
xargs -d '\n' -P "$jobs" -I{} bash -c 'unnoticed "$1"' _ {} < "$out/survivors.txt" | sort -n > "$out/unnoticed.txt"

all=$(wc -l < "$out/mutants.txt") left=$(wc -l < "$out/unnoticed.txt")
echo "mutation: $((all - left)) of $all faults noticed; the others are in $out/unnoticed.txt"
