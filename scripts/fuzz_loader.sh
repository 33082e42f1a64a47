#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# fuzz_loader.sh BUILD OUT JOBS: coverage-guided fuzzing of the kmodel loaders and of the picture reader for
# SECONDS_EACH seconds each, with address and undefined-behaviour sanitizers. Starts from tests/fuzz/corpus
# and from OUT/corpus_* of earlier runs; what it finds goes to OUT/found. Needs clang with libFuzzer, which
# nothing else here does: Debian's packages clang and libclang-rt-14-dev, Ubuntu's clang and libclang-rt-18-dev.
set -eu
cd "$(dirname "$0")/.."
build=$1 out=$2 jobs=$3
seconds=${SECONDS_EACH:-60}
mkdir -p "$out/corpus_model" "$out/corpus_image" "$out/found"

if ! echo 'extern "C" int LLVMFuzzerTestOneInput(const char*, unsigned long) { return 0; }' |
    clang++ -x c++ -fsanitize=fuzzer - -o "$out/probe" 2> "$out/probe.log"; then
  echo "fuzz-loader: needs clang with libFuzzer (clang and libclang-rt-14-dev or libclang-rt-18-dev)" >&2
  exit 1
fi

CC=clang CXX=clang++ cmake -S . -B "$build" -G Ninja --log-level=WARNING \
  -DKPU_SANITIZE=fuzzer-no-link,address,undefined > /dev/null
cmake --build "$build" -j "$jobs" --target fuzz_model fuzz_image
for name in model image; do
  echo "fuzz_$name for $seconds s"
  "$build/tests/fuzz/fuzz_$name" -max_total_time="$seconds" -rss_limit_mb=4096 -timeout=30 -max_len=100000 \
    -artifact_prefix="$out/found/$name-" -print_final_stats=1 "$out/corpus_$name" "tests/fuzz/corpus/$name" \
    > "$out/$name.log" 2>&1 || {
      tail -40 "$out/$name.log"
      echo "fuzz-loader: fuzz_$name found something, see $out/found"
      exit 1
    }
  grep -E 'number_of_executed_units|new_units_added' "$out/$name.log"
done
echo "fuzz-loader: nothing found"
