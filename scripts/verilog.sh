#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# verilog.sh OUT CONFIG [TOP]: the RTL below TOP as one file of plain Verilog, OUT/TOP_<name of the configuration>.v, for
# tools that do not read its SystemVerilog (Icarus 11 among them). TOP is kpu_top, or openkpu (the ports of AXI by
# their names, docs/integration.md). CONFIG is a name of configs/ or a file that ends with .json. Operators and
# registers stay what they are; modules keep their names with parameters in them.
set -eu
cd "$(dirname "$0")/.."
out=$1 config=$2 top=${3:-kpu_top}
files=$(sed '/^+/d; /kpu_top.sv/q' rtl/kpu.f)
case $top in
  kpu_top) ;;
  openkpu) files="$files $(cat rtl/ip/openkpu.f)" ;;
  *) echo "verilog: top module $top: expected kpu_top or openkpu" >&2; exit 2 ;;
esac
parameters=$(scripts/configs.py yosys "$config")
file=$out/${top}_$(basename "$config" .json).v
mkdir -p "$out"

# Shifts by variable amounts are mapped: Yosys would write them as selections outside the range.
{
  echo "read_verilog -sv -noautowire -defer -Irtl ${files//$'\n'/ }"
  echo "hierarchy -check -top $top $parameters"
  echo "proc; opt_expr; opt_clean; memory_collect; techmap t:\$shiftx t:\$shift; opt_expr; opt_clean"
  echo "write_verilog -noattr $file.body"
} > "$file.ys"
yosys -q "$file.ys" > "$file.log" 2>&1 || {
  grep -m 1 -i -w error "$file.log" >&2 || tail -n 5 "$file.log" >&2
  echo "verilog: Yosys ended with an error, configuration $config; whole log: $file.log" >&2
  exit 1
}
{ scripts/configs.py header "$config" "$top" && cat "$file.body"; } > "$file.draft"
mv "$file.draft" "$file"
rm "$file.ys" "$file.log" "$file.body"
echo "verilog: $file"
