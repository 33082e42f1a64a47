# SPDX-License-Identifier: Apache-2.0
"""ONNX networks to kmodel files."""
import dataclasses
import os

import numpy as np

from . import _golden
from ._golden import Error

RANGES = ("best", "min-max", "percentile", "least error")


@dataclasses.dataclass
class CompiledNetwork:
    """What compile() made.

    kmodel: the file's bytes (version 4). kpu_share: part of the multiplications that the KPU does,
    0..1. snr_db: of the outputs over the calibration pictures, to the float network. ranges: the
    rule that the codes' ranges follow.
    """
    kmodel: bytes
    kpu_share: float
    snr_db: float
    ranges: str


def _bytes_of(picture, shape):
    """A picture as planar bytes for an input of `shape` (1 x C x H x W)."""
    channels, height, width = ((1,) * 4 + tuple(shape))[-3:]
    if isinstance(picture, (str, os.PathLike)):
        pixels = _golden.load_picture(os.fspath(picture), channels, height, width)
        return np.ascontiguousarray(pixels.transpose(2, 0, 1))
    picture = np.asarray(picture)
    if picture.dtype != np.uint8 or picture.size != channels * height * width:
        raise Error(f"picture: {picture.dtype} of shape {picture.shape}, expected uint8 "
                    f"{channels} x {height} x {width}")
    if picture.shape[-3:] == (height, width, channels) != (channels, height, width):
        picture = np.moveaxis(picture, -1, -3)
    return np.ascontiguousarray(picture)


def compile(network, pictures=None, *, mean=0.0, deviation=1.0, ranges="best", output=None):
    """Compiles an ONNX network for the KPU, as `kpu compile` does.

    network: path of an ONNX file, opset 9 or newer, float weights.
    pictures: what the network will see, to choose ranges by: paths, or uint8 arrays C x H x W or
       H x W x C; for a network with several inputs a list of one for each. None: noise, from a
       fixed seed.
    mean, deviation: the network sees (byte / 255 - mean) / deviation.
    ranges: one of RANGES. output: a kmodel to write, or None.

    Returns a CompiledNetwork. Raises Error, naming node and attribute, for what cannot be compiled.
    """
    if ranges not in RANGES:
        raise Error(f"ranges={ranges}: expected one of {', '.join(RANGES)}")
    path = os.fspath(network)
    shapes = _golden.onnx_inputs(path)
    if pictures is None:
        random = np.random.default_rng(1)
        pictures = [[random.integers(0, 256, shape, dtype=np.uint8) for shape in shapes]
                    for _ in range(4)]
    listed = []
    for picture in pictures:
        inputs = picture if isinstance(picture, (list, tuple)) else [picture]
        if len(inputs) != len(shapes):
            raise Error(f"picture: {len(inputs)} inputs, expected {len(shapes)}")
        listed.append([_bytes_of(i, shape) for i, shape in zip(inputs, shapes)])
    if not listed:
        raise Error("pictures: none, expected one or more")
    result = CompiledNetwork(*_golden.compile(path, mean, deviation, listed, ranges))
    if output is not None:
        with open(output, "wb") as file:
            file.write(result.kmodel)
    return result
