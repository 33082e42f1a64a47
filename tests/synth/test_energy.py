# SPDX-License-Identifier: Apache-2.0
"""Energy of gates and of events: netlists and layers made by hand, whose figures are known, and the kept measurements, from which
the events and what they are off are computed again. Needs neither Yosys nor the library of cells.
"""
import itertools
import json
import pathlib
import random
import sys
import unittest
import unittest.mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/synth"))

import energy  # noqa: E402
import energy_events  # noqa: E402
import flows  # noqa: E402
import gates  # noqa: E402
import liberty  # noqa: E402


class Energy(unittest.TestCase):
    """Two gates and a flip-flop of a library made by hand, so that every figure is known."""

    def setUp(self):
        pin = liberty.Pin
        cells = {"NAND": liberty.Cell(24, False, {"A": pin(False, 1.0, "", 0), "B": pin(False, 1.0, "", 0),
                                                  "Y": pin(True, 0, "(!(A B))", 0.5)}),
                 "AOI": liberty.Cell(32, False, {**{name: pin(False, 1.0, "", 0) for name in "ABC"},
                                                 "Y": pin(True, 0, "(!((A B)+C))", 0.5)}),
                 "XOR": liberty.Cell(56, False, {"A": pin(False, 1.0, "", 0), "B": pin(False, 1.0, "", 0),
                                                 "Y": pin(True, 0, "(A^B)", 0.5)}),
                 "FF": liberty.Cell(96, True, {"CLK": pin(False, 2.0, "", 3.0), "D": pin(False, 1.0, "", 0.25),
                                               "Q": pin(True, 0, "S", 0.5)}, 7.0)}
        patch = unittest.mock.patch.object(liberty, "library", lambda: cells)
        patch.start()
        self.addCleanup(patch.stop)
        gates.function.cache_clear()
        self.addCleanup(gates.function.cache_clear)

    # q toggles: its next value is not q, by a NAND with a constant. y is q XOR the input.
    CELLS = {"u_core.u_post.f": {"type": "FF", "connections": {"CLK": [2], "D": [4], "Q": [3]}},
             "u_core.u_post.g": {"type": "NAND", "connections": {"A": [3], "B": ["1"], "Y": [4]}},
             "u_regs.x": {"type": "XOR", "connections": {"A": [3], "B": [5], "Y": [6]}},
             "u_core.u_conv.u_accumulator.gen_lane[0].mem": {
                 "type": "$mem_v2", "parameters": {"WIDTH": "1000", "SIZE": "10000000000000"},
                 "connections": {"RD_EN": [5], "WR_EN": [6, 6]}}}
    MODULE = {"cells": CELLS, "ports": {"a_i": {"direction": "input", "bits": [5]}},
              "netnames": {"u_core.u_post.q": {"hide_name": 0, "bits": [3]}, "a_i": {"hide_name": 0, "bits": [5]},
                           "$1": {"hide_name": 1, "bits": [4]}}}
    VALUES = ["cycles 8", "u_core.u_post.q 1 aa", "u_core.u_other.q =", "a_i 1 f0"]

    def test_functions_are_the_library_s(self):
        for cell, formula in (("NAND", lambda a, b, c: not (a and b)), ("AOI", lambda a, b, c: not (a and b or c)),
                              ("XOR", lambda a, b, c: a != b)):
            names, operation = gates.function(cell, "Y")
            for row in itertools.product((0, 1), repeat=3):
                self.assertEqual(operation(*row[:len(names)]) & 1, formula(*row), f"{cell} {row}")

    def test_every_net_in_every_cycle(self):
        netlist = gates.Netlist(self.MODULE)
        nets, told, right = netlist.simulate(gates.Values(iter(self.VALUES)))
        self.assertEqual((nets[3], nets[4], nets[6]), (0xAA, 0x55, 0xAA ^ 0xF0))
        self.assertEqual((told, right), (1, 1))
        _, _, right = netlist.simulate(gates.Values(iter(["cycles 8", "u_core.u_post.q 1 2a", "a_i 1 0"])))
        self.assertEqual(right, 0, "the register stays where the gates would change it")
        _, told, _ = netlist.simulate(gates.Values(iter(["cycles 8", "a_i 1 0"])))
        self.assertEqual(told, 0)

    def test_units_are_instances_of_the_rtl(self):
        self.assertEqual(energy.unit("u_core.gen_pool.u_pool.gen_serial.u_serial.lane_q"), "u_core.u_pool")
        self.assertEqual(energy.unit("u_core.u_conv.gen_no_pack.u_line_fifo.count_q"), "u_core.u_conv")
        rtl = "".join(file.read_text() for file in sorted((energy.ROOT / "rtl").rglob("*.sv")))
        for name in energy.UNITS:
            for instance in filter(None, name.split(".")):
                self.assertRegex(rtl, rf"\b{instance} \(", name)

    def test_typical_data(self):
        even = {"input_bits": 800, "input_ones": 100, "windows": 50, "windows_live": 20, "lanes_valid": 300, "post_lines": 10, "array_cycles": 30}
        self.assertEqual(energy.typical_data([even]), {"typical_ones": 1.0, "typical_live": 0.4})
        # A tenth of the lanes, as many pixels behind the array.
        other = {**even, "input_ones": 800, "windows_live": 50, "lanes_valid": 30, "array_cycles": 3}
        self.assertEqual(energy.typical_data([even, other]), {"typical_ones": round((300 * 1 + 30 * 8) / 330, 1), "typical_live": 0.7})

    def test_energy_of_a_netlist(self):
        netlist = gates.Netlist(self.MODULE)
        nets, _, _ = netlist.simulate(gates.Values(iter(self.VALUES)))
        half_v2 = 0.5 * liberty.VOLTS ** 2
        self.assertAlmostEqual(energy.clock_energies(netlist)["u_core.u_post"], 2 * (3.0 + 2.0 * half_v2))
        # Seven changes in eight cycles; those that end in cycles 2 and 3 are two. q drives two pins, its inverse one.
        whole, two = (energy.transition_energies(netlist, nets, window) for window in (0xFF, 0b1100))
        each = (0.5 + 2.0 * half_v2) + (0.5 + 1.0 * half_v2) + 0.25  # Q, the inverted Q, D's own
        self.assertAlmostEqual(whole["u_core.u_post"], 7 * each)
        self.assertAlmostEqual(two["u_core.u_post"], 2 * each)
        self.assertAlmostEqual(whole["u_regs"], 6 * 0.5)
        # 8 bits x 8192: 8 kbytes. Read in four cycles, written in four.
        self.assertAlmostEqual(energy.memory_energies(netlist, nets, 0xFF)["sums"], 8 * energy.ACCESS * 8)
        self.assertAlmostEqual(energy.memory_energies(netlist, nets, 0x0F)["sums"], 2 * energy.ACCESS * 8)

    def test_structs_are_their_fields_and_narrowed_wires_the_low_bits(self):
        values = gates.Values(iter(["cycles 4", "op_q.tag.row 2 1 2", "op_q.valid 1 ~", "u_a.x 3 1 2 3"]))
        found = values.wires({"op_q", "u_a.x", "op_q.tag", "u_b"})
        self.assertEqual(found, {"op_q": [0xF, 1, 2], "op_q.tag": [1, 2], "u_a.x": [1, 2, 3]})
        module = {"cells": {}, "ports": {}, "netnames": {"u_a.x": {"hide_name": 0, "bits": [7, 8]}}}
        known = gates.Netlist(module).sources(values)
        self.assertEqual((known[7], known[8]), (1, 2))


class EnergyEvents(unittest.TestCase):
    """The fit of made-up layers, and the kept measurements."""

    @staticmethod
    def layer(costs, **counts):
        events = {event: counts.get(event, 0) for event in energy_events.EVENTS}
        cells = {units[0]: sum(events[event] * costs[event] for event in of) for units, of in energy_events.CELLS[:4]}
        memories = {units[0]: events["array_cycle"] * 10 for units, _ in energy_events.MEMORIES[2:3]}
        return {"cycles": events["cycle"], "events": events, "cells_pj": cells, "memories_pj": memories}

    def test_costs_are_found_again(self):
        costs = {event: 10 + 7 * i for i, event in enumerate(energy_events.EVENTS)}
        draw = random.Random(5)
        layers = [self.layer(costs, **{event: draw.randrange(1, 1000) for event in energy_events.EVENTS}) for _ in range(12)]
        found = energy_events.fit(layers)
        parts = [of for _, of in energy_events.CELLS[:4]]
        for event in energy_events.EVENTS:
            self.assertAlmostEqual(found[event]["cells_pj"], costs[event] * sum(event in of for of in parts), 1, event)
        self.assertAlmostEqual(found["array_cycle"]["memories_pj"], 10, 1)
        mean, most = energy_events.summary(energy_events.errors(layers, 1.0))["switching"]
        self.assertLess(most, 0.1)
        self.assertLessEqual(mean, most)

    def test_what_is_off_is_said(self):
        costs = dict.fromkeys(energy_events.EVENTS, 1)
        layers = [self.layer(costs, cycle=100 + 10 * i, array_cycle=50 + i * i, pixel_one=80 + i, word_read=7 * i + 1, lane=90 - i)
                  for i in range(8)]
        for i, factor in ((1, 5), (3, 9), (6, 4)):
            layers[i]["cells_pj"] = {unit: factor * energy for unit, energy in layers[i]["cells_pj"].items()}
        table = {"configuration": "x", "layers": layers, "clock_pj": 0.0, "worst_error": 0, "events": {}}
        self.assertEqual(len(energy_events.problems(table)), 5)

    def test_the_kept_table_is_that_of_its_layers_and_good_enough(self):
        for table in json.loads(energy.RESULT.read_text())["tables"]:
            self.assertEqual(energy_events.problems(table), [])
            self.assertGreaterEqual(len(table["layers"]), 10)
            self.assertEqual(table["parameters"], flows.configs.top_parameters(table["configuration"]), "make energy-fit adds what came since")
            for layer in table["layers"]:
                self.assertGreater(layer["told"], 0.99, layer["name"])
                self.assertGreater(layer["right"], 0.999, layer["name"])


if __name__ == "__main__":
    unittest.main()
