#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Lints the RTL in every named configuration with all of Verilator's warnings; one is enough to fail.
set -eu
cd "$(dirname "$0")/.."

for lanes in 64 32 16; do
  echo "lint: kpu_soc with $lanes lanes"
  verilator --lint-only --assert -Wall -Irtl -GLanes="$lanes" --top-module kpu_soc \
    rtl/lint.vlt -f rtl/kpu.f
done
echo "lint: kpu_ulx3s"
verilator --lint-only --assert -Wall -Irtl --top-module kpu_ulx3s \
  rtl/lint.vlt fpga/lint.vlt -f rtl/kpu.f -f fpga/ulx3s/kpu_ulx3s.f
echo "lint: no warnings"
