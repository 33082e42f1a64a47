# SPDX-License-Identifier: Apache-2.0
"""A network file on the golden model, on the RTL, or on both."""
import dataclasses
import os
import typing

import numpy as np

from . import _golden
from ._engines import check_engine, rtl_backend
from ._golden import Error


@dataclasses.dataclass
class Box:
    """A detected object: centre and size as fractions of the picture."""
    x: float
    y: float
    w: float
    h: float
    class_index: int
    score: float
    label: str


@dataclasses.dataclass
class KpuLayer:
    """A KPU layer that ran.

    output: uint8, C x H x W after pooling (batches x C x H x W over several).
    counters: of the RTL ("cycles" among them), else empty.
    match: whether RTL and golden model agree, with engine="both"; else None.
    too_wide: values that do not fit 36 signed bits, where the golden model ran.
    """
    in_shape: tuple
    out_shape: tuple
    kernel: int
    depthwise: bool
    pool: int
    load_bytes: int
    macs: int
    output: np.ndarray
    counters: typing.Dict[str, int]
    model_layer: int
    too_wide: int
    match: typing.Optional[bool] = None


@dataclasses.dataclass
class NetworkResult:
    """What a network gave; the RTL's values where it ran.

    outputs: one array per output, with the file's shape and type (a row where it states none).
    layers: the KPU layers in order. cycles: of the RTL, over all layers, else None.
    counters: the RTL's, summed over the layers.
    boxes, classes: what the first output means, if it is a detector's or a classifier's:
    [Box, ..], best first, and [(index, probability), ..]. preset: the detector's name, or "".
    match: whether RTL and golden model agree in every layer and output, with engine="both".
    """
    outputs: typing.List[np.ndarray]
    layers: typing.List[KpuLayer]
    cycles: typing.Optional[int]
    counters: typing.Dict[str, int]
    boxes: typing.List[Box]
    classes: typing.List[typing.Tuple[int, float]]
    preset: str
    match: typing.Optional[bool]


def _planes(tensor, image, resize):
    """An input of the network as the array that it takes: a file, C x H x W or H x W x C."""
    shape, kind = tuple(tensor["shape"]), np.dtype(tensor["type"])
    chw = ((1,) * (3 - len(shape)) + shape)[-3:] if shape else None
    if isinstance(image, (str, os.PathLike)):
        if chw is None:
            raise Error(f"{image}: the network states no shape, expected an array")
        pixels = _golden.load_picture(os.fspath(image), chw[0], *(chw[1:] if resize else (0, 0)))
        if pixels.shape[:2] != chw[1:]:
            raise Error(f"{image}: {pixels.shape[1]}x{pixels.shape[0]} pixels, expected "
                        f"{chw[2]}x{chw[1]}, or resize=True")
        image = pixels.transpose(2, 0, 1)
        image = image.astype(np.int16) - 128 if kind == np.int8 else image
    image = np.asarray(image)
    if chw and image.shape != chw and image.shape == (chw[1], chw[2], chw[0]):
        image = image.transpose(2, 0, 1)
    if image.size * kind.itemsize != tensor["bytes"]:
        raise Error(f"input: shape {image.shape}, expected {shape or tensor['bytes']} {kind}")
    if kind.kind in "iu":
        limits = np.iinfo(kind)
        if image.dtype.kind not in "iu" or (image.dtype != kind and image.size and (
                image.min() < limits.min or image.max() > limits.max)):
            raise Error(f"input: {image.dtype}, expected {kind}")
    return np.ascontiguousarray(image, kind)


def _shaped(data, tensor, layers):
    values = data.view(np.dtype(tensor["type"]))
    shape = tuple(tensor["shape"])
    if not shape and layers and np.prod(layers[-1].out_shape) == values.size:
        shape = layers[-1].out_shape
    return values.reshape(shape) if shape else values


def interpret(output, anchors=(), threshold=None, nms=None):
    """What a float32 output means: (detector's name, [(class, probability), ..], [Box, ..])."""
    if output.dtype != np.float32:
        return "", [], []
    chw = output.reshape((1,) * (3 - output.ndim) + output.shape if output.ndim < 3
                         else (-1,) + output.shape[-2:])
    preset, classes, boxes = _golden.interpret(np.ascontiguousarray(chw), list(anchors), threshold,
                                               nms)
    return preset, classes, [Box(*box) for box in boxes]


class Network:
    """A kmodel (v1, v3, v4, v5) or a kfpkg package.

    Raises Error, naming layer and field, for a file that is damaged or cannot run.
    inputs, outputs: [{"type", "shape", "bytes"}, ..]; layers: all layers of the file, in order.
    """

    def __init__(self, path: typing.Union[str, os.PathLike], *, part: str = "",
                 v5_functions: str = ""):
        self.path = os.fspath(path)
        self._model = _golden.load_model(self.path, part, v5_functions)
        self._golden = {}
        self.format = self._model.format
        self.inputs = self._model.inputs
        self.outputs = self._model.outputs
        self.layers = self._model.layers

    def __repr__(self):
        return f"<openkpu.Network {self.path!r}: kmodel {self.format}, {len(self.layers)} layers>"

    def _run_on(self, backend, inputs, profile, layers):
        outputs, reports = self._model.run(inputs, backend, profile, layers)
        reports = [KpuLayer(**report) for report in reports]
        return [_shaped(o, t, reports) for o, t in zip(outputs, self.outputs)], reports

    def _golden_backend(self, profile, threads):
        # Kept from run to run, with what the fast path has prepared for each layer.
        if (profile, threads) not in self._golden:
            self._golden[profile, threads] = _golden.FastBackend(profile, threads)
        return self._golden[profile, threads]

    def run(self, image: typing.Any, *, engine: str = "golden",
            layers: typing.Optional[int] = None, profile: str = "default", threads: int = 1,
            resize: bool = False, anchors: typing.Sequence[float] = (),
            threshold: typing.Optional[float] = None, nms: typing.Optional[float] = None,
            meaning: bool = True, wave: typing.Optional[str] = None,
            wave_layer: int = 0) -> NetworkResult:
        """Runs the network once.

        image: a picture's path, or an array of the input's type, C x H x W (or H x W x C); for a
           network with several inputs a list of them. Pictures become planes R, G, B, 0..255.
        engine: "golden", "rtl" or "both". layers: only the first so many KPU layers; no outputs.
        profile: "default", "simulator", "simulator-1.0", "device" or "v0.1" (golden only).
        threads: of the golden model.
        resize: scale a picture of another size. anchors (w, h, ..), threshold, nms: of a YOLOv2
           detector; known detectors need none. meaning: False looks for no boxes and classes.
        wave: FST file for the waves of KPU layer `wave_layer`.

        Returns a NetworkResult. Raises Error (a ValueError) for an input that does not fit.
        """
        check_engine(engine)
        images = image if isinstance(image, (list, tuple)) else [image]
        if len(images) != len(self.inputs):
            raise Error(f"{len(images)} inputs, expected {len(self.inputs)}")
        if engine != "golden" and profile == "v0.1":
            raise Error("profile=v0.1: the RTL does not round so, expected engine=golden")
        inputs = [_planes(t, i, resize).reshape(-1).view(np.uint8)
                  for t, i in zip(self.inputs, images)]
        golden = None
        if engine != "rtl":
            golden = self._run_on(self._golden_backend(profile, threads), inputs, profile, layers)
        outputs, reports = golden or (None, None)
        match = None
        if engine != "golden":
            outputs, reports = self._run_on(rtl_backend(wave, wave_layer), inputs, profile, layers)
            if golden:
                match = _compare(outputs, reports, *golden)
        preset, classes, boxes = "", [], []
        if outputs and meaning:
            preset, classes, boxes = interpret(outputs[0], anchors, threshold, nms)
        counters = {}
        for report in reports:
            for name, value in report.counters.items():
                counters[name] = counters.get(name, 0) + value
        return NetworkResult(outputs, reports, counters.get("cycles"), counters, boxes, classes,
                             preset, match)


def _compare(outputs, reports, golden_outputs, golden_reports):
    """Marks the layers that agree; whether everything does."""
    for report, golden in zip(reports, golden_reports):
        report.match = bool(np.array_equal(report.output, golden.output))
        report.too_wide = golden.too_wide
    return all(report.match for report in reports) and all(
        o.tobytes() == g.tobytes() for o, g in zip(outputs, golden_outputs))
