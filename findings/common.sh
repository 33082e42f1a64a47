# SPDX-License-Identifier: Apache-2.0
#
# What the scripts here share; read by each of them. Each works in a folder of its own that is gone afterwards.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# venv NAME PACKAGE==VERSION...: a virtual environment with these packages alone, whatever Python they ask for: they
# carry programs, which do not use it.
venv() {
  python3 -m venv "$1"
  "$1/bin/pip" install --quiet --ignore-requires-python --only-binary :all: "${@:2}"
}

# packages_of NAME: the folder of the environment's packages.
packages_of() { "$1/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))'; }

changed=0
# seen WHAT EXPECTED FOUND: prints what was found, and notes whether that has changed.
seen() {
  echo "$1: $3"
  [ "$2" = "$3" ] || { echo "  CHANGED: expected: $2"; changed=1; }
}
# result: exit code of the script.
result() {
  [ "$changed" -eq 0 ] && echo "as found" || echo "changed"
  exit "$changed"
}
