#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh BUILD OUT JOBS: faults into a copy of the RTL in OUT, builds it in BUILD, and runs the tests of
# the RTL and random layers against each fault until one of them notices it. OUT/result.txt says which
# did; a line with "-" is a fault that nothing notices, and is shown at once. COUNT and SEED choose the
# faults, ONLY (a pattern for their lines in OUT/mutants.txt) some of them, LAYERS how many layers each
# has to get past. Exit code 1 if less than 95 % of the faults that can be seen are noticed, or if one
# that equivalent.txt says cannot be seen is.
set -eu
cd "$(dirname "$0")/.."
build=$1 out=$2 jobs=$3
mkdir -p "$out/tests" "$out/limits"
mutation/instrument.py --out "$out" --count "${COUNT:-420}" --seed "${SEED:-7}"
cp -r tests/rtl "$out/tests"

units='rtl/regs/test_regs rtl/ctrl/test_decode rtl/ctrl/test_schedule_packed64 rtl/ctrl/test_schedule_packed16
  rtl/ctrl/test_schedule_k210 rtl/ctrl/test_schedule_narrow rtl/conv/test_conv rtl/conv/test_conv_pack rtl/pack/test_pack_16
  rtl/pack/test_pack_64 rtl/pack/test_pack_16_no_turn rtl/mem/test_mem_16 rtl/mem/test_mem_64 rtl/param/test_param_64
  rtl/param/test_param_128 rtl/param/test_param_128_overlap rtl/post_pool/test_post_pool_lanes64_post16
  rtl/post_pool/test_post_pool_lanes16 rtl/post_pool/test_post_pool_lanes16_post1 rtl/out/test_stream_pack_16_1
  rtl/out/test_stream_pack_64_1 rtl/soc/test_soc rtl/dmac/test_dmac driver/test_system'
targets=$(for unit in $units; do basename "$unit"; done)
cmake -S . -B "$build" -G Ninja -DKPU_RTL_ROOT="$(realpath "$out")" --log-level=WARNING > /dev/null
cmake --build "$build" -j "$jobs" --target kpu_mutation test_machine $targets
# Words that are parts of a line, steps of a line, a small ring: the shape for an FPGA has them. Packed rows, ends that overlap.
for shape in ecp5 packed16; do
  cmake -S . -B "$build-$shape" -G Ninja -DKPU_CONFIG="$shape" -DKPU_RTL_ROOT="$(realpath "$out")" \
    --log-level=WARNING > /dev/null
  cmake --build "$build-$shape" -j "$jobs" --target kpu_mutation
done

# run NUMBER PROGRAM LIMIT: a run that takes more than LIMIT seconds of processor time counts as a hang.
run() {
  ulimit -t "$3"
  case $2 in
    layers) KPU_MUTANT=$1 "$build/mutation/kpu_mutation" "$layers" ;;
    layers_*) KPU_MUTANT=$1 "$build-${2#layers_}/mutation/kpu_mutation" "$((layers / 3))" ;;
    *) KPU_MUTANT=$1 "$build/tests/$2" --abort ;;
  esac > /dev/null 2>&1 < /dev/null
}
# try LINE: adds to a line of mutants.txt the program that notices its fault. The tests of its own folder
# come first, then those of the whole machine, then all others.
try() {
  local own=none program
  case $1 in
    *rtl/regs/*) own='regs/' ;;
    *rtl/ctrl/*) own='ctrl/' ;;
    *rtl/mem/*) own='mem/' ;;
    *rtl/pack/*) own='pack/' ;;
    *rtl/param/*) own='param/' ;;
    *rtl/out/* | *rtl/post/*) own='post_pool/\|out/' ;;
    *rtl/dmac/*) own='dmac/\|driver/' ;;
    *rtl/soc/*) own='soc/\|driver/' ;;
  esac
  for program in $(printf '%s\n' $units | grep "$own") layers rtl/machine/test_machine layers_ecp5 layers_packed16 \
    $(printf '%s\n' $units | grep -v "$own"); do
    if ! (run "${1%%$'\t'*}" "$program" "$(cat "$out/limits/${program##*/}")"); then
      printf '%s\t%s\n' "$1" "$program"
      return
    fi
  done
  printf '%s\t-\n' "$1"
}
layers=${LAYERS:-768}
export -f run try
export build layers out units

for program in $units layers layers_ecp5 layers_packed16 rtl/machine/test_machine; do
  used=$(TIMEFORMAT=%U; { time (run 0 "$program" 300); } 2>&1) ||
    { echo "mutation: $program fails without a fault"; exit 1; }
  echo $((3 * ${used%.*} + 5)) > "$out/limits/${program##*/}"
done
grep -- "${ONLY:-.}" "$out/mutants.txt" > "$out/tried.txt"
xargs -d '\n' -P "$jobs" -I{} bash -c 'try "$1"' _ {} < "$out/tried.txt" |
  awk -F'\t' -v all="$(wc -l < "$out/tried.txt")" '
    { print }
    $7 == "-" && $6 != "equivalent" { missed++; print "mutation: not noticed: " $0 > "/dev/stderr" }
    NR % 20 == 0 { printf "mutation: %d of %d, %d not noticed\n", NR, all, missed > "/dev/stderr" }
  ' | sort -n > "$out/result.txt"
awk -F'\t' '
  $6 == "equivalent" && $7 != "-" { wrong++; print "listed as equivalent, but " $7 " notices it: " $0 }
  $6 == "equivalent" && $7 == "-" { hidden++; next }
  { by[$7]++; seen++ }
  END {
    printf "mutation: %d faults, of which %d cannot be seen; %d of the other %d noticed (%.1f %%)\n",
      NR, hidden, seen - by["-"], seen, 100 * (seen - by["-"]) / seen
    for (program in by) printf "  %-44s %d\n", program == "-" ? "nobody" : program, by[program]
    exit wrong > 0 || (seen - by["-"]) < 0.95 * seen
  }' "$out/result.txt"
