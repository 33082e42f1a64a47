#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs the proofs of formal/faults.txt on a copy of the RTL with the fault of that line: each must fail. OUT is the
# folder for copies and logs.
set -eu
cd "$(dirname "$0")/.."
out=$(realpath -m "${OUT:-out/formal}/faults")
rm -rf "$out"
mkdir -p "$out"
number=0 missed=0
while IFS='|' read -r proof file old new; do
  read -r proof <<< "$proof" || true
  if [ -z "$proof" ] || [ "${proof:0:1}" = '#' ]; then continue; fi
  number=$((number + 1))
  cp -r rtl fpga formal "$out"
  python3 - "$out/rtl/$(xargs <<< "$file")" "$old" "$new" <<'PYTHON'
import pathlib
import sys
path, old, new = pathlib.Path(sys.argv[1]), sys.argv[2].strip(), sys.argv[3].strip()
text = path.read_text()
if text.count(old) != 1:
    sys.exit(f"faults.txt: not once in {path.name}: {old}")
path.write_text(text.replace(old, new))
PYTHON
  if OUT=$out/$number TRACE=0 "$out/formal/run.sh" "$proof" > "$out/$number.log" || ! grep -q FAILED "$out/$number.log"; then
    missed=$((missed + 1))
    echo "formal: $proof does not notice: $(xargs <<< "$old" 2> /dev/null || echo "$old") ->$new"
  fi
done < formal/faults.txt
if [ $missed -ne 0 ]; then exit 1; fi
echo "formal: all $number faults are noticed"
