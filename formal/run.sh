#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs the proofs of formal/proofs.txt, or those named as arguments (mac_seq_proof, gather_proof_Grp=0): Yosys makes the design and its
# assertions a netlist of gates, ABC decides. A failed proof is run again by yosys-smtbmc with z3, which
# writes a trace (TRACE=0: not). OUT is the folder for logs and traces.
set -eu
cd "$(dirname "$0")/.."
out=${OUT:-out/formal}
limit=${LIMIT:-300}  # seconds of processor time for one proof
mkdir -p "$out"
ulimit -v 4000000    # a proof that needs more memory is written wrongly

read_design() {  # top, parameter, files
  local own=${3%%+*} others=
  if [ "$own" != "$3" ]; then others=${3#*+}; fi
  echo "read_verilog -sv -formal -noautowire -Irtl rtl/kpu_pkg.sv $own formal/$1.sv
    ${others:+read_verilog -sv -noautowire -Irtl $others}
    ${2:+chparam -set ${2/=/ } $1}
    prep -flatten -nordff -top $1; memory_map; async2sync; dffunmap"
}

failed=0
prove() {  # top, parameter, method, bound, files
  local top=$1 parameter=$2 method=$3 bound=$4 files=$5 name=$1${2:+_$2}
  local begin=$SECONDS verdict="holds in every cycle"
  yosys -q -l "$out/$name.yosys.log" -p "
    $(read_design "$top" "$parameter" "$files")
    opt -full; setundef -undriven -anyseq; formalff -clk2ff -ff2anyinit; setundef -anyseq
    opt_clean; techmap; abc -g AND -fast; opt_clean
    write_aiger -I -B -zinit $out/$name.aig" > /dev/null
  local solve=pdr good="Property proved"
  if [ "$method" = to ]; then
    solve="bmc3 -F $((bound + 1))" good="No output asserted in $((bound + 1)) frames"
    verdict="holds in the first $bound cycles"
  fi
  (ulimit -t "$limit"; yosys-abc -c "read_aiger $out/$name.aig; fold; strash; $solve" > "$out/$name.log" 2>&1) || true
  if ! grep -q "$good" "$out/$name.log"; then
    failed=1
    verdict="NOT DECIDED in $limit s of processor time"
  fi
  if grep -q 'was asserted in frame' "$out/$name.log"; then
    verdict="FAILED, see $out/$name.*"
    if [ "${TRACE:-1}" != 0 ]; then
      yosys -q -p "$(read_design "$top" "$parameter" "$files"); write_smt2 -wires $out/$name.smt2" > /dev/null
      timeout 120 yosys-smtbmc --noprogress --unroll -s z3 -t "$bound" --dump-vcd "$out/$name.vcd" \
        "$out/$name.smt2" >> "$out/$name.log" 2>&1 || true
    fi
  fi
  printf 'formal: %-22s %3d s  %s\n' "$name" $((SECONDS - begin)) "$verdict"
}

while IFS='|' read -r top method files; do
  read -r top parameter <<< "$top" || true
  if [ -z "$top" ] || [ "${top:0:1}" = '#' ]; then continue; fi
  if [ $# -gt 0 ] && [[ " $* " != *" $top "* && " $* " != *" ${top}_$parameter "* ]]; then continue; fi
  read -r kind bound <<< "$method"
  prove "$top" "$parameter" "$kind" "$bound" "$files"
done < formal/proofs.txt

if [ $failed -ne 0 ]; then
  echo "formal: not everything is proved"
  exit 1
fi
echo "formal: everything is proved"
