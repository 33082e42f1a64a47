#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# python_tests.sh FOLDER: brings the Python package with its tests' needs to FOLDER/venv (`make python`, golden model
# only unless OPENKPU_RTL=ON), so that `make test` runs them. Where that cannot be, says why in one line and is content.
set -eu
folder=$1

skip() {
  echo "python: the package's tests do not run: $1" >&2
  exit 0
}

python3 -c 'import os, sys, sysconfig
sys.exit(not os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h")))' || skip "no Python headers"
python3 -c 'import ensurepip, venv' 2> /dev/null || skip "no module venv"
if [ ! -x "$folder/venv/bin/pytest" ]; then
  python3 -m venv "$folder/venv"
  "$folder/venv/bin/pip" download -q --no-deps --retries 0 --timeout 10 -d "$folder/venv/reached" pytest > /dev/null 2>&1 ||
    skip "PyPI is not reachable"
fi
make --no-print-directory python OUT="$folder" SETUP=0 OPENKPU_RTL="${OPENKPU_RTL:-OFF}"
