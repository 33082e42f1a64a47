# SPDX-License-Identifier: Apache-2.0
"""MaixPy's module `KPU`: its functions, their arguments and what they return.

Where firmware releases differ, the later one is followed; forward() also takes the earlier meaning
of its third argument. Objects have methods, not attributes, as on the board.
"""
import math

import numpy as np

from .._golden import Error
from .. import network
from . import _board
from ._image import Image

_CONVOLUTION = 10240  # the file format's number of a KPU layer


class _Record:
    """An object of which each value is a method, printed as the board prints it."""

    def __init__(self, **values):
        self._values = values
        for name, value in values.items():
            setattr(self, name, lambda value=value: value)

    def __repr__(self):
        parts = (f'"{name}":{value:f}' if isinstance(value, float) else f'"{name}":{value}'
                 for name, value in self._values.items())
        return "{" + ", ".join(parts) + "}"


class kpu_net:
    """What load() gives."""

    def __init__(self, place):
        self._place = place
        self._network = network.Network(_board.file_of(place))
        self._yolo2 = None
        self._layers = None
        self._shapes = {}
        self.last = None  # openkpu.NetworkResult of the last run, with cycles and counters

    def __repr__(self):
        return f'{{"model_addr": {self.model_addr()}, "model_path": "{self.model_path()}"}}'

    def model_addr(self):
        return self._place if isinstance(self._place, int) else None

    def model_path(self):
        return None if isinstance(self._place, int) else self._place

    def model_size(self):
        with open(self._network.path, "rb") as file:
            return len(file.read())

    def net_arg(self):
        return self._yolo2

    def _run(self, img, layers=None):
        if self._network is None:
            raise ValueError("[MAIXPY]kpu: the network was given to deinit()")
        if not isinstance(img, Image):
            raise TypeError("[MAIXPY]kpu: expected an image")
        shape = tuple(self._network.inputs[0]["shape"])
        if img.planes().shape != shape[-3:]:
            raise ValueError(f"[MAIXPY]kpu: img w={img.width()},h={img.height()},"
                             f"ch={img.planes().shape[0]}, but model wants {shape}")
        self.last = self._network.run(img.planes(), engine=_board.settings.engine, layers=layers)
        if self.last.match is False:
            raise Error("RTL and golden model differ")
        return self.last

    def _output(self, index):
        """An output of the last run, with the shape that set_outputs() states."""
        if self.last is None or not 0 <= index < len(self.last.outputs):
            raise ValueError(f"[MAIXPY]kpu: no output {index}")
        values = self.last.outputs[index]
        shape = self._shapes.get(index, values.shape)
        if math.prod(shape) != values.size:
            raise ValueError(f"[MAIXPY]kpu: set_outputs {shape}, but there are {values.size}")
        return kpu_fmap(values.reshape(shape), len(self._network.layers) - 1)


def _need_net(net):
    if not isinstance(net, kpu_net):
        raise TypeError("[MAIXPY]kpu: kpu_net type error")


def load(place):
    """A network from a file, or from a flash address that configure() knows."""
    return kpu_net(place)


def init_yolo2(kpu_net, threshold, nms_value, anchor_number, anchor):
    """Sets what run_yolo2() decodes with. True."""
    _need_net(kpu_net)
    for name, value in (("threshold", threshold), ("nms_value", nms_value)):
        if not 0 <= value <= 1:
            raise ValueError(f"[MAIXPY]kpu: {name} only support 0 to 1")
    if anchor_number <= 0 or len(anchor) != 2 * anchor_number:
        raise ValueError("[MAIXPY]kpu: anchor_number should > 0, with two numbers for each")
    kpu_net._yolo2 = _Record(threshold=float(threshold), nms_value=float(nms_value),
                             anchor_number=anchor_number, anchor=tuple(map(float, anchor)))
    return True


def run_yolo2(kpu_net, img):
    """A list of objects with x(), y(), w(), h(), rect(), classid(), index(), value(), objnum(), in
    pixels, best first; None if there are none."""
    _need_net(kpu_net)
    if kpu_net._yolo2 is None:
        raise ValueError("[MAIXPY]kpu: expected init_yolo2() before")
    args = kpu_net._yolo2
    kpu_net._run(img)
    _, _, boxes = network.interpret(kpu_net._output(0).numpy(), args.anchor(), args.threshold(),
                                    args.nms_value())
    found = []
    for index, box in enumerate(boxes):
        x0, y0 = (max(int((c - s / 2) * n), 0)
                  for c, s, n in ((box.x, box.w, img.width()), (box.y, box.h, img.height())))
        x1, y1 = (min(int((c + s / 2) * n), n - 1)
                  for c, s, n in ((box.x, box.w, img.width()), (box.y, box.h, img.height())))
        found.append(_Record(x=x0, y=y0, w=x1 - x0, h=y1 - y0, value=box.score,
                             classid=box.class_index, index=index, objnum=len(boxes)))
        found[-1].rect = lambda rect=(x0, y0, x1 - x0, y1 - y0): rect
    return found or None


class kpu_fmap:
    """A feature map: all channels of one layer's output. Numbers by index or slice."""

    def __init__(self, values, index):
        self._values, self._index = values, index

    def _chw(self):
        return (1,) * (3 - self._values.ndim) + self._values.shape[-3:]

    def __getitem__(self, place):
        flat = self._values.reshape(-1)[place]
        return tuple(flat.tolist()) if isinstance(place, slice) else flat.item()

    def __len__(self):
        return self._values.size

    def numpy(self):
        """The values, not copied."""
        return self._values

    def size(self):
        return self._values.nbytes

    def index(self):
        return self._index

    def ch(self):
        return self._chw()[0]

    def h(self):
        return self._chw()[1]

    def w(self):
        return self._chw()[2]

    def typecode(self):
        return "f" if self._values.dtype == np.float32 else "B"


def set_layers(kpu_net, layers):
    """Runs only the first so many layers from now on; 0 or less: all. Whether that is possible."""
    _need_net(kpu_net)
    most = sum(layer["kpu"] is not None for layer in kpu_net._network.layers)
    if layers > most:
        return False
    kpu_net._layers = layers if layers > 0 else None
    return True


def set_outputs(kpu_net, out_index, w, h, ch):
    """States the shape of an output whose file does not (v4). True."""
    _need_net(kpu_net)
    kpu_net._shapes[out_index] = (ch, h, w)
    return True


def forward(kpu_net, img, out_index=0):
    """The output `out_index` as a feature map. After set_layers(), or where there is no output of
    that number, the map of that KPU layer, counted from 0."""
    _need_net(kpu_net)
    layers = kpu_net._layers
    if layers is None and out_index >= len(kpu_net._network.outputs):
        layers = out_index + 1
    result = kpu_net._run(img, layers)
    if layers is not None:
        if len(result.layers) < layers:
            raise ValueError(f"[MAIXPY]kpu: layer {out_index}, but there are {len(result.layers)}")
        return kpu_fmap(result.layers[-1].output, layers - 1)
    return kpu_net._output(out_index)


def get_output(kpu_net, out_index=0):
    """An output of the last forward() or run_yolo2() as a feature map."""
    _need_net(kpu_net)
    return kpu_net._output(out_index)


def fmap(fmap, channel):
    """A channel of a feature map of bytes as a grey image."""
    if not 0 <= channel < fmap.ch():
        raise ValueError(f"[MAIXPY]kpu: ch err,input 0~{fmap.ch() - 1}")
    if fmap.typecode() != "B":
        raise ValueError("[MAIXPY]kpu: can't convert float fmap")
    return Image(fmap.numpy().reshape(fmap._chw())[channel])


def fmap_free(fmap):
    """Nothing to do here. None."""


def netinfo(kpu_net):
    """A list of objects with index(), type(), wi(), hi(), wo(), ho(), chi(), cho(), dw(),
    kernel_type(), pool_type(), para_size(): zeros for layers that do not run on the KPU."""
    _need_net(kpu_net)
    infos = []
    for index, layer in enumerate(kpu_net._network.layers):
        kpu = layer["kpu"]
        if kpu is None:
            infos.append(_Record(index=index, type=0, wi=0, hi=0, wo=0, ho=0, chi=0, cho=0, dw=0,
                                 kernel_type=0, pool_type=0, para_size=layer["file_bytes"]))
            continue
        (chi, hi, wi), (cho, ho, wo) = kpu["in_shape"], kpu["out_shape"]
        infos.append(_Record(index=index, type=_CONVOLUTION, wi=wi, hi=hi, wo=wo, ho=ho, chi=chi,
                             cho=cho, dw=int(kpu["depthwise"]), kernel_type=kpu["kernel"] // 2,
                             pool_type=kpu["pool"], para_size=kpu["load_bytes"]))
    return infos


def softmax(values):
    """Softmax of a list or feature map of numbers, as a list."""
    numbers = np.array(values[:] if isinstance(values, kpu_fmap) else values, np.float64)
    weights = np.exp(numbers - numbers.max())
    return (weights / weights.sum()).tolist()


def sigmoid(value):
    """1 / (1 + exp(-value))."""
    return 1 / (1 + math.exp(-value))


def memtest():
    """Prints where the board prints its free memory; there is no such limit here. None."""
    print("###free gc heap memory : no limit")
    print("###free sys heap memory: no limit")


def deinit(kpu_net):
    """Lets go of the network. True."""
    _need_net(kpu_net)
    kpu_net._network = None
    return True
