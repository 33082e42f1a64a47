# SPDX-License-Identifier: Apache-2.0
"""Configurations of the RTL: what is refused and how, what the files of configs/ resolve to, that a new file is
enough for the Makefile and synthesis, that everything derived from tables is fresh, and that the simulation's counters have
the names that the harness gives them.

test_configs.py: without arguments.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "scripts/synth")]

import configs  # noqa: E402
import flows  # noqa: E402


def run(*command):
    """The result of a command in the root of the repository."""
    return subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, text=True, check=False)


class Refusals(unittest.TestCase):
    GOOD = {"description": "x", "base": "lanes64", "parameters": {}}

    def refusal(self, text):
        """What configs.py says of a file with this text: one line."""
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "mine.json"
            file.write_text(text if isinstance(text, str) else json.dumps(text))
            done = run(ROOT / "scripts/configs.py", "check", file)
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (2, 1), done.stderr)
        return done.stderr.split("mine.json: ")[1].strip()

    def test_values(self):
        for name, value, expected in (("Lanes", 48, "one of 8, 16, 32, 64, 128, 256"),
                                      ("Lanes", "64", "one of 8, 16, 32, 64, 128, 256"),
                                      ("LayerFifo", 1, "2 to 255"), ("LayerFifo", 256, "2 to 255"),
                                      ("Perf", True, "one of 0, 1"), ("OutFifo", 2.5, "2 to 255")):
            text = self.refusal({**self.GOOD, "parameters": {name: value}})
            self.assertEqual(text, f"{name} = {json.dumps(value)}: expected {expected}")
        text = self.refusal({**self.GOOD, "parameters": {"Lanes": 16}})
        self.assertEqual(text, "PostLanes = 64: expected at most Lanes = 16")
        text = self.refusal({**self.GOOD, "parameters": {"WeightBits": 2}})
        self.assertEqual(text, "WeightBits = 2: expected one of 4, 8, 16")
        text = self.refusal({**self.GOOD, "parameters": {"WeightBits": 16, "Weights16": 0}})
        self.assertEqual(text, "WeightBits = 16: expected 4 or 8 with Weights16 = 0")
        text = self.refusal({**self.GOOD, "parameters": {"WeightBits": 4, "PackRows": 1}})
        self.assertEqual(text, "WeightBits = 4: expected 8 with PackRows = 1")
        text = self.refusal({**self.GOOD, "parameters": {"Lanes": 128, "PackRows": 1}})
        self.assertEqual(text, "Lanes = 128: expected 16, 32 or 64 with PackRows = 1")

    def test_names(self):
        self.assertIn("parameter Lane: expected one of Lanes, ", self.refusal({**self.GOOD, "parameters": {"Lane": 16}}))
        self.assertIn("member parameter: expected one of ", self.refusal({**self.GOOD, "parameter": {}}))
        self.assertIn("base nobody: expected one of arty, ", self.refusal({**self.GOOD, "base": "nobody"}))

    def test_members(self):
        self.assertEqual(self.refusal({"description": "x"}), "member parameters: missing")
        self.assertEqual(self.refusal({**self.GOOD, "parameters": 5}), "member parameters: expected type object")
        self.assertEqual(self.refusal([]), "expected an object")
        self.assertIn("expected a JSON file", self.refusal("{"))
        text = self.refusal({"description": "x", "parameters": {"Lanes": 16}})
        self.assertEqual(text, "parameter PostLanes: missing, expected a value or a base that has one")

    def test_a_name_that_is_not_there(self):
        done = run(ROOT / "scripts/configs.py", "json", "lanes128")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"^configuration lanes128: expected one of arty, .*\n$")


class Files(unittest.TestCase):
    def test_all_are_right(self):
        for name in configs.names():
            entry = configs.load(name)
            self.assertEqual(list(entry["parameters"]), list(configs.PARAMETERS), name)

    def test_a_base_gives_what_is_not_said(self):
        smallest, ecp5 = (configs.load(name)["parameters"] for name in ("smallest", "ecp5"))
        self.assertEqual((smallest["WeightRows"], smallest["PostLanes"]), (128, ecp5["PostLanes"]))

    def test_the_parameters_are_those_of_the_rtl(self):
        for file, left_out in (("rtl/soc/kpu_soc.sv", ()), ("rtl/kpu_top.sv", configs.SYSTEM_ONLY),
                               ("fpga/kpu_pnr_frame.sv", configs.SYSTEM_ONLY), ("fpga/ulx3s/kpu_ulx3s.sv", ()), ("fpga/arty/kpu_arty.sv", ()),
                               ("fpga/board/kpu_board.sv", ()),
                               ("rtl/ip/openkpu.v", configs.SYSTEM_ONLY)):
            known = set(re.findall(r"^\s*parameter\s+(?:int unsigned )?(\w+)", (ROOT / file).read_text(), re.MULTILINE))
            self.assertEqual(set(configs.PARAMETERS) - set(left_out) - known, set(), file)

    def test_help_and_synthesis_find_them(self):
        help_text = run("make", "--no-print-directory", "help").stdout
        self.assertIn(" ".join(configs.names()), help_text)
        named = {netlist for name in configs.names() for netlist in configs.load(name)["netlists"]}
        self.assertEqual(set(flows.CONFIGS), named)


class Derived(unittest.TestCase):
    def test_everything_derived_is_fresh(self):
        done = run(ROOT / "scripts/generate.py", "--check")
        self.assertEqual((done.returncode, done.stderr), (0, ""))


class Counters(unittest.TestCase):
    def test_the_harness_names_what_the_simulation_counts(self):
        counts = (ROOT / "tb/kpu_traffic.sv").read_text()
        enum = re.search(r"typedef enum[^{]*\{(.*?)\} index_e;", counts, re.DOTALL).group(1)
        values = re.findall(r"\w+", enum)
        names = re.search(r"(\d+)> kTrafficNames\{(.*?)\};", (ROOT / "tb/kpu_harness.cpp").read_text(), re.DOTALL)
        self.assertEqual(re.findall(r'"(\w+)"', names.group(2)), [re.sub(r"(?<!^)([A-Z])", r"_\1", value).lower() for value in values])
        self.assertEqual(re.search(r" Count = (\d+),", counts).group(1), names.group(1))
        self.assertEqual(len(values), int(names.group(1)))


if __name__ == "__main__":
    unittest.main()
