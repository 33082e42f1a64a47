#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# arm64_root.sh FOLDER: a folder of Debian's or Ubuntu's arm64 libraries, those that the golden model, the compiler
# and their tests link to, from the package archive that this machine uses. Nothing is installed: apt has its lists and
# its idea of what is installed (nothing) inside the folder. Does nothing if the folder is complete already.
set -eu
folder=$1
packages=(libc6-dev libhwy-dev libfmt-dev libzip-dev libprotobuf-dev nlohmann-json3-dev libstb-dev catch2)
[ -e "$folder/complete" ] && exit 0

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
state=$folder/apt
mkdir -p "$state/lists/partial" "$state/archives/partial" "$folder/usr/lib" "$folder/usr/bin" "$folder/usr/sbin"
: > "$state/status"
for name in lib bin sbin; do [ -e "$folder/$name" ] || ln -s usr/$name "$folder/$name"; done

options=(-qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State="$state" -o Dir::State::status="$state/status"
  -o Dir::State::lists="$state/lists" -o Dir::Cache="$state" -o Dir::Cache::archives="$state/archives"
  -o APT::Sandbox::User=root -o Debug::NoLocking=1)
apt-get "${options[@]}" update 2> "$state/log" || { cat "$state/log" >&2; exit 1; }
apt-get "${options[@]}" install -y --download-only --no-install-recommends "${packages[@]}" > "$state/log" 2>&1 || {
  cat "$state/log" >&2
  exit 1
}
# Links such as lib -> usr/lib stay what they are.
for package in "$state"/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C "$folder"
done
rm -rf "$state/archives"
touch "$folder/complete"
echo "arm64: libraries in $folder" >&2
