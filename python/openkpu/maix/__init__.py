# SPDX-License-Identifier: Apache-2.0
"""MaixPy's names: a script written for the board runs here, on the golden model or the RTL.

    from openkpu.maix import KPU as kpu, configure, image
    configure(engine="rtl")
    task = kpu.load("face_detect.kmodel")
    kpu.init_yolo2(task, 0.5, 0.3, 5, anchors)
    print(kpu.run_yolo2(task, image.Image("photo.png")))

run_script() runs a whole script with `import KPU, sensor, image, lcd` in it; the camera gives
pictures from files, and the display keeps what it is shown.
"""
from . import _image as image
from . import _kpu as KPU
from ._board import NoMorePictures, configure, lcd, run_script, sensor

__all__ = ["KPU", "NoMorePictures", "configure", "image", "lcd", "run_script", "sensor"]
