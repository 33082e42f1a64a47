#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs the Yosys netlist of every leaf module in modules.txt beside its RTL on random inputs and compares all
# outputs in every cycle: what Yosys reads must be what Verilator reads. Some constructs are read wrong by Yosys
# 0.23 without a word (docs/style.md), and nothing else would notice.
#
# run.sh <bench generator> <work folder> [cycles] [seed]
set -eu
generator=$1
work=$2
cycles=${3:-3000}
seed=${4:-1}
cd "$(dirname "$0")/../../.."
here=tests/rtl/netlist
mkdir -p "$work"

# One Yosys run: the sources are read once, each module becomes a netlist of its own. Shifts by variable amounts are
# mapped, because they are written back as selections outside the range. Random inputs read words that are being
# written: such reads give the old word here, as they do in Verilator.
{
  echo "read_verilog -sv -noautowire -Irtl $(grep -v '^+' rtl/kpu.f | tr '\n' ' ')"
  echo "design -save sources"
  grep -v '^#' $here/modules.txt | while read -r name parameters; do
    chparam=""
    for p in $parameters; do chparam="$chparam -chparam ${p%%=*} ${p##*=}"; done
    echo "design -load sources"
    echo "hierarchy -check$chparam -top $name"
    echo "setattr -unset no_rw_check m:*"
    echo "proc; flatten; opt -fast; memory -nomap; techmap t:\$shiftx t:\$shift; opt -fast; opt_clean -purge"
    echo "rename -top ${name}_netlist"
    echo "write_json $work/$name.json"
    echo "write_verilog -noattr $work/$name.v"
  done
} > "$work/netlists.ys"
yosys -q -e "implicitly declared" "$work/netlists.ys" > "$work/yosys.log" 2>&1 || {
  tail -n 5 "$work/yosys.log" >&2
  exit 1
}

# Random inputs keep no protocol, so the RTL's assertions are off, and its memories answer such reads plainly.
"$generator" $here/modules.txt "$work" > "$work/netlist_bench.sv"
verilator --cc --exe --build -O3 --no-assert --x-initial 0 --x-assign 0 -DSYNTHESIS -Wno-fatal -Wno-lint -Wno-style -j 2 -Irtl \
  --top-module netlist_bench --Mdir "$work/obj" -CFLAGS -O0 rtl/lint.vlt -f rtl/kpu.f \
  "$work"/kpu_*.v "$work/netlist_bench.sv" "$PWD/$here/netlist_main.cpp" > "$work/verilator.log" 2>&1 || {
  tail -n 20 "$work/verilator.log" >&2
  exit 1
}
"$work/obj/Vnetlist_bench" "$cycles" "$seed"
