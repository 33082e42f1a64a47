#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# distros.sh FOLDER TARGET SUITE...: the README's commands on other distributions. For each suite (trixie, testing,
# noble, ...) a fresh root FOLDER/<suite> is made by debootstrap, with the package archive that this machine uses; in
# it, as its root, `make run` and then `make TARGET` work on a copy of the files that git knows. A root that is
# there is used again, the copy in it is not. Needs root, debootstrap and unshare. Prints the versions and the result
# of each command.
set -eu
folder=$1 target=$2
shift 2
cd "$(dirname "$0")/.."
source=$PWD

for program in debootstrap unshare; do
  command -v $program > /dev/null || { echo "distros: $program: expected it to be installed" >&2; exit 1; }
done
[ "$(id -u)" -eq 0 ] || { echo "distros: user $(id -un): expected root, for chroot" >&2; exit 1; }

# The archive that serves a suite: the one of this machine's apt that has it.
archive_of() {
  local archives suite=$1 archive fetched
  fetched=$(mktemp -d)
  trap 'rm -rf "$fetched"' RETURN
  archives=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2> /dev/null |
    sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\?\([^ ]*\) .*/\2/p' | tr ' ' '\n' | sort -u)
  for archive in $archives; do
    /usr/lib/apt/apt-helper download-file "${archive%/}/dists/$suite/InRelease" "$fetched/release" > /dev/null 2>&1 &&
      echo "${archive%/}" && return
  done
  return 1
}

# The mounts are this command's own and end with it.
inside() {
  unshare --mount sh -eu -c 'root=$1; shift
    for name in proc sys dev; do mount --rbind /$name "$root/$name"; done
    exec chroot "$root" "$@"' sh "$@"
}

failures=0
for suite in "$@"; do
  root=$folder/$suite
  if [ ! -e "$root/complete" ]; then
    archive=$(archive_of "$suite") || {
      echo "distros: $suite: no package archive of this machine has it" >&2
      failures=$((failures + 1))
      continue
    }
    mkdir -p "$folder"
    echo "distros: $suite: making $root" >&2
    debootstrap --variant=minbase --include=ca-certificates,make "$suite" "$root" "$archive" > "$folder/$suite.log" 2>&1 || {
      tail -n 3 "$folder/$suite.log" >&2
      exit 1
    }
    cp /etc/resolv.conf "$root/etc/"
    # What makes this machine's apt reach its archive, without its list of archives.
    cp /etc/apt/apt.conf.d/*registry* /etc/apt/apt.conf.d/*proxy* "$root/etc/apt/apt.conf.d/" 2> /dev/null || true
    touch "$root/complete"
  fi
  # From nothing: files of an earlier copy that are newer than the ones they come from would not be built again.
  rm -rf "$root/src"
  mkdir -p "$root/src"
  git -C "$source" ls-files -z | tar -c --null -C "$source" --ignore-failed-read -T - | tar -x -C "$root/src"

  for command in $(printf '%s\n' run "$target" | uniq); do
    log=$folder/$suite-$command.log
    if inside "$root" make --no-print-directory -C /src "$command" > "$log" 2>&1; then
      result=passes
    else
      result="fails ($log)"
      failures=$((failures + 1))
    fi
    echo "distros: $suite: $(date -u +%F): make $command $result: $(tail -n 1 "$log")"
  done
  inside "$root" sh -c 'for tool in "g++" verilator yosys "iverilog -V" cmake; do
    case $tool in *-V) $tool ;; yosys) yosys -V ;; *) $tool --version ;; esac 2> /dev/null | head -n 1; done
    dpkg-query -W -f "\${Package} \${Version}\n" catch2 libhwy-dev libfmt-dev 2> /dev/null' | sed "s/^/distros: $suite: /"
done
[ "$failures" -eq 0 ]
