#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh BUILD OUT JOBS: faults into a copy of the RTL in OUT, builds it in BUILD, runs random layers
# against each fault, then the unit tests of the RTL against those that were not noticed.
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

# The unit tests, linked with the same faults.
targets=$(ninja -C "$build" -t targets all | sed -n 's|^tests/rtl/[a-z_]*/\(test_[a-z0-9_]*\): .*|\1|p')
cmake --build "$build" -j "$jobs" --target $targets
: > "$out/unnoticed.txt"
while IFS= read -r mutant; do
  noticed=no
  for program in "$build"/tests/rtl/*/test_*; do
    if [ -x "$program" ] && [ -f "$program" ] &&
        ! KPU_MUTANT=${mutant%%$'\t'*} timeout 120 "$program" > /dev/null 2>&1 < /dev/null; then
      noticed=yes
      break
    fi
  done
  if [ $noticed = no ]; then echo "$mutant" >> "$out/unnoticed.txt"; fi
done < "$out/survivors.txt"

all=$(wc -l < "$out/mutants.txt") left=$(wc -l < "$out/unnoticed.txt")
echo "mutation: $((all - left)) of $all faults noticed; the others are in $out/unnoticed.txt"
