#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Lints the RTL in every configuration of configs/, or those that are named, with both tops, and the boards' tops, with all of
# Verilator's warnings; one is enough to fail.
set -eu
cd "$(dirname "$0")/.."

scripts/configs.py check
for config in ${*:-$(scripts/configs.py list)}; do
  echo "lint: kpu_soc, $config"
  # shellcheck disable=SC2046 # the flags are words
  verilator --lint-only --assert -Wall -Irtl $(scripts/configs.py verilator "$config") --top-module kpu_soc \
    rtl/lint.vlt -f rtl/kpu.f
  echo "lint: openkpu, $config"
  # shellcheck disable=SC2046
  verilator --lint-only --assert -Wall -Irtl $(scripts/configs.py verilator-top "$config") --top-module openkpu \
    rtl/lint.vlt rtl/ip/lint.vlt -f rtl/kpu.f -f rtl/ip/openkpu.f
done
for board in ulx3s arty; do
  echo "lint: kpu_$board"
  # shellcheck disable=SC2046
  verilator --lint-only --assert -Wall -Irtl $(scripts/configs.py verilator $board) --top-module kpu_$board \
    rtl/lint.vlt fpga/lint.vlt $(ls fpga/$board/lint_cells.sv 2> /dev/null) -f rtl/kpu.f -f fpga/$board/kpu_$board.f
done
echo "lint: no warnings"
