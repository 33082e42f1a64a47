#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# old_tool.sh SOURCE WORK COMPILER: configures with programs that call themselves an old Verilator and an old Yosys;
# each must be named in one line, with its version and the one that is needed.
set -eu
source=$1 work=$2 compiler=$3
rm -rf "$work"
mkdir -p "$work"

# expect VARIABLE LINE PROGRAM-OUTPUT: configures with a program that prints this, and expects the line.
expect() {
  printf '#!/bin/sh\necho "%s"\n' "$3" > "$work/$1"
  chmod +x "$work/$1"
  if cmake -S "$source" -B "$work/build" -D"$1=$work/$1" -DCMAKE_CXX_COMPILER="$compiler" > "$work/log" 2>&1; then
    echo "configured in spite of: $3" >&2
    exit 1
  fi
  tr -s '\n ' ' ' < "$work/log" | grep -q "$2" || {
    echo "expected '$2' in:" >&2
    cat "$work/log" >&2
    exit 1
  }
  rm -rf "$work/build"
}
expect VERILATOR "Verilator 4.038 is too old: expected 5.006 or newer" "Verilator 4.038 2020-07-11 rev v4.036"
expect YOSYS "Yosys 0.9 is too old: expected 0.23 or newer" "Yosys 0.9 (git sha1 1979e0b)"
echo "old tools are named"
