#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# verilog.sh OUT CONFIG: kpu_top as one file of plain Verilog, OUT/kpu_top_<name of the configuration>.v, for
# tools that do not read the RTL's SystemVerilog (Icarus 11 among them). CONFIG is a name of configs/ or a file
# that ends with .json. Operators and registers stay what they are; modules keep their names with parameters in them.
set -eu
cd "$(dirname "$0")/.."
out=$1 config=$2
parameters=$(scripts/configs.py yosys "$config")
file=$out/kpu_top_$(basename "$config" .json).v
mkdir -p "$out"

# Shifts by variable amounts are mapped: Yosys would write them as selections outside the range.
{
  echo "read_verilog -sv -noautowire -defer -Irtl $(sed '/^+/d; /kpu_top.sv/q' rtl/kpu.f | tr '\n' ' ')"
  echo "hierarchy -check -top kpu_top $parameters"
  echo "proc; opt_expr; opt_clean; memory_collect; techmap t:\$shiftx t:\$shift; opt_expr; opt_clean"
  echo "write_verilog -noattr $file.draft"
} > "$file.ys"
yosys -q "$file.ys" > "$file.log" 2>&1 || {
  grep -m 1 -i -w error "$file.log" >&2 || tail -n 5 "$file.log" >&2
  echo "verilog: Yosys ended with an error, configuration $config; whole log: $file.log" >&2
  exit 1
}
mv "$file.draft" "$file"
rm "$file.ys" "$file.log"
echo "verilog: $file"
