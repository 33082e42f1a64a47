#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Lints the RTL in every configuration of configs/, or those that are named, and the board's top, with all of
# Verilator's warnings; one is enough to fail.
set -eu
cd "$(dirname "$0")/.."

scripts/configs.py check
for config in ${*:-$(scripts/configs.py list)}; do
  echo "lint: kpu_soc, $config"
  # shellcheck disable=SC2046 # the flags are words
  verilator --lint-only --assert -Wall -Irtl $(scripts/configs.py verilator "$config") --top-module kpu_soc \
    rtl/lint.vlt -f rtl/kpu.f
done
echo "lint: kpu_ulx3s"
# shellcheck disable=SC2046
verilator --lint-only --assert -Wall -Irtl $(scripts/configs.py verilator ulx3s) --top-module kpu_ulx3s \
  rtl/lint.vlt fpga/lint.vlt -f rtl/kpu.f -f fpga/ulx3s/kpu_ulx3s.f
echo "lint: no warnings"
