#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The models' part of the workflow, without Snakemake: every point of a space, the table and the report.

quick.py SPACE --kpu build/kpu --out FOLDER
"""
import argparse
import json
import pathlib
import sys
import time

import candidates
import report
import space as spaces
import table


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("space")
    parser.add_argument("--kpu", default="build/kpu", help="the tool")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    start = time.monotonic()
    try:
        space = spaces.load(arguments.space)
        points = candidates.candidates(arguments.kpu, space)
    except spaces.Failure as failure:
        print(f"explore: {failure}", file=sys.stderr)
        return 2
    arguments.out.mkdir(parents=True, exist_ok=True)
    # As the workflow has it: the space and the points as plain data.
    table.write(arguments.out / "table.sqlite", json.loads(json.dumps(candidates.result(space, points))))
    (arguments.out / "report.html").write_text(report.page(report.collect(arguments.out / "table.sqlite")), encoding="utf-8")
    print(f"explore: {len(points)} points of {len(space['networks'])} networks, {sum(p['front'] for p in points)} on the front, "
          f"{sum(p['chosen'] for p in points)} would be built; {time.monotonic() - start:.1f} s: {arguments.out}/report.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
