# SPDX-License-Identifier: Apache-2.0
"""The things to find, drawn by code: polygons in a square from -1 to 1, y pointing down.

A shape is a list of layers (contour, paint): paint 1 is the body, 2 the ink on it, 0 cuts a hole.
The first layer is the outline that the box of the truth is laid around.
"""

import numpy as np

LABELS = ["star", "ring", "arrow", "cross", "triangle", "hexagon", "heart", "moon", "bolt",
          "sign K", "sign P", "sign U"]


def polygon(corners, radius=1.0, start=-np.pi / 2):
    angles = start + 2 * np.pi * np.arange(corners) / corners
    return radius * np.stack([np.cos(angles), np.sin(angles)], 1)


def star(rng):
    points = polygon(10)
    points[1::2] *= rng.uniform(0.38, 0.5)
    return points


def arrow(rng):
    shaft, neck, head = rng.uniform(0.16, 0.3), rng.uniform(-0.25, 0.1), rng.uniform(0.6, 0.85)
    right = [[0, -1], [head, neck], [shaft, neck], [shaft, 1]]
    return np.array(right + [[-x, y] for x, y in right[:0:-1]])


def cross(rng):
    w = rng.uniform(0.2, 0.36)
    quarter = np.array([[w, -1], [w, -w], [1, -w]])
    turn = np.array([[0, 1], [-1, 0]])
    quarters = [quarter]
    for _ in range(3):
        quarters.append(quarters[-1] @ turn)
    return np.concatenate(quarters)


def heart(_):
    t = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    x = 16 * np.sin(t) ** 3
    y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    return np.stack([x, y + 2.5], 1) / 16


def moon(rng):
    """The outer circle from horn to horn and back along a second one, shifted to the right."""
    shift, radius = rng.uniform(0.4, 0.6), rng.uniform(0.75, 0.85)
    x = (1 + shift**2 - radius**2) / (2 * shift)  # where the circles meet
    horn = np.arctan2(np.sqrt(1 - x * x), x)
    back = np.arctan2(np.sqrt(1 - x * x), x - shift)
    out = np.linspace(horn, 2 * np.pi - horn, 30)
    inner = np.linspace(2 * np.pi - back, back, 30)
    outer_arc = np.stack([np.cos(out), np.sin(out)], 1)
    inner_arc = np.stack([shift + radius * np.cos(inner), radius * np.sin(inner)], 1)
    return np.concatenate([outer_arc, inner_arc])


def bolt(_):
    return np.array([[0.15, -1], [-0.6, 0.15], [-0.08, 0.15], [-0.3, 1], [0.6, -0.25],
                     [0.08, -0.25], [0.45, -1]])


def stroke(points, width):
    """A pen's line through the points as one polygon."""
    points = np.asarray(points, float)
    along = np.diff(points, axis=0)
    along /= np.hypot(along[:, 0], along[:, 1])[:, None]
    along = np.concatenate([along[:1], along, along[-1:]])
    side = np.stack([-along[:, 1], along[:, 0]], 1)
    mitre = side[:-1] + side[1:]
    mitre *= width / (mitre**2).sum(1)[:, None]
    return np.concatenate([points + mitre, (points - mitre)[::-1]])


def letter(name, pen):
    t = np.linspace(0, np.pi, 9)
    if name == "K":
        lines = [[[-0.36, -0.55], [-0.36, 0.55]], [[0.38, -0.55], [-0.3, 0.06]],
                 [[-0.1, -0.08], [0.4, 0.55]]]
    elif name == "P":
        bow = np.stack([0.05 + 0.33 * np.sin(t), -0.24 - 0.31 * np.cos(t)], 1)
        lines = [[[-0.32, -0.55], [-0.32, 0.55]], [[-0.32, -0.55], *bow, [-0.32, 0.07]]]
    else:
        bow = np.stack([-0.38 * np.cos(t), 0.2 + 0.35 * np.sin(t)], 1)
        lines = [[[-0.38, -0.55], *bow, [0.38, -0.55]]]
    return [stroke(line, pen) for line in lines]


def plate(rng):
    """A sign without a letter: a rectangle with round corners, or a disc."""
    if rng.random() < 0.3:
        return polygon(40)
    r = rng.uniform(0.1, 0.35)
    quarter = np.linspace(0, np.pi / 2, 6)
    corner = np.stack([np.cos(quarter), np.sin(quarter)], 1) * r + (0.92 - r)
    turn = np.array([[0, 1], [-1, 0]])
    corners = [corner]
    for _ in range(3):
        corners.append(corners[-1] @ turn)
    return np.concatenate(corners)


def make(label, rng):
    """The layers of one object, and by how much it may be turned (radians)."""
    tilt = 0.6
    if label.startswith("sign"):
        return [(plate(rng), 1)] + [(p, 2) for p in letter(label[-1], rng.uniform(0.2, 0.3))], 0.35
    if label == "ring":
        return [(polygon(40), 1), (polygon(40, rng.uniform(0.45, 0.72)), 0)], tilt
    if label == "arrow":
        return [(arrow(rng), 1)], np.pi
    outline = {"star": star, "cross": cross, "heart": heart, "moon": moon, "bolt": bolt,
               "triangle": lambda _: polygon(3), "hexagon": lambda _: polygon(6)}[label](rng)
    layers = [(outline, 1)]
    if label in ("star", "triangle", "hexagon", "heart") and rng.random() < 0.3:
        layers.append((outline * rng.uniform(0.6, 0.8), 2))  # a sign with a border
    return layers, np.pi if label in ("moon", "cross", "hexagon") else tilt
