# SPDX-License-Identifier: Apache-2.0
"""Places the multipliers of kpu_mac_array on an ECP5-85F by hand, lane by lane.

All but a few of the chip's multipliers are used, in three rows across the whole width. The placer alone scatters them:
it starts from a heap of cells without pins to hold on to. With the array fixed, everything else has a place to be near.
"""
# Multipliers of an 85F, three rows of 52; in each block of nine columns there are four.
ROWS = (10, 34, 58)
BLOCKS = (4, 13, 22, 31, 40, 49, 58, 69, 78, 87, 96, 105, 114)
IN_BLOCK = ((0, "MULT18_0"), (1, "MULT18_1"), (4, "MULT18_4"), (5, "MULT18_5"))


def sites(used):
    """Names of the places for the array: all but those in the middle of the chip, which the units around it share. The
    middle row runs backwards, so that neighbours stay neighbours."""
    lines = [[f"X{block + column}/Y{row}/{name}" for block in BLOCKS for column, name in IN_BLOCK] for row in ROWS]
    middle = lines[1][::-1]
    spare = sum(len(line) for line in lines) - used
    first = (len(middle) - spare) // 2
    return lines[0] + middle[:first] + middle[first + spare:] + lines[2]


def lane_and_tap(cell, tap_of_bit, lanes):
    """(lane, tap) of a multiplier, from the bits of taps_i at its sides; None for any other cell."""
    for side in "AB":
        bit = cell["connections"].get(f"{side}0", [None])[0]
        if bit in tap_of_bit:
            tap, byte = divmod(tap_of_bit[bit] // 8, lanes)
            return byte, tap
    return None


def place(netlist, lanes):
    """Sets the BEL of every multiplier of the array in a netlist of synth.py; returns how many."""
    module = next(body for name, body in netlist["modules"].items() if "kpu_mac_array" in name)
    tap_of_bit = {bit: index for index, bit in enumerate(module["ports"]["taps_i"]["bits"])}
    array = []
    for cell in module["cells"].values():
        if cell["type"] == "MULT18X18D":
            array.append((lane_and_tap(cell, tap_of_bit, lanes), cell))
    array.sort(key=lambda item: item[0])
    for site, (_, cell) in zip(sites(len(array)), array, strict=True):
        cell["attributes"]["BEL"] = site
    return len(array)
