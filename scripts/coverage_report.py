#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Line coverage from Verilator's data file: share per RTL file, then the points never reached."""
import collections
import re
import sys

# A point: C '<fields>' <count>; a field is \x01 key \x02 value.
POINT = re.compile(r"^C '(.*)' (\d+)$")


def main():
    points = collections.Counter()
    for line in open(sys.argv[1], errors="replace"):
        match = POINT.match(line.rstrip("\n"))
        if not match:
            continue
        fields = dict(f.split("\x02", 1) for f in match.group(1).split("\x01") if "\x02" in f)
        if not fields.get("f", "").startswith("rtl/"):
            continue
        # Instances of a module count together.
        key = (fields["f"], int(fields["l"]), fields.get("o", ""))
        points[key] += int(match.group(2))

    files = collections.defaultdict(lambda: [0, 0])
    for (name, _, _), count in points.items():
        files[name][0] += count > 0
        files[name][1] += 1
    for name, (hit, every) in sorted(files.items()):
        print(f"{100 * hit / every:6.1f} %  {hit:4} of {every:4}  {name}")
    hit, every = (sum(column) for column in zip(*files.values()))
    print(f"total: {100 * hit / every:.1f} % of {every} points")
    print("\nnever reached:")
    for (name, line, what), count in sorted(points.items()):
        if count == 0:
            print(f"{name}:{line} {what}")


if __name__ == "__main__":
    main()
