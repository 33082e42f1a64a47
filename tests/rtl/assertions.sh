#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Every module of the RTL has an assertion, and the macros of rtl/kpu_assert.svh make them real ones in each simulator
# that has assertions, by the macro that it defines by itself; none in synthesis.
set -eu
cd "$(dirname "$0")/../.."

for file in $(grep -h '\.sv$' rtl/kpu.f rtl/ip/openkpu.f | grep -v '_pkg\.sv$'); do
  grep -q '`ASSERT' "$file" || { echo "$file: no assertion"; exit 1; }
done

assertions() {  # define: how many the preprocessor leaves of a module that has five
  verilator -E -UVERILATOR -D"$1" -Irtl rtl/common/kpu_fifo.sv | grep -c 'assert property' || true
}
for simulator in VERILATOR VCS QUESTA MODEL_TECH XCELIUM INCA ALDEC XILINX_SIMULATOR; do
  [ "$(assertions $simulator)" = 5 ] || { echo "$simulator: $(assertions $simulator) assertions, expected 5"; exit 1; }
done
for other in SYNTHESIS __ICARUS__; do
  [ "$(assertions $other)" = 0 ] || { echo "$other: $(assertions $other) assertions, expected none"; exit 1; }
done
echo "assertions: in every module, in every simulator"
