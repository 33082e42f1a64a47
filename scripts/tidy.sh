#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tidy.sh BUILD CLANG-TIDY JOBS: misc-include-cleaner (clang-tidy 17 or newer) on every C++ file of a configured build
# folder: names of the standard library whose header a file does not include, directly or by the header of its name.
set -eu
build=$1 tidy=$2 jobs=$3
cd "$(dirname "$0")/.."

version=$("$tidy" --version 2> /dev/null | sed -n 's/.*version \([0-9]*\)\..*/\1/p')
if [ "${version:-0}" -lt 17 ]; then
  echo "tidy: $tidy ${version:-is not there}: expected 17 or newer" >&2
  exit 1
fi
found=$(git ls-files 'common/*.cpp' 'golden/*.cpp' 'driver/*.cpp' 'sim/*.cpp' |
  xargs -P "$jobs" -n 4 "$tidy" -p "$build" --quiet 2> /dev/null | grep 'no header providing "std::' || true)
# What a file's own header includes counts.
status=0
while IFS=: read -r file line _ _ message; do
  [ -n "$file" ] || continue
  name=$(sed 's/.*"std::\([a-z_0-9]*\).*/\1/' <<< "$message")
  own=${file%.cpp}.h
  [ -f "$own" ] && grep -q "std::$name\b" "$own" && continue
  echo "$file:$line: $message"
  status=1
done <<< "$found"
[ $status -eq 0 ] && echo "tidy: every header is included"
exit $status
