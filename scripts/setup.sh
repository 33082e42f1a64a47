#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# setup.sh [PACKAGE...]: installs the Debian or Ubuntu packages that the build needs, and those that are named, where
# the machine lacks them. Does nothing, quickly, when all are there. Uses sudo where not root.
set -eu

packages=(build-essential g++ cmake ninja-build pkg-config python3 python3-dev python3-venv verilator yosys iverilog catch2 libcli11-dev
  libfmt-dev nlohmann-json3-dev libstb-dev libhwy-dev libzip-dev zlib1g-dev liblz4-dev
  libprotobuf-dev protobuf-compiler "$@")

if ! command -v dpkg-query > /dev/null || ! command -v apt-get > /dev/null; then
  echo "setup: not a Debian or Ubuntu system; make sure these are installed: ${packages[*]}" >&2
  exit 0
fi

installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2> /dev/null |
  sed -n 's/^installed //p' || true)
missing=()
for package in "${packages[@]}"; do
  grep -qx "$package" <<< "$installed" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "setup: installing ${missing[*]}" >&2
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo > /dev/null; then
    echo "setup: neither root nor sudo here; install them yourself: ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
