# SPDX-License-Identifier: Apache-2.0
"""Scenes with known contents, drawn by code: the same seed gives the same picture.

    scenes.py FOLDER --seed S --first F --count N

writes FOLDER/scene_NNNN.png and FOLDER/truth.csv (file, label, then centre x, centre y, width and
height of the box as fractions of the picture).
"""

import argparse
import csv
import pathlib

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

import shapes

WIDTH, HEIGHT = 320, 240
FINE = 4  # an object's mask is drawn this much finer than the picture

# A seed names a set of scenes; these never meet in training.
TRAINING, HELD_BACK, CALIBRATION, VALIDATION = 1, 2, 3, 4


def colour(rng):
    return rng.uniform(0, 255, 3)


def colour_unlike(rng, others, distance):
    """A colour at least so far from each of the others, or the farthest of 20."""
    tried = [colour(rng) for _ in range(20)]
    far = [min(np.linalg.norm(c - o) for o in others) for c in tried]
    return next((c for c, d in zip(tried, far) if d > distance), tried[int(np.argmax(far))])


def smooth(rng, rows, columns, channels):
    """Random values on a coarse grid, drawn out to the picture's size; from 0 to 1."""
    grid = rng.uniform(0, 255, (rows, columns, channels)).astype(np.uint8)
    planes = [Image.fromarray(grid[:, :, c]).resize((WIDTH, HEIGHT), Image.BICUBIC)
              for c in range(channels)]
    return np.stack([np.asarray(p, np.float32) for p in planes], 2) / 255


def background(rng):
    a, b = colour(rng), colour(rng)
    kind = rng.choice(4, p=[0.3, 0.35, 0.2, 0.15])
    if kind == 0:  # one colour into another
        mix = smooth(rng, 2, 2, 1)
    elif kind == 1:  # clouds
        mix = smooth(rng, int(rng.integers(3, 16)), int(rng.integers(3, 20)), 1)
    elif kind == 2:  # stripes
        y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
        angle, length = rng.uniform(0, np.pi), rng.uniform(8, 60)
        wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / length)
        mix = np.clip(wave * rng.uniform(0.5, 4), -1, 1)[:, :, None] * 0.5 + 0.5
        b = a + (b - a) * rng.uniform(0.1, 0.7)
    else:  # speckles in colour
        return smooth(rng, int(rng.integers(3, 24)), int(rng.integers(3, 30)), 3) * rng.uniform(
            100, 255)
    return (a + (b - a) * mix).astype(np.float32)


def blot(canvas, contours, colours, opacity, shade=None):
    """Paints a shape's layers (in pixels) with the colours of paints 1 and 2 over the picture."""
    points = contours[0][0]
    low = np.maximum(np.floor(points.min(0)).astype(int) - 1, 0)
    high = np.minimum(np.ceil(points.max(0)).astype(int) + 1, [WIDTH, HEIGHT])
    if (high <= low).any():
        return
    size = high - low
    masks = [Image.new("L", tuple(int(s) for s in size * FINE)) for _ in range(2)]
    pens = [ImageDraw.Draw(m) for m in masks]
    for points, paint in contours:
        local = [tuple(p) for p in (points - low) * FINE]
        pens[0].polygon(local, fill=255 if paint else 0)
        if paint != 1:
            pens[1].polygon(local, fill=255 if paint else 0)
    body, ink = [np.asarray(m.reduce(FINE), np.float32)[:, :, None] / 255 for m in masks]
    paint = colours[0] * (1 - ink) + colours[1] * ink
    if shade is not None:
        paint = paint * shade[low[1]:high[1], low[0]:high[0]]
    part = canvas[low[1]:high[1], low[0]:high[0]]
    part += (paint - part) * (body * opacity)


def clutter(rng, canvas, count):
    """Things of no class: bars, discs, boxes, empty plates, crooked polygons."""
    for _ in range(count):
        centre = rng.uniform([0, 0], [WIDTH, HEIGHT])
        size = np.exp(rng.uniform(np.log(4), np.log(90)))
        kind = rng.integers(4)
        if kind == 0:
            end = centre + rng.normal(0, 120, 2)
            points = shapes.stroke([centre, end], rng.uniform(1, 9))
        elif kind == 1:
            points = shapes.polygon(30) * size * rng.uniform(0.4, 1, 2) / 2 + centre
        elif kind == 2:
            turn = rng.uniform(0, np.pi)
            spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
            points = (shapes.plate(rng) * rng.uniform(0.3, 1, 2)) @ spin * size / 2 + centre
        else:
            angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(4, 8))))
            radius = rng.uniform(0.3, 1, len(angles)) * size / 2
            points = np.stack([np.cos(angles), np.sin(angles)], 1) * radius[:, None] + centre
        blot(canvas, [(points, 1)], (colour(rng), 0), rng.uniform(0.4, 1))


def place(rng, label, boxes):
    """An object's layers in pixels where it covers no other; None if there is no room."""
    layers, tilt = shapes.make(label, rng)
    for _ in range(12):
        size = np.exp(rng.uniform(np.log(26), np.log(150)))
        turn = rng.uniform(-tilt, tilt)
        stretch = np.diag(np.exp(rng.normal(0, 0.1, 2)))
        shear = np.array([[1, rng.normal(0, 0.1)], [0, 1]])
        spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        transform = stretch @ spin @ shear * size / 2
        outline = layers[0][0] @ transform
        low, high = outline.min(0), outline.max(0)
        room = np.array([WIDTH, HEIGHT]) - (high - low)
        if (room < 2).any() or max(high - low) < 22:
            continue
        at = rng.uniform(1, room - 1) - low
        box = np.concatenate([low + at, high + at])
        if all(min(box[2], o[2]) - max(box[0], o[0]) < 2 or
               min(box[3], o[3]) - max(box[1], o[1]) < 2 for o in boxes):
            return [(points @ transform + at, paint) for points, paint in layers], box
    return None


def light(rng, canvas):
    """Uneven light, a tint, gamma, blur and the sensor's noise."""
    if rng.random() < 0.7:
        canvas = canvas * (1 - rng.uniform(0, 0.65) * smooth(rng, 2, 3, 1))
    canvas = canvas * rng.uniform(0.8, 1.15, 3)
    canvas = 255 * np.clip(canvas / 255, 0, 1) ** rng.uniform(0.75, 1.35)
    if rng.random() < 0.6:
        picture = Image.fromarray(canvas.astype(np.uint8))
        blurred = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.3)))
        canvas = np.asarray(blurred, np.float32)
    if rng.random() < 0.7:
        sigma = rng.uniform(1, 14)
        canvas = canvas + sigma * rng.standard_normal(canvas.shape, np.float32)
    return np.clip(np.rint(canvas), 0, 255).astype(np.uint8)


def render(seed, index):
    """Scene `index` of the set `seed`: picture (240, 320, 3) of bytes, and a list of (class, box)
    with boxes x0, y0, x1, y1 in pixels."""
    rng = np.random.default_rng([seed, index])
    canvas = background(rng)
    clutter(rng, canvas, int(rng.integers(0, 14)))
    truth, boxes = [], []
    for _ in range(int(rng.integers(1, 7))):
        kind = int(rng.integers(len(shapes.LABELS)))
        placed = place(rng, shapes.LABELS[kind], boxes)
        if placed is None:
            continue
        layers, box = placed
        x0, y0, x1, y1 = box.astype(int)
        around = canvas[y0:y1, x0:x1].mean((0, 1))
        body = colour_unlike(rng, [around], 110)
        ink = colour_unlike(rng, [around, body], 120)
        if rng.random() < 0.4:  # a shadow below it
            offset = rng.uniform(1, 5, 2)
            blot(canvas, [(p + offset, c) for p, c in layers], (0, 0), rng.uniform(0.2, 0.6))
        shade = 1 - rng.uniform(0, 0.4) * smooth(rng, 2, 2, 1) if rng.random() < 0.5 else None
        blot(canvas, layers, (body, ink), 1, shade)
        truth.append((kind, box))
        boxes.append(box)
    if rng.random() < 0.25:  # wires in front
        for _ in range(int(rng.integers(1, 4))):
            ends = rng.uniform([0, 0], [WIDTH, HEIGHT], (2, 2))
            blot(canvas, [(shapes.stroke(ends, rng.uniform(1, 3)), 1)], (colour(rng), 0), 1)
    return light(rng, canvas), truth


def fractions(box):
    x0, y0, x1, y1 = box
    return (x0 + x1) / 2 / WIDTH, (y0 + y1) / 2 / HEIGHT, (x1 - x0) / WIDTH, (y1 - y0) / HEIGHT


def file_name(index):
    return f"scene_{index:04d}.png"


def write(folder, seed, first, count):
    """Pictures and truth.csv of scenes first to first + count - 1 of a set."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "truth.csv", "w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["file", "label", "x", "y", "width", "height"])
        for index in range(first, first + count):
            picture, truth = render(seed, index)
            Image.fromarray(picture).save(folder / file_name(index))
            for kind, box in truth:
                rows.writerow([file_name(index), shapes.LABELS[kind],
                               *(f"{value:.5f}" for value in fractions(box))])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=HELD_BACK)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=200)
    arguments = parser.parse_args()
    write(arguments.folder, arguments.seed, arguments.first, arguments.count)


if __name__ == "__main__":
    main()
