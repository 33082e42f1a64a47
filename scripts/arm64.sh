#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# arm64.sh FOLDER JOBS: the golden model cross-built for arm64, its tests run under qemu-user on a processor with
# NEON and, those of the fast path, on one with SVE, too. Prints the targets that the fast path ran on.
set -eu
mkdir -p "$1"
folder=$(cd "$1" && pwd) jobs=$2
cd "$(dirname "$0")/.."

scripts/arm64_root.sh "$folder/root"
cmake -S . -B "$folder/build" -G Ninja -DCMAKE_TOOLCHAIN_FILE="$PWD/cmake/arm64.cmake" \
  -DKPU_ARM64_ROOT="$folder/root" -DKPU_RTL=OFF --log-level=WARNING > /dev/null
cmake --build "$folder/build" -j "$jobs" --target test_golden list_targets

echo "arm64: $(date -u +%F): $(aarch64-linux-gnu-g++ --version | head -n 1); $(qemu-aarch64-static --version | head -n 1)"
for cpu in cortex-a72 max; do
  echo "arm64: processor $cpu, fast path on" \
    "$(QEMU_CPU=$cpu qemu-aarch64-static -L "$folder/root" "$folder/build/tests/golden/list_targets")"
done
QEMU_CPU=cortex-a72 ctest --test-dir "$folder/build" -j "$jobs" -L golden --timeout 3000 --output-on-failure --progress
QEMU_CPU=max,sve256=on ctest --test-dir "$folder/build" -j "$jobs" -L golden -R "target|fast|threads" --timeout 3000 \
  --output-on-failure --progress
