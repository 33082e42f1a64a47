# SPDX-License-Identifier: Apache-2.0
"""The scripts in examples/python run and say what the documents say of them."""
import os
import pathlib
import subprocess
import sys

import pytest

import openkpu

SHARED = pathlib.Path(os.environ.get("KPU_SHARED", pathlib.Path(__file__).parents[3] / "shared"))


def run(script, *arguments):
    done = subprocess.run([sys.executable, script, *map(str, arguments)], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_verdict(examples):
    text = run(examples / "python/verdict.py")
    assert text.startswith("0 of 2048 outputs differ; 13 of 3391763 accumulators")


def test_one_layer(examples, tmp_path):
    pytest.importorskip("matplotlib")
    text = run(examples / "python/one_layer.py", tmp_path)
    assert text.count("0 of 12288 outputs differ") >= len(openkpu.ROUNDINGS)
    assert (tmp_path / "one_layer.png").exists()
    assert (tmp_path / "one_layer.fst").exists() == openkpu.has_rtl()


def test_face_detector(examples, tmp_path):
    network = SHARED / "models/face_detect_v3.kmodel"
    if not network.exists():
        pytest.skip("no face detector at hand")
    text = run(examples / "python/face_detector.py", network,
               SHARED / "images/faces_a_320x240.png", tmp_path)
    assert text.count('"classid":0') == 3
    assert (tmp_path / "face_detector.png").exists()
