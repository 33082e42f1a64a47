# SPDX-License-Identifier: Apache-2.0
"""The parts of the board around the KPU: camera, display, flash and clock, as far as scripts that
use the KPU need them."""
import os
import runpy
import sys
import time
import types

from .._engines import check_engine
from .._golden import Error


class NoMorePictures(Exception):
    """The camera was asked for a picture and there is none left."""


class _Settings:
    engine = "golden"
    flash = {}
    root = "."


settings = _Settings()


def configure(engine="golden", flash=None, root="."):
    """Chooses what kpu.load() and kpu.forward() use from now on.

    engine: "golden", "rtl" or "both" (a mismatch raises Error).
    flash: {address: path of the network that lies there}, for kpu.load(0x300000).
    root: folder that stands for /sd and /flash.
    """
    check_engine(engine)
    settings.engine, settings.flash, settings.root = engine, dict(flash or {}), os.fspath(root)


def file_of(place):
    """The file behind a flash address, a path on the board's card, or an ordinary path."""
    if isinstance(place, int):
        if place not in settings.flash:
            raise Error(f"flash 0x{place:x}: no network there, expected one of "
                        f"{[hex(a) for a in settings.flash]} (configure(flash=...))")
        return os.fspath(settings.flash[place])
    for prefix in ("/sd/", "/flash/"):
        if place.startswith(prefix) and not os.path.exists(place):
            return os.path.join(settings.root, place[len(prefix):])
    return place


class _Camera(types.ModuleType):
    """The module `sensor`: gives pictures from files; all its settings are accepted."""
    RGB565, GRAYSCALE, YUV422 = 2, 1, 3
    QQVGA, QVGA, VGA = (160, 120), (320, 240), (640, 480)

    def __init__(self):
        super().__init__("sensor")
        self._pictures = iter(())
        self._size = self.QVGA
        self._grey = False

    def use(self, pictures):
        """The pictures that snapshot() gives, one after the other: paths."""
        self._pictures = iter(pictures)

    def reset(self, *_, **__):
        self._size, self._grey = self.QVGA, False

    def set_pixformat(self, pixformat):
        self._grey = pixformat == self.GRAYSCALE

    def set_framesize(self, size):
        self._size = size

    def set_windowing(self, window):
        self._size = tuple(window)[-2:]

    def snapshot(self):
        from ._image import Image
        try:
            path = next(self._pictures)
        except StopIteration:
            raise NoMorePictures("sensor.snapshot: no more pictures") from None
        return Image(path, size=self._size, grey=self._grey)

    def _accepted(self, *_, **__):
        return 0

    run = skip_frames = set_vflip = set_hmirror = set_auto_gain = set_auto_whitebal = _accepted
    set_brightness = set_contrast = set_saturation = shutdown = _accepted


class _Display(types.ModuleType):
    """The module `lcd`: keeps what it is shown in `shown`."""
    BLACK, WHITE, RED, GREEN, BLUE = 0x0000, 0xFFFF, 0xF800, 0x07E0, 0x001F

    def __init__(self):
        super().__init__("lcd")
        self.shown = []

    def display(self, image, *_, **__):
        self.shown.append(image.copy())

    def width(self):
        return 320

    def height(self):
        return 240

    def _accepted(self, *_, **__):
        return 0

    init = deinit = clear = rotation = direction = mirror = draw_string = _accepted


class _Clock:
    """What time.clock() gives on the board."""

    def __init__(self):
        self._start, self._ticks = time.monotonic(), 0

    def tick(self):
        self._ticks += 1

    def fps(self):
        return self._ticks / max(time.monotonic() - self._start, 1e-9)


class _Time(types.ModuleType):
    """The module `time` with what the board adds to it."""

    def __init__(self):
        super().__init__("time")

    clock = staticmethod(_Clock)

    def __getattr__(self, name):
        return getattr(time, name)


sensor = _Camera()
lcd = _Display()


def run_script(path, pictures, *, engine="golden", flash=None, root="."):
    """Runs a MaixPy script until it ends or asks for more pictures than there are.

    pictures: paths, one for each sensor.snapshot(). The rest is configure()'s.
    Returns the images that the script gave to lcd.display(), in order.
    """
    from . import _image, _kpu
    configure(engine, flash, root)
    sensor.use(pictures)
    lcd.shown = []
    modules = {"KPU": _kpu, "sensor": sensor, "image": _image, "lcd": lcd, "time": _Time()}
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        runpy.run_path(os.fspath(path), run_name="__main__")
    except NoMorePictures:
        pass
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
    return lcd.shown
