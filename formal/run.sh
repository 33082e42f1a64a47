#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs the proofs of formal/proofs.txt, or those named as arguments: Yosys makes the design and its
# assertions a netlist of gates, ABC decides. A failed proof is run again by yosys-smtbmc with z3, which
# writes a trace. OUT is the folder for logs and traces.
set -eu
cd "$(dirname "$0")/.."
out=${OUT:-out/formal}
limit=${LIMIT:-300}  # seconds of processor time for one proof
mkdir -p "$out"
ulimit -v 4000000    # a proof that needs more memory is written wrongly

read_design() {  # top, files
  echo "read_verilog -sv -formal -noautowire -Irtl rtl/kpu_pkg.sv $2 formal/$1.sv
    prep -flatten -nordff -top $1; memory_map; async2sync; dffunmap"
}

failed=0
prove() {  # top, method, bound, files
  local top=$1 method=$2 bound=$3 files=$4
  local begin=$SECONDS verdict="holds in every cycle"
  yosys -q -l "$out/$top.yosys.log" -p "
    $(read_design "$top" "$files")
    opt -full; setundef -undriven -anyseq; formalff -clk2ff -ff2anyinit; setundef -anyseq
    opt_clean; techmap; abc -g AND -fast; opt_clean
    write_aiger -I -B -zinit $out/$top.aig" > /dev/null
  local solve=pdr good="Property proved"
  if [ "$method" = to ]; then
    solve="bmc3 -F $((bound + 1))" good="No output asserted in $((bound + 1)) frames"
    verdict="holds in the first $bound cycles"
  fi
  (ulimit -t "$limit"; yosys-abc -c "read_aiger $out/$top.aig; fold; strash; $solve" > "$out/$top.log" 2>&1) || true
  if ! grep -q "$good" "$out/$top.log"; then
    failed=1
    verdict="NOT DECIDED in $limit s of processor time"
  fi
  if grep -q 'was asserted in frame' "$out/$top.log"; then
    verdict="FAILED, see $out/$top.*"
    yosys -q -p "$(read_design "$top" "$files"); write_smt2 -wires $out/$top.smt2" > /dev/null
    timeout 120 yosys-smtbmc --noprogress --unroll -s z3 -t "$bound" --dump-vcd "$out/$top.vcd" \
      "$out/$top.smt2" >> "$out/$top.log" 2>&1 || true
  fi
  printf 'formal: %-19s %3d s  %s\n' "$top" $((SECONDS - begin)) "$verdict"
}

while IFS='|' read -r top method files; do
  top=${top// /}
  if [ -z "$top" ] || [ "${top:0:1}" = '#' ]; then continue; fi
  if [ $# -gt 0 ] && [[ " $* " != *" $top "* ]]; then continue; fi
  read -r kind bound <<< "$method"
  prove "$top" "$kind" "$bound" "$files"
done < formal/proofs.txt

if [ $failed -ne 0 ]; then
  echo "formal: not everything is proved"
  exit 1
fi
echo "formal: everything is proved"
