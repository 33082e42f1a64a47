# SPDX-License-Identifier: Apache-2.0
"""Area and energy of a point, which no synthesis was made of: the least squares, what the area model was kept for, what no shape
tells it, and which points have energy of what was measured. Needs no tool.
"""
import copy
import json
import pathlib
import random
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "explore")]

import area  # noqa: E402
import least_squares  # noqa: E402
import module_areas  # noqa: E402
import point_energy  # noqa: E402
import space as spaces  # noqa: E402


class Areas(unittest.TestCase):
    ENTRIES = json.loads(area.FILE.read_text())["entries"]

    def test_least_squares_from_0_on(self):
        rows = [[1, i, i * i % 7] for i in range(8)]
        found = least_squares.fit_nonnegative(rows, [2 * a + 5 * c for a, _, c in rows], [1] * 8)
        for got, true in zip(found, (2, 0, 5)):
            self.assertAlmostEqual(got, true)
        found = least_squares.fit_nonnegative(rows, [4 * a - 0.1 * b for a, b, _ in rows], [1] * 8)
        self.assertEqual(found[1], 0)
        self.assertTrue(all(x >= 0 for x in found))
        # A point that counts for much is met.
        heavy = least_squares.fit_nonnegative([[1], [1]], [1, 3], [1000, 1])
        self.assertAlmostEqual(heavy[0], 1, 4)
        self.assertEqual(least_squares.fit_nonnegative([[1], [2]], [-1, -2], [1, 1]), [0])

    def test_least_squares(self):
        draw = random.Random(2)
        true = [100.0, 3.0, -0.5]
        features = [[1, draw.randint(1, 64), draw.randint(1, 64)] for _ in range(20)]
        found = least_squares.fit(features, [sum(a * b for a, b in zip(true, row)) for row in features])
        for a, b in zip(found, true):
            self.assertAlmostEqual(a, b, places=6)
        # A term that no point has, and one that is another one's double, count nothing.
        found = least_squares.fit([[*row, 0, 2 * row[1]] for row in features], [row[1] * 4.0 for row in features])
        self.assertAlmostEqual(found[1] + 2 * found[4], 4, places=6)
        self.assertEqual(found[3], 0)

    def test_the_error_that_the_model_was_kept_for(self):
        self.assertGreaterEqual(len(self.ENTRIES), 24)
        results = area.cross_validate(self.ENTRIES)
        for count in area.COUNTS:
            mean, worst = area.errors(results, count)
            self.assertLess(mean, 0.03, count)
            self.assertLess(worst, 0.08, count)

    def test_every_entry_is_a_shape(self):
        for entry in self.ENTRIES:
            for name, value in entry["parameters"].items():
                spaces.configs.check_value("areas.json", name, value)
        shapes = [json.dumps(spaces.configs.filled(entry["parameters"]), sort_keys=True) for entry in self.ENTRIES]
        self.assertEqual(len(set(shapes)), len(shapes))

    def test_nothing_is_guessed_outside(self):
        model = area.Model(self.ENTRIES)
        shape = {**spaces.configs.load("fpga16")["parameters"]}
        self.assertGreater(model.predict(shape)[0]["lut"], 20000)
        counts, why = model.predict({**shape, "LayerFifo": 255})
        self.assertIsNone(counts)
        self.assertIn("LayerFifo = 255 (synthesised: ", why)


    def test_no_parameter_is_guessed(self):
        model = area.Model(self.ENTRIES)
        base = spaces.configs.load("fpga16")["parameters"]
        self.assertEqual(model.outside(base), "")
        for name, rule in spaces.configs.PARAMETERS.items():
            values = rule.get("enum") or (rule["minimum"], rule["maximum"])
            if name in spaces.configs.SYSTEM_ONLY:
                continue
            for value in values:
                known = [model.usual[name]] if name in model.usual else model.seen[name]
                if min(known) <= value <= max(*known, area.BEYOND.get(name, 0), 0):
                    continue
                counts, why = model.predict({**base, name: value})
                self.assertIsNone(counts, name)
                self.assertRegex(why, rf"^{name} = {value} \((modelled|synthesised): ")

    def test_shapes_that_no_term_describes_are_no_part_of_the_fit(self):
        other = copy.deepcopy(self.ENTRIES[0])
        name, value = next((name, value) for name, value in area.not_modelled().items() if value in (0, 1))
        other["parameters"][name] = 1 - value
        other["total"]["lut"] *= 10
        entries = [*self.ENTRIES, other]
        self.assertEqual(area.Model(entries).coefficients, area.Model(self.ENTRIES).coefficients)
        self.assertEqual(len(area.cross_validate(entries)), len(self.ENTRIES))

    def test_pooling_of_a_pixel_a_cycle_is_a_term(self):
        shifted = copy.deepcopy(self.ENTRIES)
        for entry in shifted:
            if entry["parameters"]["PostLanes"] == 1 and entry["parameters"]["Lanes"] <= 16:
                entry["total"]["lut"] -= 2783
        at = list(area.TERMS["lut"]).index("pooling of a pixel a cycle")
        kept, found = (area.Model(entries).coefficients["lut"][at] for entries in (self.ENTRIES, shifted))
        self.assertAlmostEqual(found, kept - 2783, delta=5)


class Energies(unittest.TestCase):
    TABLES = point_energy.Tables.load()

    @staticmethod
    def shape(name, **values):
        return {**spaces.configs.load(name)["parameters"], **values}

    def test_a_table_is_taken_for_other_depths_only(self):
        for name in ("ring512", "ecp5"):
            for values in ({}, {"WeightRows": 2048}, {"AccLines": 128}, {"AiLines": 1024}, {"DmaChannels": 1}):
                table, why = self.TABLES.of(self.shape(name, **values))
                self.assertEqual((table["configuration"], why), (name, ""))
        self.assertEqual(self.TABLES.of(self.shape("ring512", PostLanes=4)), (None, "PostLanes = 4 (measured: 1, 16)"))
        self.assertEqual(self.TABLES.of(self.shape("lanes64"))[1], "Lanes = 64 (measured: 16), PostLanes = 64 (measured: 1, 16)")
        # Any other parameter, those of the future as well, makes another netlist.
        for name, rule in spaces.configs.PARAMETERS.items():
            if name in (*point_energy.DEPTHS, *spaces.configs.SYSTEM_ONLY):
                continue
            own = self.shape("ring512")[name]
            other = next(value for value in rule.get("enum", (rule.get("minimum"), rule.get("maximum"))) if value != own)
            table, why = self.TABLES.of(self.shape("ring512", **{name: other}))
            self.assertTrue(table is None and why.startswith(f"{name} = {other} (") or table["configuration"] == "ecp5", name)

    def test_cells_of_other_depths_are_nearly_the_same(self):
        entries = [entry for entry in json.loads(area.FILE.read_text())["entries"]
                   if all(spaces.configs.filled(entry["parameters"])[name] == value
                          for name, value in self.shape("fpga16").items()
                          if name not in (*point_energy.DEPTHS, "DmaChannels", "LayerFifo", "OutFifo", "MaxOutstanding"))]
        self.assertGreater(len(entries), 5)
        for count, most in (("ff", 0.005), ("lut", 0.02)):
            counts = [entry["total"][count] for entry in entries]
            self.assertLess(max(counts) / min(counts) - 1, most, count)

    def test_memories_are_scaled(self):
        for table in self.TABLES.tables:
            own = self.TABLES.scaled(table, table["parameters"])
            self.assertEqual(own["events"], table["events"])
            other = self.TABLES.scaled(table, {**table["parameters"], "AiLines": table["parameters"]["AiLines"] // 4})
            self.assertAlmostEqual(other["events"]["word_read"]["memories_pj"], table["events"]["word_read"]["memories_pj"] / 2, delta=0.1)
            self.assertEqual(other["events"]["array_cycle"], table["events"]["array_cycle"])
        # Of the two tables one has half of the lines of partial sums: the other one's, scaled, comes to them.
        ring, ecp5 = self.TABLES.tables
        scaled = self.TABLES.scaled(ring, {**ring["parameters"], "AccLines": ecp5["parameters"]["AccLines"]})
        self.assertAlmostEqual(scaled["events"]["array_cycle"]["memories_pj"] / ecp5["events"]["array_cycle"]["memories_pj"], 1, 2)

    def test_tables_of_a_space(self):
        base = spaces.configs.load("lanes64")["parameters"]
        axes = {"Lanes": [16, 64], "PostLanes": [1, 4], "WeightRows": [128, 512, 2048]}
        found = self.TABLES.of_space(base, axes)
        self.assertEqual([(table["configuration"], table["parameters"]["PostLanes"], table["parameters"]["WeightRows"]) for table in found],
                         [("ecp5", 1, rows) for rows in axes["WeightRows"]])
        self.assertEqual({table["parameters"]["AccLines"] for table in found}, {32})
        self.assertEqual(self.TABLES.of_space(base, {"PostLanes": [1, 16]}), [])


class ModuleAreas(unittest.TestCase):
    """What is known of a module again. The sums against make synth: docs/exploring.md."""

    CELL = ("  attribute \\src \"rtl/a.sv:{line}.3-{line}.9\"\n  wire width 4 $add$rtl/a.sv:{line}${n}_Y\n"
            "  cell {kind} $add$rtl/a.sv:{line}${n}\n    connect \\Y $add$rtl/a.sv:{line}${n}_Y\n  end\n"
            "  cell $paramod$12ab\\kpu_fifo \\u_fifo\n  end\n")

    def test_lines_and_counters_do_not_count(self):
        one, other = (module_areas.canonical(self.CELL.format(line=line, n=n, kind="$add")) for line, n in ((7, 12), (80, 3)))
        self.assertEqual(one, other)
        self.assertIn("$paramod$12ab\\kpu_fifo", one)
        self.assertNotEqual(one, module_areas.canonical(self.CELL.format(line=7, n=12, kind="$sub")))
        self.assertNotEqual(one, module_areas.canonical(self.CELL.format(line=7, n=12, kind="$add").replace("12ab", "12ac")))

    def test_sums_over_the_hierarchy(self):
        with tempfile.TemporaryDirectory() as folder:
            store = module_areas.Store(folder, {"top": "1", "leaf": "2"})
            self.assertIsNone(store.get("leaf"))
            store.put("leaf", {"LUT4": 3, "TRELLIS_FF": 1})
            store.put("top", {"leaf": 2, "CCU2C": 1, "MULT18X18D": 4})
            # Another shape that has the same leaf under another name.
            other = module_areas.Store(folder, {"small": "2"})
            self.assertEqual(module_areas.total("x", other, "small")["lut"], 3)
            found = module_areas.total("x", store, "top")
            self.assertEqual((found["lut"], found["ff"], found["dsp"], found["carry"]), (8, 2, 4, 1))
            store.put("top", {"LATCH": 1})
            with self.assertRaises(module_areas.synth.Failure):
                module_areas.total("x", store, "top")

    def test_names_that_a_script_would_read(self):
        self.assertEqual(module_areas.pattern("$paramod\\kpu_fifo\\Width=32'0011"), "$paramod?kpu_fifo?Width=32?0011")


if __name__ == "__main__":
    unittest.main()
