#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds the test firmware with Debian's gcc-riscv64-unknown-elf: build.sh OUTPUT.bin
#
# With --check instead, builds into a temporary folder and compares with the file in the repository;
# exit code 77 if there is no compiler, or another version than the one that made the file.
set -eu
folder=$(cd "$(dirname "$0")" && pwd)
compiler=riscv64-unknown-elf-gcc
version=12.2.0
driver=$folder/../../../driver/c

build() {
  "$compiler" -march=rv64imafdc -mabi=lp64d -mcmodel=medany -O2 -ffreestanding -nostdlib \
    -fno-tree-loop-distribute-patterns -Wall -Wextra -Wl,--build-id=none -T "$folder/link.ld" \
    -ffunction-sections -Wl,--gc-sections -DKPU_BUS_BITS=64 -I "$driver" \
    -o "$1.elf" "$folder/start.S" "$folder/selftest.c" "$folder/kpu_driver.c" "$driver/kpu.c" "$driver/kpu_example.c"
  riscv64-unknown-elf-objcopy -O binary "$1.elf" "$1"
  rm "$1.elf"
}

if [ "$1" != --check ]; then
  build "$1"
  exit 0
fi
if ! command -v "$compiler" > /dev/null || [ "$("$compiler" -dumpfullversion)" != "$version" ]; then
  echo "no $compiler $version"
  exit 77
fi
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
build "$temporary/selftest.bin"
cmp "$temporary/selftest.bin" "$folder/selftest.bin"
