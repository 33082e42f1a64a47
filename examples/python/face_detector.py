#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A face detector in MaixPy's words, on a PC.

face_detector.py NETWORK PICTURE [FOLDER] [ENGINE]

NETWORK is the 320x240 face detector of the board's demos (face_detect.kmodel), PICTURE any picture;
writes FOLDER/face_detector.png. ENGINE: golden (default), rtl or both.
"""
import pathlib
import sys

import openkpu.maix
from openkpu.maix import KPU as kpu
from openkpu.maix import image

network, picture = sys.argv[1:3]
out = pathlib.Path(sys.argv[3] if len(sys.argv) > 3 else ".")
openkpu.maix.configure(engine=sys.argv[4] if len(sys.argv) > 4 else "golden")

# %% From here on it is the board's script, with a picture from a file in the place of the camera's.
anchors = (1.889, 2.5245, 2.9465, 3.94056, 3.99987, 5.3658, 5.155437, 6.92275, 6.718375, 9.01025)
task = kpu.load(network)
kpu.init_yolo2(task, 0.5, 0.3, 5, anchors)
img = image.Image(picture)
faces = kpu.run_yolo2(task, img)
shown = img.copy()
for face in faces or []:
    print(face)
    shown.draw_rectangle(face.rect(), color=(0, 255, 0), thickness=2)
    shown.draw_string(face.x(), max(face.y() - 12, 0), f"{face.value():.2f}", color=(0, 255, 0))

# %% What the board does not tell: cycles of the RTL, and whether every layer is the reference's.
if task.last.cycles is not None:
    print(f"{task.last.cycles} cycles, {400e6 / task.last.cycles:.0f} frames/s at 400 MHz")

# %% A feature map of an early layer beside the result, as the board's second demo shows it.
kpu.set_layers(task, 3)
fmap = kpu.forward(task, img)
sheet = image.Image(size=(img.width() + 4 * fmap.w(), img.height()))
sheet.draw_image(shown, 0, 0)
for i in range(min(fmap.ch(), 16)):
    channel = image.Image(kpu.fmap(fmap, i).stretch(0, 255).numpy().repeat(3, axis=2))
    sheet.draw_image(channel, img.width() + i % 4 * fmap.w(), i // 4 * fmap.h())
out.mkdir(parents=True, exist_ok=True)
sheet.save(str(out / "face_detector.png"))
print(f"picture in {out / 'face_detector.png'}")
kpu.deinit(task)
