# SPDX-License-Identifier: Apache-2.0
"""mAP@0.5 of the detector's float network, of the golden model and of the RTL on held-back scenes.

    detector_map.py --kpu build/kpu --detector examples/detector --work out/detector-map

The float network runs on ONNX Runtime; golden model and RTL run the committed kmodel with `kpu run`.
Exit code 1 if golden model and RTL differ anywhere.
"""

import argparse
import csv
import pathlib
import subprocess
import sys

import numpy as np
import onnxruntime
from PIL import Image

import detect
import scenes
import shapes

THRESHOLD = 0.05  # below it boxes are too many to matter and too bad to help


def read_truth(path):
    truth = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            box = np.array([float(row[key]) for key in ("x", "y", "width", "height")])
            truth.setdefault(row["file"], []).append((shapes.LABELS.index(row["label"]), box))
    return truth


def run_float(network, pictures, anchors):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    found = {}
    for path in pictures:
        planar = np.asarray(Image.open(path), np.float32).transpose(2, 0, 1)[None] / 255
        found[path.name] = detect.boxes(session.run(None, {name: planar})[0][0], anchors, THRESHOLD)
    return found


class Kpu:
    """The tool, with the committed kmodel."""

    def __init__(self, tool, detector, work):
        self.work = work
        self.start = [tool, "run", detector / "detector.kmodel"]
        self.decode = ["--anchors", (detector / "anchors.txt").read_text().strip(),
                       "--labels", detector / "labels.txt", "--threshold", THRESHOLD,
                       "--nms", detect.NMS]

    def run(self, *words):
        command = [str(word) for word in [*self.start, *words]]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 3):  # 3: a mismatch, counted below
            sys.exit(done.stdout[-2000:] + done.stderr[-2000:])

    def boxes(self, engine, pictures):
        """Boxes of each picture, and on how many pictures RTL and golden model agree."""
        names, table = self.work / f"{engine}.txt", self.work / f"{engine}.csv"
        names.write_text("".join(f"{path.resolve()}\n" for path in pictures))
        self.run(f"@{names}", "--engine", engine, "--csv", table, *self.decode)
        found, equal = {}, 0
        with open(table, newline="") as file:
            for row in csv.DictReader(file):
                found[pathlib.Path(row["input"]).name] = read_boxes(row["boxes"])
                equal += row["verdict"] == "match"
        return found, equal

    def head(self, picture):
        folder = self.work / "dump"
        self.run(picture, "--engine", "golden", "--post", "none", "--dump", folder)
        return np.load(folder / "output_0.npy")


def read_boxes(cell):
    """(class, score, box) of a cell of the table."""
    boxes = []
    for text in filter(None, cell.split("; ")):
        label, *numbers = text.rsplit(" ", 5)
        score, *box = map(float, numbers)
        boxes.append((shapes.LABELS.index(label), score, np.array(box)))
    return boxes


def check_decoders(tool, here):
    """The tool's boxes and those of detect.py are the same for the same head."""
    if len(tool) != len(here) or any(
            a[0] != b[0] or abs(a[1] - b[1]) > 1e-3 or abs(a[2] - b[2]).max() > 1e-3
            for a, b in zip(tool, here)):
        sys.exit("kpu run and train/detect.py decode the same head to other boxes")


def check_drawing(committed, drawn):
    """The scenes drawn here are those that the repository's figures are about."""
    for path in sorted(committed.glob("*.png")):
        here = drawn / path.name
        if here.exists() and (np.asarray(Image.open(path)) != np.asarray(Image.open(here))).any():
            print(f"{path} is drawn otherwise here: figures may differ a little from the README's")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kpu", type=pathlib.Path, required=True)
    parser.add_argument("--detector", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--count", type=int, default=200, help="held-back scenes")
    parser.add_argument("--rtl", type=int, help="of them on the RTL, too (default all)")
    arguments = parser.parse_args()
    folder = arguments.work / "scenes"
    folder.mkdir(parents=True, exist_ok=True)
    scenes.write(folder, scenes.HELD_BACK, 0, arguments.count)
    pictures = [folder / scenes.file_name(index) for index in range(arguments.count)]
    truth = read_truth(folder / "truth.csv")
    numbers = (arguments.detector / "anchors.txt").read_text().split(",")
    anchors = np.array(numbers, float).reshape(-1, 2)

    check_drawing(arguments.detector / "scenes", folder)
    kpu = Kpu(arguments.kpu, arguments.detector, arguments.work)
    on_rtl = pictures[:arguments.rtl]
    columns = {"float": run_float(str(arguments.detector / "detector.onnx"), pictures, anchors),
               "golden": kpu.boxes("golden", pictures)[0]}
    first = pictures[0]
    check_decoders(columns["golden"][first.name], detect.boxes(kpu.head(first), anchors, THRESHOLD))
    rtl, equal = kpu.boxes("both", on_rtl) if on_rtl else ({}, 0)
    if len(on_rtl) == len(pictures):
        columns["RTL"] = rtl
    precisions = {name: detect.average_precisions(found, truth, len(shapes.LABELS))
                  for name, found in columns.items()}
    print(f"{'AP@0.5':<10}" + "".join(f"{name:>9}" for name in columns))
    for kind, label in enumerate(shapes.LABELS):
        print(f"{label:<10}" + "".join(f"{p[kind]:9.4f}" for p in precisions.values()))
    print(f"{'mean':<10}" + "".join(f"{np.mean(p):9.4f}" for p in precisions.values()))
    print(f"{len(pictures)} scenes, {sum(map(len, truth.values()))} objects; "
          f"RTL and golden model equal on {equal} of {len(on_rtl)} scenes")
    return equal != len(on_rtl)


if __name__ == "__main__":
    sys.exit(main())
