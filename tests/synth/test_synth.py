# SPDX-License-Identifier: Apache-2.0
"""What make synth concludes from a netlist and a log: counting by hierarchy, known warnings, and the 2 % rule.

The netlists here are made by hand, so the sums are known; Yosys runs on one small module only (make synth-quick and
make synth take whole machines).
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/synth"))

import board  # noqa: E402
import floorplan  # noqa: E402
import flows  # noqa: E402
import liberty  # noqa: E402
import netlist  # noqa: E402
import sta  # noqa: E402
import synth  # noqa: E402
import yosys  # noqa: E402


def module(*cells):
    """A module of a Yosys netlist with cells of these types, named c0, c1, ..."""
    return {"cells": {f"c{i}": {"type": kind} for i, kind in enumerate(cells)}}


class Boards(unittest.TestCase):
    def test_a_description_names_what_is_there(self):
        for name in board.boards():
            entry = board.load(name)
            self.assertIn(entry["config"], flows.configs.names(), name)
            self.assertIn(entry["family"], ("ecp5", "xilinx7"), name)
            self.assertEqual(set(entry["has"]), set(board.KEYS), name)
            for file in (*board.sources(entry), entry["constraints"]):
                self.assertTrue((ROOT / file).exists(), f"{name}: {file}")

    def test_every_port_of_a_top_has_a_pin(self):
        for name in board.boards():
            entry = board.load(name)
            text = (ROOT / f"fpga/{name}/{entry['top']}.sv").read_text()
            ports = re.findall(r"^  (?:input|output|inout) +(?:logic|wire) +(?:\[\d+:0\] *)?(\w+)", text, re.MULTILINE)
            pins = (ROOT / entry["constraints"]).read_text()
            for port in ports:
                self.assertRegex(pins, rf'(COMP "{port}[\["]|get_ports \{{?{port}[\]\[])', f"{name}: {port}")

    def test_yosys_reads_every_top_with_its_shape(self):
        for name in board.boards():
            entry = board.load(name)
            script = board.flow(entry)(ROOT, entry["top"], board.parameters(entry))
            reading = script[: 1 + next(i for i, command in enumerate(script) if command.startswith("hierarchy"))]
            with tempfile.TemporaryDirectory() as folder:
                yosys.run(name, reading, pathlib.Path(folder) / "read")

    def test_vivado_gets_every_file(self):
        entry = board.load("arty")
        with tempfile.TemporaryDirectory(dir=ROOT) as folder:
            text = board.vivado("arty", entry, pathlib.Path(folder)).read_text()
        for word in (*board.sources(entry), entry["constraints"], "-top kpu_arty", "PostLanes=4", entry["part"]):
            self.assertIn(word, text)

    def test_parameters_of_a_description_are_the_tops(self):
        for name in board.boards():
            entry = board.load(name)
            text = (ROOT / f"fpga/{name}/{entry['top']}.sv").read_text()
            for key in board.parameters(entry):
                self.assertRegex(text, rf"parameter int unsigned {key} ", f"{name}: {key}")

    def test_the_longest_way_to_a_pin(self):
        def path(begin, end, *delays):
            return {"from": begin, "to": end, "path": [{"delay": delay} for delay in delays]}
        paths = [path("posedge clk", "posedge clk", 20), path("<async>", "posedge clk", 9), path("posedge clk", "<async>", 0.5, 6)]
        self.assertEqual(board.pin_delay({"critical_paths": paths}), 6.5)
        self.assertEqual(board.pin_delay({"critical_paths": paths[:2]}), 0)

    def test_a_board_that_is_not_there(self):
        with self.assertRaisesRegex(yosys.Failure, "^board icestick: expected one of arty, ulx3s$"):
            board.load("icestick")


class Census(unittest.TestCase):
    def test_cells_are_summed_through_the_hierarchy(self):
        lane = r"$paramod$12ab\kpu_lane"
        design = {"modules": {"kpu_top": module(lane, lane, "LUT4", "DP16KD"),
                              lane: module("LUT4", "CCU2C", "TRELLIS_FF", "MULT18X18D", "TRELLIS_DPR16X4")}}
        rows = synth.census("test", "ecp5", design, "kpu_top")
        self.assertEqual([(row[0], row[2]) for row in rows], [(0, "kpu_top"), (1, "kpu_lane"), (1, "kpu_lane")])
        total = rows[0][3]
        self.assertEqual((total["lut"], total["carry"], total["lutram"]), (1 + 2 * (1 + 2 + 6), 2, 2))
        self.assertEqual((total["ff"], total["dsp"], total["bram"]), (2, 2, 1))

    def test_memory_macros_are_counted_by_their_bits(self):
        memory = {"type": "$mem_v2", "parameters": {"SIZE": "100000", "WIDTH": "1001"}}
        design = {"modules": {"kpu_top": {"cells": {"mem": memory, "not": {"type": "$_NOT_"}}}}}
        total = synth.census("test", "gates", design, "kpu_top")[0][3]
        self.assertEqual((total["macros"], total["macro_bits"], total["gates"]), (1, 32 * 9, 0.5))

    def test_a_latch_or_an_unmapped_cell_fails(self):
        for kind in ("$_DLATCH_P_", "$mul", "$mem_v2"):
            with self.assertRaises(synth.Failure):
                synth.census("test", "ecp5", {"modules": {"kpu_top": module(kind)}}, "kpu_top")


class Warnings(unittest.TestCase):
    def test_known_warnings_are_counted_by_reason(self):
        log = ("Warning: Replacing memory \\row_q with list of registers. See a.sv:1\n"
               "Warning: Replacing memory \\pix_q with list of registers. See a.sv:2\n")
        self.assertEqual(list(synth.classify_warnings("test", log).values()), [2])

    def test_ports_of_block_memories_may_be_cut_to_the_known_widths_only(self):
        port = "Warning: Resizing cell port $paramod\\kpu_ram_1r1w.mem.0.0.{}.\n"
        known = ("ADDRARDADDR from 17 bits to 16 bits", "DIADI from 64 bits to 32 bits", "DOPBDOP from 8 bits to 2 bits")
        log = "".join(port.format(change) for change in known)
        self.assertEqual(sum(synth.classify_warnings("test", log).values()), len(known))
        with self.assertRaises(synth.Failure):
            synth.classify_warnings("test", port.format("ADDRARDADDR from 18 bits to 16 bits"))

    def test_any_other_warning_fails(self):
        with self.assertRaises(synth.Failure):
            synth.classify_warnings("test", "Warning: Wire kpu_top.x is used but has no driver.\n")


class Growth(unittest.TestCase):
    @staticmethod
    def entry(lut):
        return {"total": {**dict.fromkeys(synth.KEYS, 0), "lut": lut}}

    def test_two_percent_are_let_through(self):
        for lut in (10200, 9800):
            synth.compare("test", self.entry(lut), {"test": self.entry(10000)}, "0.23")

    def test_more_than_that_fails_in_both_directions(self):
        for lut in (10201, 9799):
            with self.assertRaises(synth.Failure):
                synth.compare("test", self.entry(lut), {"test": self.entry(10000)}, "0.23")

    def test_a_configuration_without_figures_fails(self):
        with self.assertRaisesRegex(synth.Failure, "bench/silicon_0.70.json has no figures of Yosys 0.70"):
            synth.compare("other", self.entry(10000), {"test": self.entry(10000)}, "0.70")

    def test_a_resource_that_was_not_used_before_fails(self):
        old = self.entry(100)
        new = {"total": {**old["total"], "dsp": 1}}
        with self.assertRaises(synth.Failure):
            synth.compare("test", new, {"test": old}, "0.23")


class Versions(unittest.TestCase):
    YOSYS = """#!/bin/sh
[ "$1" = -V ] && echo "Yosys {version} (git sha1 1234, made up)" && exit
echo "rtl/kpu_pkg.sv:7: ERROR: Identifier is implicitly declared" >&2
exit 1
"""

    def run_synth(self, version, *arguments):
        """Runs synth.py with a Yosys that calls itself `version` and reads nothing."""
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / "yosys"
            program.write_text(self.YOSYS.format(version=version))
            program.chmod(0o755)
            return subprocess.run([sys.executable, str(synth.ROOT / "scripts/synth/synth.py"), "--out", folder, *arguments],
                                  env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}, capture_output=True,
                                  text=True, check=False)

    def test_a_version_without_figures_is_compared_with_the_nearest_that_has_some(self):
        for version, nearest in (("0.9", "0.23"), ("0.24", "0.23"), ("0.99", "0.70")):
            self.assertEqual(synth.kept_version(version), nearest)
            self.assertIn(f"no figures of Yosys {version}: compared with those of {nearest}, within 5%",
                          self.run_synth(f"{version}+12", "--quick").stdout)

    def test_more_than_five_percent_off_another_version_fails(self):
        old, new = Growth.entry(10000), Growth.entry(10501)
        synth.compare("test", Growth.entry(10500), {"test": old}, "0.70", synth.FOREIGN_TOLERANCE)
        with self.assertRaisesRegex(synth.Failure, "expected within 5% of bench/silicon_0.70.json"):
            synth.compare("test", new, {"test": old}, "0.70", synth.FOREIGN_TOLERANCE)

    def test_an_error_that_begins_with_a_file_name_is_shown(self):
        done = self.run_synth(synth.DOCUMENTED, "ecp5-smallest")
        self.assertEqual(done.returncode, 1)
        self.assertIn("Yosys failed: rtl/kpu_pkg.sv:7: ERROR: Identifier is implicitly declared", done.stderr)

    def test_the_maps_of_the_ecp5_by_version(self):
        self.assertEqual([yosys.dsp_map(version) for version in ("0.23", "0.60", "0.61", "1.0")],
                         ["+/ecp5/dsp_map.v"] * 2 + ["+/lattice/dsp_map_18x18.v"] * 2)


class Configurations(unittest.TestCase):
    def test_the_kept_figures_are_of_the_configurations_as_they_are(self):
        for file in sorted((synth.ROOT / "bench").glob("silicon*.json")):
            for name, entry in json.loads(file.read_text()).items():
                today = flows.CONFIGS[name][2]
                kept = flows.configs.filled(entry["parameters"])
                self.assertEqual({parameter: kept[parameter] for parameter in today}, today, f"{file.name}: {name}")
                self.assertLessEqual(entry["parameters"].keys(), today.keys(), f"{file.name}: {name}")


class Netlist(unittest.TestCase):
    def test_memories_are_instantiated_with_their_parameters(self):
        kind = r"$paramod$5f\kpu_ram_1r1w"
        design = {"modules": {kind: {"parameter_default_values": {"Width": "1001", "Depth": "100000000000"}}}}
        self.assertEqual(netlist.macro_types(design), {kind: "kpu_ram_1r1w #(.Width(9), .Depth(2048))"})

    def test_sources_end_with_the_top_module(self):
        files = flows.sources(synth.ROOT)
        self.assertEqual((files[0], files[-1]), ("rtl/kpu_pkg.sv", "rtl/kpu_top.sv"))


class Floorplan(unittest.TestCase):
    def test_multipliers_lie_lane_by_lane(self):
        lanes = 16
        taps = list(range(100, 100 + 9 * lanes * 8))
        cells = {f"m{tap}_{lane}": {"type": "MULT18X18D", "attributes": {},
                                    "connections": {"A0": [5], "B0": [taps[(tap * lanes + lane) * 8]]}}
                 for tap in range(9) for lane in range(lanes)}
        design = {"modules": {r"$paramod\kpu_mac_array\Lanes=16": {"ports": {"taps_i": {"bits": taps}}, "cells": cells}}}
        self.assertEqual(floorplan.place(design, lanes), 144)
        places = [cells[f"m{tap}_{lane}"]["attributes"]["BEL"] for lane in range(lanes) for tap in range(9)]
        self.assertEqual(places[:2] + places[-1:], ["X4/Y10/MULT18_0", "X5/Y10/MULT18_1", "X119/Y58/MULT18_5"])
        self.assertEqual(len(set(places)), 144)
        columns = sorted(int(place[1:place.index("/")]) for place in places if "/Y34/" in place)
        self.assertEqual([column for column in columns if 45 < column < 78], [])  # twelve are left, side by side


class Timing(unittest.TestCase):
    # Two registers, a table between them, and a second way around it that is slower at its end.
    SDF = r"""
      (CELL (CELLTYPE "top") (INSTANCE ) (DELAY (ABSOLUTE
        (INTERCONNECT u_a.q\[0\]/Q u_b.lut/A (100:150:200) (90:140:190))
        (INTERCONNECT u_b.lut/F u_b.r/DI (300:300:300) (1:2:3))
        (INTERCONNECT u_a.q\[0\]/Q u_b.r/CE (1000:1000:1200) (1:2:3))
      (CELL (CELLTYPE "TRELLIS_FF")
        (INSTANCE u_a.q\[0\])
          (IOPATH CLK Q (400:450:500) (400:450:500))
      (CELL (CELLTYPE "TRELLIS_COMB")
        (INSTANCE u_b.lut)
          (IOPATH A F (200:220:240) (200:220:240))
      (CELL (CELLTYPE "TRELLIS_FF")
        (INSTANCE u_b.r)
          (IOPATH CLK Q (400:450:500) (400:450:500))
          (SETUPHOLD (posedge DI) (posedge CLK) (0:0:0) (267:285:303))
          (SETUPHOLD (posedge CE) (posedge CLK) (0:0:10) (144:147:151))
    """

    def test_the_slowest_path_between_two_units(self):
        pairs = sta.slowest_by_unit(self.SDF.splitlines(), lambda cell: cell.split(".")[0], goal=1.5)
        self.assertEqual(pairs, [{"from": "u_a", "to": "u_b", "ns": 1.71, "over": 1}])


class Flow(unittest.TestCase):
    def test_a_module_becomes_blocks_of_the_technology(self):
        with tempfile.TemporaryDirectory() as folder:
            design, warnings = synth.run_yosys("test", "ecp5", "kpu_post_lane", {}, pathlib.Path(folder))
        total = synth.census("test", "ecp5", design, "kpu_post_lane")[0][3]
        self.assertEqual(warnings, {})
        self.assertEqual((total["dsp"], total["bram"]), (6, 0))

    def test_plain_verilog_passes_on_what_yosys_says(self):
        with tempfile.TemporaryDirectory() as folder:
            fake = pathlib.Path(folder) / "yosys"
            fake.write_text("#!/bin/sh\necho 'ERROR: Lanes must be 16'\nexit 1\n")
            fake.chmod(0o755)
            made = subprocess.run([ROOT / "scripts/verilog.sh", folder, "lanes16"], capture_output=True, text=True,
                                  env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"})
            self.assertEqual(made.returncode, 1)
            self.assertIn("ERROR: Lanes must be 16", made.stderr)
            self.assertIn("configuration lanes16", made.stderr)
            wrong = subprocess.run([ROOT / "scripts/verilog.sh", folder, "lanes128"], capture_output=True, text=True)
            self.assertNotEqual(wrong.returncode, 0)
            self.assertIn("configuration lanes128: expected one of", wrong.stderr)


if __name__ == "__main__":
    unittest.main()
