#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that every room includes only what its CMakeLists.txt says it uses.

check_rooms.py [SOURCE [ROOMS]]

SOURCE is the root of the repository, this one if it is not given; ROOMS the list that kpu_room() wrote (cmake/KpuRoom.cmake), that of
the newest folder build*: a line for each room, `target folder used-target ...`. Prints each include of another room's
header that is not stated, as `file:line: ...`, and each stated use that no file needs. Exit code 1
if there was any.
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'#include "([\w/.-]+)"')


def room_of(path, folders):
    """The innermost of `folders` that holds `path`, or None."""
    for parent in pathlib.PurePosixPath(path).parents:
        if str(parent) in folders:
            return str(parent)
    return None


def newest_list(source):
    """The list of rooms that CMake wrote last. Exits if there is none."""
    lists = sorted(source.glob('build*/rooms.txt'), key=lambda path: path.stat().st_mtime)
    if not lists:
        sys.exit(f'check_rooms.py: no build*/rooms.txt in {source}: expected a folder that cmake has configured')
    return lists[-1]


def main():
    source = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[1]
    rooms_file = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else newest_list(source)
    lines = [line.split() for line in rooms_file.read_text().splitlines()]
    folder_of = {line[0]: line[1] for line in lines}
    uses = {}
    for _, folder, *used in lines:
        uses.setdefault(folder, set()).update(folder_of[target] for target in used)
    problems = []
    for folder, allowed in uses.items():
        needed = set()
        for path in sorted((source / folder).rglob('*')):
            name = str(path.relative_to(source))
            if path.suffix not in ('.h', '.cpp') or room_of(name, uses) != folder:
                continue
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                other = match and room_of(match.group(1), uses)
                if not other or other == folder:
                    continue
                needed.add(other)
                if other not in allowed:
                    problems.append(f'{name}:{number}: {folder} may not use {other}')
        for other in sorted(allowed - needed - {folder}):
            problems.append(f'{folder}/CMakeLists.txt: says it uses {other}, but does not')
    print('\n'.join(problems) or f'{len(uses)} rooms: every include is stated')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
