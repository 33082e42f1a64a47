#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Every module of the RTL has an assertion, and the macros of rtl/kpu_assert.svh make them real ones in each simulator
# that has assertions, by the macro that it defines by itself: clocked ones in Verilator, concurrent ones in the others,
# none in synthesis.
set -eu
cd "$(dirname "$0")/../.."

for file in $(grep -h '\.sv$' rtl/kpu.f rtl/ip/openkpu.f | grep -v '_pkg\.sv$'); do
  grep -q '`ASSERT' "$file" || { echo "$file: no assertion"; exit 1; }
done

assertions() {  # define, kind: how many the preprocessor leaves of a module that has five
  verilator -E -UVERILATOR -D"$1" -Irtl rtl/common/kpu_fifo.sv | grep -c ": assert$2 (" || true
}
expect() {  # define, kind, count
  [ "$(assertions "$1" "$2")" = "$3" ] ||
    { echo "$1: $(assertions "$1" "$2") of 'assert$2', expected $3"; exit 1; }
}
for simulator in VCS QUESTA MODEL_TECH XCELIUM INCA ALDEC XILINX_SIMULATOR; do
  expect $simulator " property" 5
  expect $simulator "" 0
done
expect VERILATOR "" 5
for other in VERILATOR SYNTHESIS __ICARUS__; do expect $other " property" 0; done
for other in SYNTHESIS __ICARUS__; do expect $other "" 0; done
echo "assertions: in every module, in every simulator"
