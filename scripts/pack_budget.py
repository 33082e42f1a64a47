#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What packing pixels of consecutive rows into lanes would save (docs/architecture.md, "Filling the lanes").

pack_budget.py TOOL MODEL.. [--config NAME] [--layers]

TOOL is `kpu`; its `estimate` gives the layers and today's cycles. A layer counts if the rule of that section takes it;
its cycles are then those of the loop nest with packed lines: for each of them and each window the larger of array
cycles and lines read. Layouts are taken to be the densest (4, 2, 1 channels a line up to 16, 32, more pixels), the
weight ring to hold 32 output channels of every layer. --layers prints the layers that would be packed.
"""
import argparse
import json
import pathlib
import re
import subprocess
import tempfile

POINT_TAPS = 8
TILE = 16
LINE = 64
MEMORY = 16384  # bytes that the gather keeps
ROW = re.compile(r' *(\d+)  (\d+)x(\d+)x(\d+) +(\d+)x(\d+)x(\d+) +(\dx\d) +(dw)? +(\d[\d ]*?)  ')


def ceil_div(a, b):
    return -(-a // b)


def tiles(channels):
    """Output channels of each tile, as kpu_tile_seq cuts them."""
    sizes = []
    while channels > 0:
        if channels > TILE:
            sizes.append(ceil_div(channels, 2) if channels < 2 * TILE else TILE)
        else:
            sizes.append(channels)
        channels -= sizes[-1]
    return sizes


def packed(match, lanes):
    """Cycles of a layer's last segments today and packed, or None if the layer is left as it is."""
    ic, ih, iw, oc, oh, ow = (int(match[k]) for k in range(2, 8))
    array = int(match[10].replace(' ', ''))
    if match[8] != '1x1' or match[9]:
        return None
    in_line = 1 if iw > 32 else 2 if iw > 16 else 4
    word_channels = max(1, in_line * lanes // LINE)
    part = lanes // word_channels
    groups = ceil_div(ic, word_channels)
    windows = ceil_div(groups, POINT_TAPS)
    segments = ceil_div(iw, part)
    pixels = iw - (segments - 1) * part
    rows, odd = divmod(array, segments * windows * oc)
    passes = 2 if rows > ih else 1
    rows //= passes
    lines = ceil_div(rows * pixels, part)
    all_count = iw % ow == 0 and rows == oh * (iw // ow)
    if odd or not all_count or windows < 2 or oc < 9 or lines >= rows or groups * lanes > MEMORY:
        return None

    starts = [0] * lines  # rows that begin in each packed line
    for row in range(rows):
        starts[row * pixels // part] += 1
    window_groups = [POINT_TAPS] * (windows - 1) + [groups - POINT_TAPS * (windows - 1)]
    before = after = 0
    for tile in tiles(oc):
        cycles = tile * passes
        before += rows * sum(max(cycles, reads) for reads in window_groups)
        work = sum(max(cycles, reads * count) for count in starts for reads in window_groups)
        after += max(work, rows * tile)  # a row leaves the scatter a cycle
    return before, after, f'{pixels} of {part}'


def main():
    parser = argparse.ArgumentParser(description='Cycles that packing pixels of consecutive rows would save')
    parser.add_argument('tool')
    parser.add_argument('model', nargs='+')
    parser.add_argument('--config', default='lanes64')
    parser.add_argument('--layers', action='store_true')
    args = parser.parse_args()
    for model in args.model:
        with tempfile.TemporaryDirectory() as folder:
            report = pathlib.Path(folder) / 'estimate.json'
            table = subprocess.run([args.tool, 'estimate', model, '--config', args.config, '--json', str(report)],
                                   check=True, capture_output=True, text=True).stdout
            estimate = json.loads(report.read_text(encoding='utf-8'))
        rows = [match for match in map(ROW.match, table.splitlines()) if match]
        if len(rows) != len(estimate['kpu_layers']):
            raise SystemExit(f'{model}: {len(rows)} layers read, {len(estimate["kpu_layers"])} expected')
        if not rows:
            print(f'{pathlib.Path(model).stem}: no KPU layer')
            continue
        saved = 0
        for match in rows:
            result = packed(match, estimate['configuration']['parameters']['Lanes'])
            if result is None:
                continue
            before, after, width = result
            saved += max(0, before - after)
            if args.layers:
                print(f'  layer {match[1]}: {width} pixels, {before} to {after}')
        today = round(estimate['cycles_total'])
        print(f'{pathlib.Path(model).stem}: {today} today, {today - saved} packed, {1 - saved / today:.2f}')


if __name__ == '__main__':
    main()
