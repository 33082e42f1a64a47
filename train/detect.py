# SPDX-License-Identifier: Apache-2.0
"""Boxes from a YOLOv2 head, as `kpu run` decodes them, and their mean average precision.

Boxes are centre x, centre y, width, height as fractions of the picture.
"""

import numpy as np

NMS = 0.45


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def iou(box, others):
    """Intersection over union of one box with each of others (n, 4)."""
    low = np.maximum(box[:2] - box[2:] / 2, others[:, :2] - others[:, 2:] / 2)
    high = np.minimum(box[:2] + box[2:] / 2, others[:, :2] + others[:, 2:] / 2)
    both = np.clip(high - low, 0, None).prod(1)
    return both / (box[2:].prod() + others[:, 2:].prod(1) - both)


def boxes(head, anchors, threshold):
    """(class, score, box) of a head (anchors * (5 + classes), rows, columns); anchors in cells."""
    rows, columns = head.shape[1:]
    head = head.reshape(len(anchors), -1, rows, columns).astype(np.float64)
    weights = np.exp(head[:, 5:] - head[:, 5:].max(1, keepdims=True))
    scores = sigmoid(head[:, 4]) * weights.max(1) / weights.sum(1)
    found = []
    for a, y, x in zip(*np.nonzero(scores > threshold)):
        tx, ty, tw, th = head[a, :4, y, x]
        box = np.array([(x + sigmoid(tx)) / columns, (y + sigmoid(ty)) / rows,
                        np.exp(tw) * anchors[a][0] / columns, np.exp(th) * anchors[a][1] / rows])
        found.append((int(weights[a, :, y, x].argmax()), scores[a, y, x], box))
    found.sort(key=lambda f: -f[1])
    kept = []
    for kind, score, box in found:
        same = np.array([k[2] for k in kept if k[0] == kind]).reshape(-1, 4)
        if not (iou(box, same) > NMS).any():
            kept.append((kind, score, box))
    return kept


def average_precision(found, truth, overlap=0.5):
    """Area under precision over recall of one class.

    found: (picture, score, box); truth: {picture: boxes}. Every box of the truth is found once;
    precision is made falling, the area is exact (as PASCAL VOC from 2010 on).
    """
    total = sum(len(b) for b in truth.values())
    free = {picture: np.ones(len(b), bool) for picture, b in truth.items()}
    hits = []
    for picture, _, box in sorted(found, key=lambda f: -f[1]):
        overlaps = iou(box, np.array(truth.get(picture, [])).reshape(-1, 4))
        best = int(overlaps.argmax()) if len(overlaps) else -1
        hit = best >= 0 and overlaps[best] >= overlap and free[picture][best]
        if hit:
            free[picture][best] = False
        hits.append(hit)
    right = np.cumsum(hits)
    precision = right / np.arange(1, len(hits) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float(precision[np.array(hits, bool)].sum() / total)


def average_precisions(found, truth, classes):
    """AP@0.5 of each class. found: {picture: [(class, score, box)]}; truth: {picture:
    [(class, box)]}."""
    result = []
    for kind in range(classes):
        mine = [(p, score, box) for p, all_ in found.items() for k, score, box in all_ if k == kind]
        wanted = {p: [box for k, box in all_ if k == kind] for p, all_ in truth.items()}
        result.append(average_precision(mine, wanted))
    return result
