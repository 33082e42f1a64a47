# SPDX-License-Identifier: Apache-2.0
"""The rooms of the C++ code and what each may use, as the CMakeLists.txt say it (cmake/KpuRoom.cmake)."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[1]
CALL = re.compile(r"kpu_room\(\s*(\w+)([^)]*)\)")
KEYWORD = re.compile(r"\b(SOURCES|USES|PUBLIC|PRIVATE|INTERFACE)\b")


def uses_by_folder():
    """{folder: folders it uses}, of all rooms; a room is never one of its own."""
    folder_of, uses = {}, {}
    for file in sorted(ROOT.glob("*/**/CMakeLists.txt")):
        folder = file.parent.relative_to(ROOT).as_posix()
        if folder.startswith(("build", "out", "tests")):
            continue
        for target, rest in CALL.findall(file.read_text()):
            words = KEYWORD.split(rest)
            folder_of[target] = folder
            named = next((words[i + 1] for i, word in enumerate(words) if word == "USES"), "")
            uses.setdefault(folder, []).extend(re.findall(r"kpu_\w+", named))
    return {folder: sorted({folder_of[target] for target in targets} - {folder}) for folder, targets in uses.items()}


def levels(uses):
    """[rooms of level 0, of level 1, ..]: a room lies one above the highest that it uses."""
    height = {}

    def of(folder):
        if folder not in height:
            height[folder] = 1 + max((of(used) for used in uses[folder]), default=-1)
        return height[folder]

    found = [[] for _ in range(1 + max(map(of, uses)))]
    for folder in sorted(uses):
        found[of(folder)].append(folder)
    return found


def picture():
    """The rooms from the top down; beside each, those below that it uses and that no other of them brings along."""
    uses = uses_by_folder()

    def below(folder):
        return set(uses[folder]).union(*(below(used) for used in uses[folder]))

    wide = max(map(len, uses)) + 2
    lines = []
    for number, folders in reversed(list(enumerate(levels(uses)))):
        for folder in folders:
            direct = [used for used in uses[folder] if not any(used in below(other) for other in uses[folder])]
            arrow = f"-> {', '.join(direct)}" if direct else ""
            lines.append(f"{number}  {folder:<{wide}}{arrow}".rstrip())
    return "\n".join(["```", *lines, "```"])
