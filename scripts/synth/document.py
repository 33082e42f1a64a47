# SPDX-License-Identifier: Apache-2.0
"""Generated tables in documents."""
import pathlib

PATH = pathlib.Path(__file__).resolve().parents[2] / "docs/silicon.md"


def replace(script, text, path=PATH):
    """Puts `text` between the two comments of a document that name `script`."""
    begin, end = f"<!-- {script}: begin -->", f"<!-- {script}: end -->"
    head, rest = path.read_text().split(begin)
    path.write_text(f"{head}{begin}\n{text}\n{end}{rest.split(end)[1]}")
