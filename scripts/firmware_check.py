#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the firmware files that it knows, and compares what they do with what is recorded.

firmware_check.py TOOL FOLDER [--record]

TOOL is the tool `kpu-board` (or `kpu`), FOLDER is searched for files whose SHA-256 is in
tests/board/known_firmware.json. Each is run on the virtual board with examples/scene.png
before the camera; its digest (text, panel, layers' outputs) must be the recorded one. Files that a
firmware needs besides (kmodels) are found by their SHA-256 in FOLDER, too, or it is left out.
--record keeps the digests that came out. Exit code 1 if one differs or fails.
"""
import argparse
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
KNOWN = ROOT / 'tests/board/known_firmware.json'


def find_files(folder):
    """Files below `folder` by SHA-256."""
    found = {}
    for path in sorted(folder.rglob('*')):
        if path.is_file():
            found.setdefault(hashlib.sha256(path.read_bytes()).hexdigest(), path)
    return found


def run(tool, entry, files, folder):
    """The last line that the tool prints for a firmware, or its error."""
    command = [tool, 'board', str(files[entry['sha256']]), '--camera', str(ROOT / 'examples/scene.png'),
               '--digest', '--quiet', '--limit', str(entry['limit'])] + entry.get('options', [])
    for address, digest in entry.get('flash', {}).items():
        command += ['--flash', f'{address}={files[digest]}']
    if 'script' in entry:
        script = folder / 'script.py'
        script.write_text('\n'.join(entry['script']) + '\n')
        command += ['--repl', str(script)]
    result = subprocess.run(command, capture_output=True, text=True)
    return result.stdout.strip() if result.returncode == 0 else result.stderr.strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('tool')
    parser.add_argument('folder', type=pathlib.Path)
    parser.add_argument('--record', action='store_true')
    options = parser.parse_args()
    known = json.loads(KNOWN.read_text())
    files = find_files(options.folder)
    failed = ran = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for entry in known:
            needed = [entry['sha256'], *entry.get('flash', {}).values()]
            if any(digest not in files for digest in needed):
                print(f'not there   {entry["name"]}')
                continue
            ran += 1
            digest = run(options.tool, entry, files, folder)
            if options.record:
                entry['digest'] = digest
            same = digest == entry.get('digest')
            failed += not same
            print(f'{"as recorded" if same else "DIFFERS    "} {entry["name"]}: {digest}')
    if options.record:
        KNOWN.write_text(json.dumps(known, indent=1) + '\n')
    print(f'{ran} of {len(known)} ran, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
