# SPDX-License-Identifier: Apache-2.0
"""The forms in which the IP core leaves the repository: lists of files, one file of plain Verilog, a packaging script.

That openkpu.core, Bender.yml and ip/openkpu.f are what rtl/kpu.f says is part of test_configs.py; here: that nothing of
the RTL is in no list, that plain Verilog is read without a warning, that Vivado's script gives it every file.
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import configs  # noqa: E402
import filelists  # noqa: E402


def run(*command, folder=ROOT):
    """The result of a command, output and errors together."""
    return subprocess.run([str(word) for word in command], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)


def messages(done):
    """What a tool printed, without the report that newer Verilators end with."""
    return [line for line in done.stdout.splitlines() if not line.startswith("- ")]


class Lists(unittest.TestCase):
    def test_every_file_of_the_rtl_is_in_one_list(self):
        there = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "rtl").rglob("*") if path.suffix in (".sv", ".v"))
        self.assertEqual(sorted(filelists.core_files() + filelists.system()), there)

    def test_each_form_names_each_file_once(self):
        for form, text in filelists.generated():
            for file in filelists.core_files():
                self.assertEqual(len(re.findall(rf"(?<!\S){re.escape(file)}(?![\w.])", text)), 1, f"{form}: {file}")

    def test_the_plain_list_is_enough_for_a_simulator(self):
        done = run("verilator", "--lint-only", "-Wall", "rtl/lint.vlt", "rtl/ip/lint.vlt", "-f", "ip/openkpu.f",
                   "--top-module", "openkpu")
        self.assertEqual((done.returncode, messages(done)), (0, []))


class PlainVerilog(unittest.TestCase):
    def test_it_says_what_it_is_and_is_read_without_a_warning(self):
        with tempfile.TemporaryDirectory() as folder:
            done = run("scripts/verilog.sh", folder, "smallest", "openkpu")
            self.assertEqual(done.returncode, 0, done.stdout)
            file = pathlib.Path(folder) / "openkpu_smallest.v"
            head = file.read_text()[:1500]
            for name, value in configs.top_parameters("smallest").items():
                self.assertIn(f"{name}={value}", head)
            for command in (("verilator", "--lint-only", "-Wall", "--top-module", "openkpu", file.name),
                            ("iverilog", "-g2005", "-Wall", "-s", "openkpu", "-o", "openkpu.vvp", file.name)):
                done = run(*command, folder=folder)
                self.assertEqual((done.returncode, messages(done)), (0, []), command[0])
            self.assertEqual(sorted(path.name for path in pathlib.Path(folder).iterdir()),
                             ["openkpu.vvp", "openkpu_smallest.v"])

    def test_another_top_is_refused(self):
        done = run("scripts/verilog.sh", "/nowhere", "smallest", "kpu_soc")
        self.assertEqual((done.returncode, done.stdout),
                         (2, "verilog: top module kpu_soc: expected kpu_top or openkpu\n"))


class Vivado(unittest.TestCase):
    def test_the_packaging_script_hands_over_every_file(self):
        done = run("yosys", "-q", "-c", "tests/ip/vivado_stub.tcl")
        self.assertEqual(done.returncode, 0, done.stdout)
        calls = [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("CALL")]
        words = [word.strip("{}") for call in calls if call[0] == "add_files" for word in call]
        added = [word for word in words if word.startswith("/")]
        expected = [*filelists.core_files(), "rtl/kpu_assert.svh", "ip/openkpu.xdc"]
        self.assertEqual([str(pathlib.Path(path).relative_to(ROOT)) for path in added], expected)
        for file in expected:
            self.assertTrue((ROOT / file).exists(), file)
        self.assertEqual([call[0] for call in calls][-2:], ["ipx::save_core", "close_project"])


if __name__ == "__main__":
    unittest.main()
