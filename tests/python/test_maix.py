# SPDX-License-Identifier: Apache-2.0
"""MaixPy's names: the call sequences of the public demos (detector, feature maps, classifier), on
the repository's network and, where it is at hand, a face detector."""
import os
import pathlib

import numpy as np
import pytest

from openkpu import maix
from openkpu.maix import KPU as kpu

SHARED = pathlib.Path(os.environ.get("KPU_SHARED", pathlib.Path(__file__).parents[3] / "shared"))
FACES = SHARED / "images/faces_a_320x240.png"
ANCHORS = (1.889, 2.5245, 2.9465, 3.94056, 3.99987, 5.3658, 5.155437, 6.92275, 6.718375, 9.01025)

FEATURE_MAPS = """
import sensor, image, lcd
import KPU as kpu
lcd.init()
sensor.reset()
sensor.set_pixformat(sensor.RGB565)
sensor.set_framesize(sensor.QVGA)
sensor.set_windowing(({width}, {height}))
sensor.run(1)
task = kpu.load("/sd/edges.kmodel")
info = kpu.netinfo(task)
layer = info[0]
w, h = layer.wo(), layer.ho()
screen = image.Image()
while True:
    img = sensor.snapshot()
    fmap = kpu.forward(task, img, 1)
    for i in range(fmap.ch()):
        channel = kpu.fmap(fmap, i)
        channel.stretch(64, 255)
        screen.draw_image(channel, 0, 0)
    lcd.display(screen)
    kpu.fmap_free(fmap)
"""

DETECTOR = """
import sensor, image, lcd, time
import KPU as kpu
lcd.init()
sensor.reset()
sensor.set_pixformat(sensor.RGB565)
sensor.set_framesize(sensor.QVGA)
sensor.run(1)
task = kpu.load(0x300000)
anchor = {anchors}
a = kpu.init_yolo2(task, 0.5, 0.3, 5, anchor)
clock = time.clock()
while True:
    clock.tick()
    img = sensor.snapshot()
    code = kpu.run_yolo2(task, img)
    if code:
        for i in code:
            print(i)
            img.draw_rectangle(i.rect())
    lcd.display(img)
a = kpu.deinit(task)
"""


def test_feature_maps(tmp_path, examples, capsys):
    from openkpu import Network
    _, height, width = Network(examples / "edges.kmodel").inputs[0]["shape"]
    script = tmp_path / "script.py"
    script.write_text(FEATURE_MAPS.format(width=width, height=height))
    shown = maix.run_script(script, [examples / "scene.png"] * 2, root=examples)
    assert len(shown) == 2 and shown[0].numpy().any()
    np.testing.assert_array_equal(shown[0].numpy(), shown[1].numpy())


@pytest.mark.skipif(not FACES.exists(), reason="no face detector at hand")
def test_detector(tmp_path, capsys):
    script = tmp_path / "script.py"
    script.write_text(DETECTOR.format(anchors=ANCHORS))
    shown = maix.run_script(script, [FACES],
                            flash={0x300000: SHARED / "models/face_detect_v3.kmodel"})
    assert len(shown) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith('{"x":') and '"value":0.87' in lines[0]


def test_calls(examples):
    maix.configure()
    task = kpu.load(str(examples / "edges.kmodel"))
    channels, height, width = task._network.inputs[0]["shape"]
    img = maix.image.Image(examples / "scene.png", size=(width, height))
    info = kpu.netinfo(task)
    assert (info[0].chi(), info[0].hi(), info[0].wi()) == (channels, height, width)
    assert '"type":10240' in repr(info[0])
    whole = kpu.forward(task, img)
    assert whole.size() == len(whole) and whole[0:3] == tuple(whole[i] for i in range(3))
    assert kpu.get_output(task, 0)[:] == whole[:]
    assert kpu.set_layers(task, 1) and not kpu.set_layers(task, 99)
    first = kpu.forward(task, img)
    assert (first.ch(), first.h(), first.w()) == (info[0].cho(), info[0].ho(), info[0].wo())
    assert kpu.set_layers(task, 0)
    assert kpu.set_outputs(task, 0, len(whole), 1, 1)
    assert kpu.forward(task, img).w() == len(whole)
    assert sum(kpu.softmax([1, 2, 3])) == pytest.approx(1)
    assert kpu.memtest() is None and kpu.fmap_free(first) is None
    assert kpu.deinit(task) is True


def test_refused(examples):
    maix.configure()
    task = kpu.load(str(examples / "edges.kmodel"))
    with pytest.raises(TypeError):
        kpu.forward("task", None)
    with pytest.raises(ValueError, match="img w=320"):
        kpu.forward(task, maix.image.Image(size=(320, 200)))
    with pytest.raises(ValueError, match="anchor_number"):
        kpu.init_yolo2(task, 0.5, 0.3, 5, (1, 2))
    with pytest.raises(ValueError, match="threshold"):
        kpu.init_yolo2(task, 1.5, 0.3, 1, (1, 2))
    with pytest.raises(ValueError, match="expected init_yolo2"):
        kpu.run_yolo2(task, maix.image.Image())
    with pytest.raises(ValueError, match="flash 0x300000: no network there"):
        kpu.load(0x300000)
