# SPDX-License-Identifier: Apache-2.0
"""MaixPy's module `image`, as far as scripts that use the KPU need it. Pixels are uint8 H x W x 1
(grey) or H x W x 3 (RGB); the KPU gets all eight bits, as the board's camera gives them to it."""
import os

import numpy as np

from .. import _golden
from .._golden import Error


def _rgb(color):
    """A colour as (r, g, b), grey or RGB565 number."""
    if isinstance(color, (tuple, list)):
        return tuple(color)
    return ((color >> 11 & 31) * 255 // 31, (color >> 5 & 63) * 255 // 63, (color & 31) * 255 // 31)


class Image:
    """A picture: from a file (scaled to `size`, width and height, if given), from an array, or
    black. On the board Image() is a black one of the screen's size, and so it is here."""

    def __init__(self, source=None, size=(320, 240), grey=False):
        if isinstance(source, (str, os.PathLike)):
            self._pixels = _golden.load_picture(os.fspath(source), 1 if grey else 3, size[1],
                                                size[0])
        elif source is not None:
            pixels = np.asarray(source, np.uint8)
            self._pixels = np.ascontiguousarray(pixels[..., None] if pixels.ndim == 2 else pixels)
        else:
            self._pixels = np.zeros((size[1], size[0], 1 if grey else 3), np.uint8)

    def __repr__(self):
        kind = "grayscale" if self._pixels.shape[2] == 1 else "rgb565"
        return f'{{"w":{self.width()}, "h":{self.height()}, "type":"{kind}"}}'

    def numpy(self):
        """The pixels, H x W x 1 or H x W x 3, not copied."""
        return self._pixels

    def planes(self):
        """The pixels as the KPU's input, C x H x W."""
        return np.ascontiguousarray(self._pixels.transpose(2, 0, 1))

    def width(self):
        return self._pixels.shape[1]

    def height(self):
        return self._pixels.shape[0]

    def copy(self, *_, **__):
        return Image(self._pixels.copy())

    def pix_to_ai(self):
        """Nothing to do: the KPU takes the pixels as they are."""

    def get_pixel(self, x, y):
        pixel = self._pixels[y, x]
        return int(pixel[0]) if len(pixel) == 1 else tuple(int(v) for v in pixel)

    def set_pixel(self, x, y, color):
        self._pixels[y, x] = _rgb(color)[:self._pixels.shape[2]]

    def to_grayscale(self, copy=False):
        weights = np.array([77, 150, 29])
        grey = self._pixels if self._pixels.shape[2] == 1 else (
            (self._pixels @ weights) >> 8).astype(np.uint8)[..., None]
        target = Image(grey) if copy else self
        target._pixels = grey
        return target

    def invert(self):
        self._pixels = 255 - self._pixels
        return self

    def stretch(self, low, high):
        """Scales the values so that they fill low..high, as the board does for feature maps."""
        values = self._pixels.astype(np.int32)
        span = max(int(values.max()) - int(values.min()), 1)
        self._pixels = ((values - values.min()) * (high - low) // span + low).astype(np.uint8)
        return self

    def resize(self, width, height):
        """Nearest pixels."""
        rows = np.arange(height) * self.height() // height
        columns = np.arange(width) * self.width() // width
        return Image(self._pixels[rows][:, columns])

    def draw_rectangle(self, x, y=None, w=None, h=None, color=(255, 255, 255), thickness=1, **_):
        if y is None or isinstance(x, (tuple, list)):
            x, y, w, h = x
        x0, y0 = max(x, 0), max(y, 0)
        x1, y1 = min(x + w, self.width()), min(y + h, self.height())
        if x1 <= x0 or y1 <= y0:
            return self
        value = _rgb(color)[:self._pixels.shape[2]]
        inside = self._pixels[y0:y1, x0:x1]
        for edge in (inside[:thickness], inside[-thickness:], inside[:, :thickness],
                     inside[:, -thickness:]):
            edge[:] = value
        return self

    def draw_image(self, other, x, y=None, **_):
        if y is None:
            x, y = x
        rows = min(other.height(), self.height() - y)
        columns = min(other.width(), self.width() - x)
        if rows > 0 and columns > 0:
            self._pixels[y:y + rows, x:x + columns] = other._pixels[:rows, :columns]
        return self

    def draw_string(self, x, y, text, color=(255, 255, 255), scale=1, **_):
        self._pixels = _golden.draw_text(self._pixels, x, y, str(text), int(scale), _rgb(color))
        return self

    def save(self, path, *_, **__):
        """Writes a PNG."""
        if not str(path).endswith(".png"):
            raise Error(f"{path}: expected a name that ends with .png")
        _golden.save_picture(os.fspath(path), np.ascontiguousarray(self._pixels))
        return self
