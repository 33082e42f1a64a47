#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the firmware files that it knows, and compares what they do with what is recorded.

firmware_check.py TOOL FOLDER [--record] [--engine rtl|both] [--only TEXT]

TOOL is the tool `kpu-board` (or `kpu`), FOLDER is searched for files whose SHA-256 is in
tests/board/known_firmware.json. Each is run on the virtual board with examples/scene.png
before the camera; its digest (text, panel, layers' outputs) must be the recorded one. Files that a
firmware needs besides (kmodels) are found by their SHA-256 in FOLDER, too, or it is left out.
--record keeps the digests that came out. With --engine the tool must be `kpu`; its RTL takes other times than
the models, so text, which may tell times, need not be the recorded one, but panel, layers and their number.
Exit code 1 if one differs or fails.
"""
import argparse
import hashlib
import json
import pathlib
import resource
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


def run(tool, entry, files, folder, engine):
    """The last line that the tool prints for a firmware, or its error, and the processor time."""
    command = [tool, 'board', str(files[entry['sha256']]), '--camera', str(ROOT / 'examples/scene.png'),
               '--digest', '--quiet', '--limit', str(entry['limit'])] + entry.get('options', [])
    if engine:
        command += ['--engine', engine]
    for address, digest in entry.get('flash', {}).items():
        command += ['--flash', f'{address}={files[digest]}']
    if 'script' in entry:
        script = folder / 'script.py'
        script.write_text('\n'.join(entry['script']) + '\n')
        command += ['--repl', str(script)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    result = subprocess.run(command, capture_output=True, text=True)
    seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    return result.stdout.strip() if result.returncode == 0 else result.stderr.strip(), seconds


def without_text(digest):
    """A digest without the checksum of what was printed."""
    return digest[digest.find('panel'):]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('tool')
    parser.add_argument('folder', type=pathlib.Path)
    parser.add_argument('--record', action='store_true')
    parser.add_argument('--engine', choices=('rtl', 'both'))
    parser.add_argument('--only', default='', help='entries whose name has this text')
    options = parser.parse_args()
    known = json.loads(KNOWN.read_text())
    files = find_files(options.folder)
    failed = ran = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for entry in known:
            if options.only not in entry['name']:
                continue
            needed = [entry['sha256'], *entry.get('flash', {}).values()]
            if any(digest not in files for digest in needed):
                print(f'not there   {entry["name"]}')
                continue
            ran += 1
            digest, seconds = run(options.tool, entry, files, folder, options.engine)
            if options.record:
                entry['digest'] = digest
            kept = entry.get('digest', '')
            same = without_text(digest) == without_text(kept) if options.engine else digest == kept
            failed += not same
            print(f'{"as recorded" if same else "DIFFERS    "} {entry["name"]}: {digest} ({seconds:.1f} s)', flush=True)
    if options.record:
        KNOWN.write_text(json.dumps(known, indent=1) + '\n')
    print(f'{ran} of {len(known)} ran, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
