# SPDX-License-Identifier: Apache-2.0
"""Generated tables in docs/silicon.md."""
import pathlib

PATH = pathlib.Path(__file__).resolve().parents[2] / "docs/silicon.md"


def replace(script, text):
    """Puts `text` between the two comments that name `script`."""
    begin, end = f"<!-- {script}: begin -->", f"<!-- {script}: end -->"
    head, rest = PATH.read_text().split(begin)
    PATH.write_text(f"{head}{begin}\n{text}\n{end}{rest.split(end)[1]}")
