# SPDX-License-Identifier: Apache-2.0
"""Trains the detector on scenes of its own and writes it as ONNX (docs/detector.md).

    train.py WORK --out FOLDER

WORK keeps the drawn scenes and the last state; FOLDER gets detector.onnx, anchors.txt, labels.txt.
The same options, library versions and machine give the same network.
"""

import argparse
import copy
import multiprocessing
import pathlib
import time

import numpy as np
import torch
from torch.nn import functional

import detect
import scenes
import shapes
from net import CELL, Detector

ROWS, COLUMNS = scenes.HEIGHT // CELL, scenes.WIDTH // CELL
CLASSES = len(shapes.LABELS)
MOST_OBJECTS = 6
LARGEST_RATE = 2e-3
FALLING = 0.3  # of the steps: in which the learning rate falls
QUIET_LOGIT = 7  # larger values of the head are discouraged: they cost its codes resolution


def draw(job):
    return scenes.render(*job)


def scene_set(work, seed, count, processes):
    """Pictures (count, 240, 320, 3) and truth (count, 6, 5): class, x, y, width, height as
    fractions; class -1 where there is no object. Drawn once."""
    pictures_file = work / f"scenes_{seed}_{count}.npy"
    truth_file = work / f"truth_{seed}_{count}.npy"
    if not truth_file.exists():
        pictures = np.lib.format.open_memmap(pictures_file, "w+", np.uint8,
                                             (count, scenes.HEIGHT, scenes.WIDTH, 3))
        truth = np.full((count, MOST_OBJECTS, 5), -1, np.float32)
        with multiprocessing.Pool(processes) as pool:
            jobs = ((seed, i) for i in range(count))
            for i, (picture, objects) in enumerate(pool.imap(draw, jobs, 16)):
                pictures[i] = picture
                for j, (kind, box) in enumerate(objects):
                    truth[i, j] = kind, *scenes.fractions(box)
        pictures.flush()
        np.save(truth_file, truth)
    return np.load(pictures_file), np.load(truth_file)


def find_anchors(truth, count):
    """k-means over widths and heights, in cells, by overlap; each class weighs the same."""
    objects = truth[truth[..., 0] >= 0]
    least = min(np.bincount(objects[:, 0].astype(int)))
    objects = np.concatenate([objects[objects[:, 0] == k][:least] for k in range(CLASSES)])
    sizes = objects[:, 3:] * [COLUMNS, ROWS]
    order = np.argsort(sizes.prod(1))
    middle = [int((i + 0.5) * len(order) / count) for i in range(count)]
    anchors = sizes[order[middle]]
    for _ in range(100):
        both = np.minimum(sizes[:, None], anchors[None]).prod(2)
        best = (both / (sizes.prod(1)[:, None] + anchors.prod(1)[None] - both)).argmax(1)
        anchors = np.stack([np.median(sizes[best == k], 0) for k in range(count)])
    return np.round(anchors[np.argsort(anchors.prod(1))], 3).astype(np.float32)


def vary(pictures, rng):
    """Bytes to 0..1, with the colours of each picture exchanged, scaled and perhaps inverted."""
    result = torch.empty(len(pictures), 3, *pictures.shape[1:3], memory_format=torch.channels_last)
    for picture, out in zip(pictures, result.permute(0, 2, 3, 1).numpy()):
        order, gain, invert = rng.permutation(3), rng.uniform(0.7, 1.2, 3), rng.random() < 0.3
        for channel in range(3):
            values = np.arange(256)[::-1 if invert else 1] * gain[channel]
            # What a camera gives is whole bytes; so is what the KPU gets.
            table = (np.clip(np.rint(values), 0, 255) / 255).astype(np.float32)
            out[:, :, channel] = table[picture[:, :, order[channel]]]
    return result


def corners(box):
    return box[..., :2] - box[..., 2:] / 2, box[..., :2] + box[..., 2:] / 2


def overlap(a, b):
    """IoU of boxes (..., 4) by centre and size, and the GIoU."""
    (a0, a1), (b0, b1) = corners(a), corners(b)
    both = (torch.minimum(a1, b1) - torch.maximum(a0, b0)).clamp(min=0).prod(-1)
    either = a[..., 2:].prod(-1) + b[..., 2:].prod(-1) - both
    around = (torch.maximum(a1, b1) - torch.minimum(a0, b0)).prod(-1)
    iou = both / (either + 1e-6)
    return iou, iou - (around - either) / (around + 1e-6)


class Loss:
    """YOLOv2's loss with GIoU for the box. An object belongs to the cell of its centre, there to
    the anchor of the nearest shape and to all whose shapes overlap it by more than a half."""

    def __init__(self, anchors):
        self.anchors = torch.from_numpy(anchors)
        y, x = torch.meshgrid(torch.arange(ROWS), torch.arange(COLUMNS), indexing="ij")
        self.cells = torch.stack([x, y], -1).float()

    def __call__(self, head, truth):
        n, anchors = len(head), len(self.anchors)
        head = head.view(n, anchors, 5 + CLASSES, ROWS, COLUMNS).permute(0, 1, 3, 4, 2)
        size = head[..., 2:4].clamp(-4, 4).exp() * self.anchors[:, None, None]
        boxes = torch.cat([self.cells + head[..., :2].sigmoid(), size], -1)  # in cells

        real = truth[..., 0] >= 0
        grid = torch.tensor([COLUMNS, ROWS, COLUMNS, ROWS])
        wanted = truth[..., 1:] * grid
        with torch.no_grad():
            iou, _ = overlap(boxes.reshape(n, -1, 1, 4), wanted[:, None])
            near = (iou * real[:, None]).amax(-1).view(n, anchors, ROWS, COLUMNS) > 0.6

        picture, thing = real.nonzero(as_tuple=True)
        target, kind = wanted[picture, thing], truth[picture, thing, 0].long()
        shape = torch.cat([torch.zeros(len(target), 2), target[:, 2:]], 1)[:, None]
        likeness, _ = overlap(shape, torch.cat([torch.zeros(anchors, 2), self.anchors], 1)[None])
        take = likeness > 0.5
        take[torch.arange(len(take)), likeness.argmax(1)] = True
        row, anchor = take.nonzero(as_tuple=True)
        picture, target, kind = picture[row], target[row], kind[row]
        cell = target[:, :2].long()
        place = (picture, anchor, cell[:, 1], cell[:, 0])

        object_here = torch.zeros(n, anchors, ROWS, COLUMNS)
        object_here[place] = 1
        weight = torch.where(object_here > 0, 1.0, torch.where(near, 0.0, 1.0))
        objectness = functional.binary_cross_entropy_with_logits(
            head[..., 4], object_here, weight, reduction="sum")
        _, giou = overlap(boxes[place], target)
        classes = functional.cross_entropy(head[place][:, 5:], kind, label_smoothing=0.03,
                                           reduction="sum")
        loud = (head.abs() - QUIET_LOGIT).clamp(min=0).square().sum() * 0.05
        return (objectness + 2.5 * (1 - giou).sum() + classes + loud) / max(len(row), 1)


def mean_precision(model, anchors, pictures, truth):
    """AP@0.5 of each class on pictures."""
    model.eval()
    found, wanted = {}, {}
    with torch.no_grad():
        for i in range(0, len(pictures), 16):
            x = torch.from_numpy(pictures[i:i + 16]).permute(0, 3, 1, 2).float() / 255
            for j, head in enumerate(model(x).numpy(), i):
                found[j] = detect.boxes(head, anchors, 0.05)
                wanted[j] = [(int(t[0]), t[1:]) for t in truth[j] if t[0] >= 0]
    model.train()
    return detect.average_precisions(found, wanted, CLASSES)


def learning_rate(step, steps):
    """As a share of the largest: rises, stays, falls in the last part to nothing. Before it falls,
    it does not depend on `steps`: a run may be made longer then."""
    return min(1, step / 200, (steps - step) / (FALLING * steps))


class Run:
    """Everything that changes while training."""

    def __init__(self, arguments, anchors):
        torch.manual_seed(arguments.seed)
        self.step = 0
        self.rng = np.random.default_rng(arguments.seed)
        self.order = np.array([], int)  # of the scenes that this epoch still has
        self.model = Detector(len(anchors), CLASSES).to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.model)  # of the weights over the last steps
        self.optimizer = torch.optim.AdamW(self.model.parameters(), LARGEST_RATE, weight_decay=0.02)

    def save(self, path):
        state = {"step": self.step, "rng": self.rng.bit_generator.state, "order": self.order}
        for name in ("model", "average", "optimizer"):
            state[name] = getattr(self, name).state_dict()
        torch.save(state, path)

    def load(self, path):
        state = torch.load(path, weights_only=False)
        self.step, self.order = state["step"], state["order"]
        self.rng.bit_generator.state = state["rng"]
        for name in ("model", "average", "optimizer"):
            getattr(self, name).load_state_dict(state[name])

    def next_scenes(self, count, all_scenes):
        if len(self.order) < count:
            self.order = np.concatenate([self.order, self.rng.permutation(all_scenes)])
        chosen, self.order = self.order[:count], self.order[count:]
        return chosen

    def update_average(self):
        keep = min(0.995, self.step / (self.step + 10))
        with torch.no_grad():
            mine, theirs = self.average.state_dict().values(), self.model.state_dict().values()
            for a, m in zip(mine, theirs):
                a.copy_(a * keep + m * (1 - keep) if a.is_floating_point() else m)


def train(arguments, work):
    torch.set_num_threads(arguments.threads)
    torch.use_deterministic_algorithms(True)
    pictures, truth = scene_set(work, scenes.TRAINING, arguments.scenes, arguments.processes)
    seen = scene_set(work, scenes.VALIDATION, 200, arguments.processes)
    anchors = find_anchors(truth, arguments.anchors)
    run, loss_of, state = Run(arguments, anchors), Loss(anchors), work / "state.pt"
    if arguments.resume:
        run.load(state)
    print(f"{run.model.weights()} weights; anchors {anchors.tolist()}", flush=True)
    begin, sum_loss, first = time.time(), 0.0, run.step
    while run.step < arguments.steps:
        for group in run.optimizer.param_groups:
            group["lr"] = LARGEST_RATE * learning_rate(run.step + 1, arguments.steps + 1)
        chosen = run.next_scenes(arguments.batch, len(pictures))
        head = run.model(vary(pictures[chosen], run.rng))
        loss = loss_of(head, torch.from_numpy(truth[chosen]))
        run.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(run.model.parameters(), 10)
        run.optimizer.step()
        run.step += 1
        run.update_average()
        sum_loss += loss.item()
        if run.step % 50 == 0:
            print(f"step {run.step} loss {sum_loss / 50:.3f} "
                  f"{(time.time() - begin) / (run.step - first):.3f} s a step", flush=True)
            sum_loss = 0.0
        if run.step % 100 == 0 or run.step == arguments.steps:
            run.save(state)
        if run.step % 500 == 0 or run.step == arguments.steps:
            precisions = mean_precision(run.average, anchors, *seen)
            print(f"step {run.step} mAP@0.5 {np.mean(precisions):.4f} "
                  f"{np.round(precisions, 2).tolist()}", flush=True)
    return run.average, anchors


def export(model, anchors, folder):
    folder.mkdir(parents=True, exist_ok=True)
    model.eval()
    example = torch.zeros(1, 3, scenes.HEIGHT, scenes.WIDTH)
    torch.onnx.export(model.to(memory_format=torch.contiguous_format), (example,),
                      str(folder / "detector.onnx"), input_names=["picture"],
                      output_names=["head"], opset_version=18, external_data=False)
    numbers = ",".join(f"{v:g}" for v in anchors.flatten())
    (folder / "anchors.txt").write_text(numbers + "\n")
    (folder / "labels.txt").write_text("".join(label + "\n" for label in shapes.LABELS))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, default=15)
    parser.add_argument("--scenes", type=int, default=8000)
    parser.add_argument("--steps", type=int, default=3900)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--anchors", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1, help="another number rounds otherwise")
    parser.add_argument("--processes", type=int, default=2, help="that draw scenes")
    parser.add_argument("--resume", action="store_true", help="from the last state in WORK")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    model, anchors = train(arguments, arguments.work)
    export(model, anchors, arguments.out)


if __name__ == "__main__":
    main()
