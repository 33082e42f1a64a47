# SPDX-License-Identifier: Apache-2.0
"""Exploring without the RTL: what of a space is refused and how, fronts against brute force, marginal values by hand, and a table
and report of made-up results that a browser opens. Areas and energies of points are test_point_models.py.

test_explore.py [KPU]: with the tool's path the models of a small space run, too. The browser is Chromium, if it is there.
The workflow's RTL steps are make explore.
"""
import contextlib
import copy
import itertools
import json
import math
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "explore")]

import candidates  # noqa: E402
import marginal  # noqa: E402
import pareto  # noqa: E402
import point_energy  # noqa: E402
import report  # noqa: E402
import space as spaces  # noqa: E402
import table  # noqa: E402

KPU_GIVEN = len(sys.argv) > 1 and not sys.argv[1].startswith("-")
KPU = sys.argv.pop(1) if KPU_GIVEN else None
SNAKEMAKE = next((str(path) for path in (ROOT / "out/explore-venv/bin/snakemake", shutil.which("snakemake"))
                  if path and pathlib.Path(path).exists()), None)
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
SPACE = {"description": "a test", "base": "lanes16", "parameters": {"PostLanes": [4, 16], "WeightRows": [512, 2048]},
         "networks": [{"name": "edges", "model": "examples/edges.kmodel", "input": "examples/scene.png"}],
         "synthesis": {"AiLines": 1024, "Perf": 0}}


@contextlib.contextmanager
def space_file(entry):
    """A file with a space, or with any text."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "mine.json"
        file.write_text(entry if isinstance(entry, str) else json.dumps(entry))
        yield file


def load(entry):
    """The space of a file with this entry."""
    with space_file(entry) as file:
        return spaces.load(file)


class Refusals(unittest.TestCase):
    def refusal(self, entry):
        """What a wrong file is refused with: one line that begins with its name."""
        with self.assertRaises(spaces.Failure) as caught:
            load(entry)
        text = str(caught.exception)
        self.assertEqual(len(text.splitlines()), 1, text)
        return text.split("mine.json: ")[1]

    def changed(self, **members):
        return self.refusal({**SPACE, **members})

    def test_members(self):
        self.assertIn("expected a JSON file", self.refusal("{"))
        self.assertEqual(self.refusal("[]").split("mine.json")[-1], "expected type object")
        self.assertIn("member parameter: expected one of ", self.changed(parameter={}))
        self.assertEqual(self.refusal({"description": "x"}), "member base: missing")
        self.assertIn("base nobody: expected one of ", self.changed(base="nobody"))
        self.assertEqual(self.changed(rtl_points=0), "rtl_points = 0: expected 1 to 1000")
        self.assertEqual(self.changed(rtl_points=True), "rtl_points: expected type integer")
        self.assertIn('objectives[1] = "area": expected one of cycles, lut', self.changed(objectives=["cycles", "area"]))
        self.assertEqual(self.changed(objectives=["cycles"]), "objectives: expected at least 2")
        self.assertEqual(self.changed(limits={"lut": -1}), "limits: lut = -1: expected at least 0")
        self.assertEqual(self.changed(limits={"mm2": 1}), "limits: member mm2: expected one of lut, ff, dsp, bram, cycles, energy, memory_energy")
        self.assertEqual(self.changed(memory={"ReadLatency": 0}), "memory: ReadLatency = 0: expected 1 to 10000")

    def test_parameters(self):
        self.assertEqual(self.changed(parameters={}), "parameters: expected at least 1")
        self.assertIn("parameters: parameter Lane: expected one of Lanes, ", self.changed(parameters={"Lane": [16]}))
        self.assertIn("parameters: Lanes = 48: expected one of ", self.changed(parameters={"Lanes": [16, 48]}))
        self.assertEqual(self.changed(parameters={"Lanes": 16}), "parameters: Lanes: expected type array")
        self.assertIn("a value stands there twice", self.changed(parameters={"Lanes": [16, 16]}))
        self.assertIn("expected several values of at least one", self.changed(parameters={"Lanes": [16]}))
        many = {"LayerFifo": list(range(2, 256)), "OutFifo": list(range(2, 256)), "MaxOutstanding": list(range(1, 17))}
        self.assertIn("combinations: expected at most 1000000", self.changed(parameters=many))
        self.assertIn("synthesis: AiLines = 1: expected one of ", self.changed(synthesis={"AiLines": 1}))

    def test_networks(self):
        edges = SPACE["networks"][0]
        self.assertEqual(self.changed(networks=[]), "networks: expected at least 1")
        self.assertEqual(self.changed(networks=[{"name": "x", "model": "y"}]), "networks[0]: member input: missing")
        self.assertEqual(self.changed(networks=[{**edges, "name": "a b"}]), 'networks[0]: name = "a b": expected ^[A-Za-z0-9_]+$')
        self.assertIn("networks[1]: name edges: there twice", self.changed(networks=[edges, edges]))
        self.assertEqual(self.changed(networks=[{**edges, "model": "no.kmodel"}]), "networks[0]: model no.kmodel: no such file")
        self.assertIn("none of them is there", self.changed(networks=[{**edges, "model": "no.kmodel", "optional": True}]))

    def test_a_command_prints_one_line(self):
        with space_file({**SPACE, "base": "nobody"}) as file:
            done = subprocess.run([sys.executable, ROOT / "explore/quick.py", file, "--out", file.parent / "out"],
                                  capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (2, 1), done.stderr)

    def test_the_spaces_of_the_repository_are_right(self):
        for file in (ROOT / "explore/spaces").glob("*.json"):
            self.assertEqual(spaces.load(file)["name"], file.stem)


class Fronts(unittest.TestCase):
    def test_against_brute_force(self):
        draw = random.Random(1)
        for round_ in range(200):
            size, objectives, values = draw.randint(0, 60), draw.randint(1, 4), draw.choice((3, 10, 1000))
            vectors = [tuple(draw.randint(1, values) for _ in range(objectives)) for _ in range(size)]
            expected = [i for i, one in enumerate(vectors)
                        if not any(all(a <= b for a, b in zip(other, one)) and any(a < b for a, b in zip(other, one))
                                   for other in vectors)]
            self.assertEqual(pareto.front(vectors), expected, f"round {round_} of seed 1")

    def test_what_stands_for_a_front(self):
        line = [(float(x), 100.0 / x) for x in range(1, 101)]
        chosen = pareto.spread(line, 3)
        self.assertEqual(sorted(chosen)[0::2], [0, 99])
        self.assertAlmostEqual(line[sorted(chosen)[1]][0], 10, delta=1)
        self.assertEqual(pareto.spread(line, 3), chosen)
        many = pareto.spread(line, 100)
        places = pareto.scaled(line)
        self.assertLess(10, len(many))
        self.assertLess(len(many), 40)
        for i, k in itertools.combinations(many, 2):
            self.assertGreater(math.dist(places[i], places[k]), pareto.NEAR)
        self.assertEqual(pareto.spread([(1.0, 1.0)] * 5, 3, taken=[0]), [])
        self.assertNotIn(7, pareto.spread(line, 20, taken=[7]))
        self.assertEqual(pareto.spread([], 3), [])


class Marginal(unittest.TestCase):
    def test_steps(self):
        points = [{"parameters": {"A": a, "B": b}, "cycles": a * b, "lut": 10 + b, "ff": None, "dsp": 4, "bram": 0}
                  for a, b in itertools.product((1, 2, 4), (1, 2))]
        steps = marginal.steps(points, {"A": 2, "B": 2}, {"A": [1, 2, 4], "B": [1, 2]})
        self.assertEqual([(s["parameter"], s["from"], s["to"], s["pairs"]) for s in steps], [("A", 2, 4, 2), ("A", 2, 1, 2), ("B", 2, 1, 3)])
        self.assertEqual(steps[0]["measures"]["cycles"], {"base": 1.0, "median": 1.0, "least": 1.0, "most": 1.0})
        self.assertAlmostEqual(steps[2]["measures"]["lut"]["base"], 11 / 12 - 1)
        self.assertEqual(set(steps[0]["measures"]), {"cycles", "lut", "dsp"})

    def test_a_base_outside_of_the_space(self):
        points = [{"parameters": {"A": a}, "cycles": 8 // a, "lut": a, "ff": a, "dsp": a, "bram": a} for a in (1, 2)]
        (step,) = marginal.steps(points, {"A": 4}, {"A": [1, 2]})
        self.assertEqual((step["from"], step["to"], step["measures"]["cycles"]["base"]), (2, 1, None))


def made_up():
    """A space and points as candidates.py writes them, with cycles that no model gave."""
    space = load(SPACE)
    base = space["base"]["parameters"]
    points = []
    for post, rows in itertools.product((16, 4), (2048, 512)):
        parameters = {**base, "PostLanes": post, "WeightRows": rows}
        layer = {"index": 0, "in": "3x8x8", "out": "4x8x8", "kernel": 3, "depthwise": False, "macs": 6912, "parameter_bytes": 200,
                 "cycles": 1600 / post, **dict.fromkeys(candidates.model.PARTS, 10.0)}
        points.append({"name": spaces.point_name(space, parameters), "role": "base" if parameters == base else "",
                       "parameters": parameters, "cycles": {"edges": 1600 // post}, "parts": {"edges": [10] * 6}, "refused": 0,
                       "energies": {"edges": {"cells_uj": 12.5 * rows, "memories_uj": 3.0 * rows}} if post == 16 else {},
                       "energy": {"energy": 12.5 * rows, "memory_energy": 3.0 * rows} if post == 16 else {},
                       "energy_table": "ring512" if post == 16 else "", "energy_unknown": "" if post == 16 else "PostLanes = 4 (measured)",
                       "relative": 16 / post, "area": {"lut": 1000 * post + rows, "ff": 900, "dsp": 150, "bram": 140},
                       "area_unknown": "", "against": "", "front": post == 16, "chosen": rows == 2048,
                       "layers": {"edges": [layer]}})
    return candidates.result(space, points)


def results(folder, entry):
    """What point.py would leave of the chosen points: the first has run, the second could not."""
    for point in entry["points"]:
        if not point["chosen"]:
            continue
        place = folder / point["name"]
        place.mkdir(parents=True)
        source = {"commit": "abc", "rtl": "123", "verilator": "V", "yosys": "Y", "compiler": "C", "python": "3"}
        ran = point["role"] == "base"
        write = lambda name, value: (place / name).write_text(json.dumps({"point": point["name"], **value, "provenance": source}))
        write("build.json", {"processor_seconds": 40, "wall_seconds": 30})
        write("area.json", {"total": {**point["area"], "carry": 1, "lutram": 2}, "processor_seconds": 5.0} if ran else {"error": "no"})
        layer = {**point["layers"]["edges"][0], "cycles": 101, "counters": {"array_busy": 90, "wait_post": 11}, "limiter": "array"}
        write("run_edges.json", {"network": "edges", "verdict": "match", "cycles": 101, "processor_seconds": 1.0, "layers": [layer]}
              if ran else {"network": "edges", "verdict": "not run", "error": "AI RAM: </script> too small", "processor_seconds": 0.1})


class Reports(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) if hasattr(self, "enterContext") else None
        if self.folder is None:
            temporary = tempfile.TemporaryDirectory()
            self.addCleanup(temporary.cleanup)
            self.folder = pathlib.Path(temporary.name)
        self.entry = json.loads(json.dumps(made_up()))
        results(self.folder / "points", self.entry)
        table.write(self.folder / "table.sqlite", self.entry, self.folder / "points")

    def test_the_table(self):
        database = sqlite3.connect(self.folder / "table.sqlite")
        count = lambda name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
        self.assertEqual([count(name) for name in ("points", "estimates", "areas", "builds", "runs", "layers")], [4, 4, 6, 2, 2, 5])
        rows = database.execute("SELECT name, verdict, runs.cycles, error FROM runs JOIN points ON id = point ORDER BY id").fetchall()
        self.assertEqual(rows, [("lanes16", "match", 101, ""), ("PostLanes4", "not run", None, "AI RAM: </script> too small")])
        database.close()

    def test_the_page_is_one_file(self):
        data = report.collect(self.folder / "table.sqlite")
        text = report.page(data)
        self.assertEqual(text.count("</script>"), 2)
        self.assertIsNone(re.search(r"%[A-Z]+%", text))
        self.assertIsNone(re.search(r"(src|href)\s*=\s*[\"']?\s*(https?:|//)|url\(|@import|fetch\(", text))
        self.assertEqual([built["point"] for built in data["built"]], [0, 2])
        self.assertEqual(data["layers"]["edges"]["points"][0]["source"], "rtl")
        self.assertEqual([point["energies"] for point in data["points"]],
                         [{"edges": {"energy": 12.5 * rows, "memory_energy": 3.0 * rows}} for rows in (2048, 512)] + [{}, {}])
        steps = {step["parameter"]: step["measures"] for step in data["marginal"]}
        self.assertEqual(steps["WeightRows"]["energy"]["base"], -0.75)
        self.assertNotIn("energy", steps["PostLanes"])

    def test_many_points_are_thinned(self):
        points = [{"id": i, "chosen": i == 9000, "front": i == 8000, "against": "", "relative": float(i)} for i in range(10000)]
        kept = report.shown(points)
        self.assertEqual(len(kept), report.MOST_SHOWN)
        self.assertEqual([point["id"] for point in kept[-2:]], [8000, 9000])

    @unittest.skipUnless(BROWSER, "no Chromium")
    def test_a_browser_opens_it(self):
        page = self.folder / "report.html"
        page.write_text(report.page(report.collect(self.folder / "table.sqlite")))
        done = subprocess.run(
            [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
             "--disable-background-networking", "--disable-component-update", f"--user-data-dir={self.folder / 'browser'}",
             "--virtual-time-budget=5000", "--dump-dom", page.as_uri()], capture_output=True, text=True, check=False, timeout=300)
        dom = done.stdout
        self.assertIn("<h1>a test</h1>", dom)
        # The script's last act; it would be missing after any error before.
        self.assertIn("points built from", dom)
        self.assertEqual(len(re.findall(r"<svg", dom)), 6 + 1 + 4)
        self.assertEqual(len(re.findall(r"<tr[^>]*><td class=\"t\">(?:lanes16|PostLanes4|WeightRows512)", dom.split('id="points"')[1])), 4)
        energy = dom.split('aria-label="energy in cells, \u00b5J over cycles')[1].split("</svg>")[0]
        self.assertEqual(len(re.findall(r'class="dot', energy)), 2)
        row = dom.split('<td class="t">lanes16 (base)</td>')[-1].split("</tr>")[0]
        self.assertIn("<td>25,600.0</td><td>6,144.0</td><td class=\"t\">ring512</td>", row)
        for text in ("1 of 2", "+300.0 %", "AI RAM", "not run", "0.18 um, osu018_stdcells", "2 of 4 points have energy",
                     "as PostLanes4: PostLanes = 4 (measured)", "no energy</td>", "\u221275.0 %"):
            self.assertIn(text, dom)


class Workflow(unittest.TestCase):
    @unittest.skipUnless(SNAKEMAKE and KPU_GIVEN, "no Snakemake, or no tool given")
    def test_a_dry_run(self):
        with space_file(SPACE) as file:
            done = subprocess.run(
                [SNAKEMAKE, "-s", "explore/Snakefile", "--cores", "1", "-n", "--nolock", "--config", f"space={file}",
                 f"kpu={KPU}", f"out={file.parent / 'out'}"], cwd=ROOT, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        for rule in ("candidates", "table", "report"):
            self.assertRegex(done.stdout + done.stderr, rf"\n(check)?(point|rule|localrule) ?{rule}:")


class Models(unittest.TestCase):
    """The tool runs: skipped without its path."""

    def setUp(self):
        if KPU is None:
            self.skipTest("no tool given")

    def test_a_space(self):
        space = load(SPACE)
        points = candidates.candidates(KPU, space)
        self.assertEqual(len(points), 4)
        base = next(point for point in points if point["role"] == "base")
        self.assertEqual((base["name"], base["relative"], base["chosen"]), ("lanes16", 1.0, True))
        for point in points:
            layers = candidates.model.layers(KPU, space, space["networks"][0], point["parameters"])
            self.assertAlmostEqual(sum(layer["cycles"] for layer in layers), point["cycles"]["edges"], delta=1)
        smaller = next(point for point in points if point["name"] == "PostLanes4_WeightRows512")
        self.assertLess(smaller["area"]["lut"], base["area"]["lut"])
        self.assertGreaterEqual(smaller["cycles"]["edges"], base["cycles"]["edges"])

    def test_energy(self):
        space = load(SPACE)
        points = {point["name"]: point for point in candidates.candidates(KPU, space)}
        self.assertEqual({name for name, point in points.items() if point["energy"]}, {"lanes16", "WeightRows512"})
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "e.json"
            subprocess.run([KPU, "estimate", ROOT / "examples/edges.kmodel", "--config", "ring512", "--energy", "--json", file],
                           check=True, capture_output=True)
            total = json.loads(file.read_text())["energy"]["total"]
        small, base = points["WeightRows512"]["energy"], points["lanes16"]["energy"]
        self.assertAlmostEqual(small["energy"] / total["cells_uj"], 1, 3)
        self.assertAlmostEqual(small["memory_energy"] / total["memories_uj"], 1, 3)
        self.assertGreater(base["memory_energy"], 1.05 * small["memory_energy"])
        self.assertEqual(points["PostLanes4"]["energy_unknown"], "PostLanes = 4 (measured: 1, 16)")
        # A configuration by itself comes to the same as in the sweep.
        again = candidates.named_point(KPU, space, space["base"], "base", point_energy.Tables.load())
        self.assertEqual(again["energies"], points["lanes16"]["energies"])
        entry = {**SPACE, "limits": {"energy": 1e9}, "objectives": ["cycles", "memory_energy"]}
        points = {point["name"]: point for point in candidates.candidates(KPU, load(entry))}
        self.assertEqual(points["PostLanes4"]["against"], "energy not known: PostLanes = 4 (measured: 1, 16)")
        self.assertEqual({name for name, point in points.items() if point["front"]}, {"WeightRows512"})

    def test_limits_leave_points_out(self):
        entry = copy.deepcopy(SPACE)
        entry["limits"] = {"dsp": 200}
        points = candidates.candidates(KPU, load(entry))
        self.assertEqual({point["against"] for point in points if point["parameters"]["PostLanes"] == 16}, {"dsp above 200"})
        entry["limits"] = {"dsp": 1}
        with self.assertRaisesRegex(spaces.Failure, "no point is left"):
            candidates.candidates(KPU, load(entry))


if __name__ == "__main__":
    unittest.main()
