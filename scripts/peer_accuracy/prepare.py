# SPDX-License-Identifier: Apache-2.0
"""Writes one network, its pictures and what it should give.

    prepare.py NETWORK FOLDER CALIBRATION_COUNT TEST_COUNT

Into FOLDER: folded.onnx, norms.onnx (if it has batch norms), calibration.npy and test.npy for the vendor's compiler, the
same pictures one a file in calibration/ and test/, and wanted.npz, ONNX Runtime's outputs o0, o1, .. as [count, ..].
"""

import pathlib
import sys

import numpy as np
import onnxruntime

import networks


def picture(random):
    """Planes of colour, a few shapes with hard edges, light from one side, noise: uint8 [3, size, size]."""
    size = networks.SIZE
    y, x = np.mgrid[0:size, 0:size] / size
    image = np.empty((3, size, size))
    image[:] = random.uniform(0.1, 0.9, (3, 1, 1)) + random.uniform(-0.4, 0.4) * x + random.uniform(-0.4, 0.4) * y
    for _ in range(random.integers(3, 9)):
        cx, cy, r, s = random.uniform(0, 1, 4)
        inside = ((x - cx) / (0.05 + 0.3 * r)) ** 2 + ((y - cy) / (0.05 + 0.3 * s)) ** 2 < 1
        if random.random() < 0.5:
            inside = (abs(x - cx) < 0.03 + 0.25 * r) & (abs(y - cy) < 0.03 + 0.25 * s)
        image[:, inside] = random.uniform(0, 1, (3, 1))
    waves = np.sin(random.uniform(-60, 60) * x + random.uniform(-60, 60) * y)
    image += random.uniform(0, 0.15) * waves + random.normal(0, random.uniform(0.005, 0.08), image.shape)
    return np.clip(np.round(image * 255), 0, 255).astype(np.uint8)


def write_pictures(folder, name, pictures):
    np.save(folder / f"{name}.npy", pictures)
    (folder / name).mkdir(exist_ok=True)
    for i, p in enumerate(pictures):
        np.save(folder / name / f"{i:03}.npy", p)


def main():
    name, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(5)
    test = np.stack([picture(random) for _ in range(int(sys.argv[4]))])
    write_pictures(folder, "test", test)
    write_pictures(folder, "calibration", np.stack([picture(random) for _ in range(int(sys.argv[3]))]))
    for folded, file in ((True, "folded"), (False, "norms")):
        if folded or name not in networks.WITHOUT_NORMS:
            model = networks.NETWORKS[name](folded).SerializeToString()
            (folder / f"{file}.onnx").write_bytes(model)
    session = onnxruntime.InferenceSession((folder / "folded.onnx").read_bytes())
    outputs = [session.run(None, {"x": (p[None] / np.float32(255)).astype(np.float32)}) for p in test]
    np.savez(folder / "wanted.npz", **{f"o{i}": np.stack(values) for i, values in enumerate(zip(*outputs))})


if __name__ == "__main__":
    main()
