# SPDX-License-Identifier: Apache-2.0
"""The package as such: what importing it needs, and that everything public is documented."""
import inspect
import subprocess
import sys

import openkpu
from openkpu import maix


def test_import_needs_no_rtl():
    code = ("import sys\nsys.modules['openkpu._rtl'] = None\nimport openkpu\n"
            "assert not openkpu.has_rtl()\n"
            "try:\n  openkpu.layer([[[0]]], [[[[1]]]], engine='rtl')\n"
            "except openkpu.Error:\n  pass\n")
    subprocess.run([sys.executable, "-c", code], check=True)


def test_everything_is_documented():
    for module in (openkpu, maix, maix.KPU):
        for name, value in vars(module).items():
            if not name.startswith("_") and (inspect.isfunction(value) or inspect.isclass(value)):
                assert inspect.getdoc(value), f"{module.__name__}.{name}"
