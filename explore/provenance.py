# SPDX-License-Identifier: Apache-2.0
"""What a result came from: commit, the RTL's own checksum, versions of the tools."""
import hashlib
import platform
import re
import subprocess

import space as spaces

TOOLS = {"verilator": ["verilator", "--version"], "yosys": ["yosys", "-V"], "compiler": ["c++", "--version"]}


def first_line(command):
    """The first line that a program prints, or "" if it is not there."""
    try:
        done = subprocess.run(command, cwd=spaces.ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.splitlines()[0].strip() if done.returncode == 0 and done.stdout else ""


def rtl_checksum():
    """Of the RTL's text: 12 digits that change when a line of rtl/ does."""
    digest = hashlib.sha256()
    for file in sorted((spaces.ROOT / "rtl").rglob("*.sv*")):
        digest.update(str(file.relative_to(spaces.ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def collect():
    """Everything, as a flat dictionary of text."""
    return {"commit": first_line(["git", "describe", "--always", "--dirty", "--abbrev=12"]), "rtl": rtl_checksum(),
            **{name: re.sub(r"\s+", " ", first_line(command)) for name, command in TOOLS.items()},
            "python": platform.python_version()}
