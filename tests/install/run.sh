#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh SOURCE FOLDER [CMAKE OPTIONS]: builds the libraries that can be installed (by default the golden model's
# only: -DKPU_RTL=OFF), installs them under FOLDER/prefix, and builds and runs tests/install/example against them: by the
# CMake package, shared and static, and by pkg-config.
set -eu
source=$(cd "$1" && pwd)
folder=$2
shift 2
[ $# -gt 0 ] || set -- -DKPU_RTL=OFF
prefix=$folder/prefix
rm -rf "$prefix" "$folder/example"
mkdir -p "$folder"
export CCACHE_BASEDIR=$source CCACHE_NOHASHDIR=1

cmake -S "$source" -B "$folder/build" -G Ninja -DKPU_INSTALL=ON -DKPU_TESTS=OFF -DCMAKE_INSTALL_PREFIX="$prefix" \
  -DCMAKE_INSTALL_LIBDIR=lib "$@" > /dev/null
targets=(openkpu_golden openkpu_golden_static)
if grep -q '^KPU_RTL:BOOL=ON' "$folder/build/CMakeCache.txt"; then
  targets+=(openkpu_system openkpu_system_static)
fi
cmake --build "$folder/build" --target "${targets[@]}" > "$folder/build.log" || { tail -20 "$folder/build.log"; exit 1; }
for component in golden system; do
  cmake --install "$folder/build" --component "$component" > /dev/null
done

cp -r "$source/tests/install/example" "$folder/example"
cmake -S "$folder/example" -B "$folder/example/build" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" > /dev/null
cmake --build "$folder/example/build" > /dev/null
expected="exact for all 11476 accumulators of 1 channels"
for program in quantised_layer quantised_layer_static; do
  [ "$("$folder/example/build/$program")" = "$expected" ] || { echo "$program: expected: $expected" >&2; exit 1; }
done
if [ -x "$folder/example/build/system_cycles" ]; then
  "$folder/example/build/system_cycles"
fi

export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
read -ra flags <<< "$(pkg-config --cflags --libs openkpu-golden)"
"${CXX:-c++}" -std=c++20 "$folder/example/quantised_layer.cpp" -o "$folder/example/by_pkg_config" "${flags[@]}" \
  "-Wl,-rpath,$prefix/lib"
[ "$("$folder/example/by_pkg_config")" = "$expected" ]
echo "installed package: by CMake, shared and static, and by pkg-config"
