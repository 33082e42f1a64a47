# SPDX-License-Identifier: Apache-2.0
"""Signal to noise of outputs against wanted ones, as JSON.

    score.py GOT WANTED.npz

GOT is an .npz with o0, o1, .. (and perhaps `seconds`), or a folder with a dump of `kpu run` for each picture.
"""

import json
import pathlib
import sys

import numpy as np


def outputs_of(got, names):
    if got.suffix == ".npz":
        return np.load(got)
    dumps = sorted(folder for folder in got.iterdir() if folder.is_dir())
    return {name: np.stack([np.load(dump / f"output_{name[1:]}.npy") for dump in dumps]) for name in names}


def main():
    wanted = np.load(sys.argv[2])
    got = outputs_of(pathlib.Path(sys.argv[1]), wanted.files)
    signal = noise = 0.0
    for name in wanted.files:
        right = wanted[name].astype(np.float64).reshape(len(wanted[name]), -1)
        signal += (right**2).sum()
        noise += ((got[name].reshape(right.shape) - right) ** 2).sum()
    result = {"db": 10 * np.log10(signal / max(noise, 1e-30))}
    if "seconds" in got:
        result["seconds"] = float(got["seconds"])
    print(json.dumps(result))


if __name__ == "__main__":
    main()
