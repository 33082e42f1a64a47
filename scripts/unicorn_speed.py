#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The virtual board's processor beside Unicorn (GPL-2.0; a separate program here, no part of the board).

unicorn_speed.py BUILD_FOLDER [FIRMWARE]

Runs the straight program of `kpu_board_speed` on both, and prints million instructions a second of processor
time. With a firmware (.kfpkg or .bin) it also runs that on the board until the first picture with boxes, and says how
long Unicorn would need for as many instructions alone, at its speed of straight code: its hooks for the devices,
which the board has, would come on top.
"""
import re
import resource
import subprocess
import sys
import time

import unicorn

RAM = 0x80000000


def unicorn_speed(words):
    """Million instructions a second, the best of three runs."""
    best = 0.0
    for _ in range(3):
        machine = unicorn.Uc(unicorn.UC_ARCH_RISCV, unicorn.UC_MODE_RISCV64)
        machine.mem_map(RAM, 8 << 20)
        machine.mem_write(RAM, words)
        start = time.process_time()
        machine.emu_start(RAM, RAM + 0x100000, timeout=2_000_000)
        seconds = time.process_time() - start
        # s0 holds the buffer; every turn adds one to each of 512 words.
        words_done = sum(int.from_bytes(machine.mem_read(0x80100000 + 8 * i, 8), 'little') for i in range(512))
        # The odd turns, whose product has bit 3 set, take one instruction more: half of them.
        best = max(best, words_done * 14.5 / seconds / 1e6)
    return best


def main():
    build = sys.argv[1]
    words = b''.join(int(line, 16).to_bytes(4, 'little')
                     for line in subprocess.check_output([build + '/kpu_board_speed', '--words'], text=True).split())
    ours = subprocess.check_output([build + '/kpu_board_speed'], text=True)
    straight = float(re.search(r'straight code\s+([\d.]+)', ours).group(1))
    other = unicorn_speed(words)
    print(f'straight code: board {straight:.0f}, Unicorn {unicorn.__version__} {other:.0f} million instructions a second')
    if len(sys.argv) > 2:
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        run = subprocess.run([build + '/kpu-board', 'board', sys.argv[2], '--camera', 'examples/scene.png', '--frames', '2'],
                             capture_output=True, text=True, check=True)
        seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        executed = int(re.search(r'\((\d+) executed\)', run.stderr).group(1))
        print(f'{sys.argv[2]}: board {seconds:.2f} s for two pictures with KPU and devices; '
              f'Unicorn {executed / other:.2f} s for the {executed} million instructions alone')


if __name__ == '__main__':
    main()
