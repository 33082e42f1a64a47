# SPDX-License-Identifier: Apache-2.0
"""Small networks as PyTorch's two exporters write them.

    pip install torch==2.15.0 onnx==1.23.2 onnxscript==0.7.2
    export_torch.py tests/compiler/exported

For each network NAME.dynamo.onnx, NAME.torchscript.onnx, and NAME.txt with PyTorch's own results: for each output a line
with its first 64 values, where element i of the picture is (i * 7919 mod 256) / 255. Weights follow from a seed; a weight
takes much of a file, so the networks are as narrow as their operators allow.
"""

import pathlib
import sys
import warnings

import onnx
import torch
from torch import nn
from torch.nn import functional as F


def block(ins, outs, stride=1, act=nn.ReLU, groups=1, kernel=3):
    return nn.Sequential(nn.Conv2d(ins, outs, kernel, stride, kernel // 2, groups=groups, bias=False),
                         nn.BatchNorm2d(outs), act())


class Classifier(nn.Module):
    """Depthwise and 1x1 layers, ReLU6, residual sum, dropout, average pool, flatten, linear."""

    def __init__(self):
        super().__init__()
        self.first = block(3, 8, 2, nn.ReLU6)
        self.wide = nn.Sequential(block(8, 16, 1, nn.ReLU6, kernel=1), block(16, 16, 1, nn.ReLU6, groups=16),
                                  nn.Conv2d(16, 8, 1, bias=False), nn.BatchNorm2d(8))
        self.last = block(8, 16, 2, nn.ReLU6)
        self.drop, self.out = nn.Dropout(0.2), nn.Linear(16, 5)

    def forward(self, x):
        x = self.first(x)
        x = self.last(x + self.wide(x))
        return self.out(self.drop(F.adaptive_avg_pool2d(x, 1).flatten(1)))


class Gates(nn.Module):
    """Squeeze and excite, hard-swish, SiLU, GELU, PReLU, channel shuffle by view and transpose, chunk, softmax."""

    def __init__(self):
        super().__init__()
        self.first, self.prelu = block(3, 8, 2, nn.Hardswish), nn.PReLU(8)
        self.down, self.up = nn.Conv2d(8, 4, 1), nn.Conv2d(4, 8, 1)
        self.left, self.out = block(4, 4, 1, nn.SiLU), nn.Conv2d(8, 4, 1)

    def forward(self, x):
        x = self.prelu(self.first(x))
        x = x * torch.sigmoid(self.up(F.gelu(self.down(x.mean((2, 3), keepdim=True)))))
        a, b = x.chunk(2, 1)
        x = torch.cat((self.left(a), b), 1)
        n, c, h, w = x.shape
        x = x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)
        return self.out(x).softmax(1)


class Heads(nn.Module):
    """Leaky ReLU, pools, nearest and bilinear upsampling, concatenation, two outputs, one of them permuted."""

    def __init__(self):
        super().__init__()
        leaky = lambda: nn.LeakyReLU(0.1)
        self.first, self.second = block(3, 8, 1, leaky), block(8, 8, 1, leaky)
        self.deep, self.large = block(8, 8, 1, leaky, kernel=5), nn.Conv2d(8, 6, 1)
        self.small, self.mask = nn.Conv2d(16, 6, 3, padding=1), nn.Conv2d(8, 1, 3, padding=2, dilation=2)

    def forward(self, x):
        kept = self.second(F.max_pool2d(self.first(x), 2))
        deep = self.deep(F.max_pool2d(kept, 2))
        small = self.small(torch.cat((F.interpolate(deep, scale_factor=2.0, mode="nearest"), kept), 1))
        mask = F.interpolate(self.mask(kept), scale_factor=2.0, mode="bilinear", align_corners=False)
        return self.large(deep).permute(0, 2, 3, 1).reshape(1, -1, 6), torch.tanh(small), mask


def without_paths(path):
    """Takes out where on the exporting machine a node came from; everything else stays as it was written."""
    model = onnx.load(path)
    for node in [*model.graph.node, *(node for function in model.functions for node in function.node)]:
        kept = [entry for entry in node.metadata_props if entry.key != "pkg.torch.onnx.stack_trace"]
        del node.metadata_props[:]
        node.metadata_props.extend(kept)
        node.doc_string = ""
    onnx.save(model, path)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for kind in (Classifier, Gates, Heads):
        torch.manual_seed(1)
        net = kind()
        for module in net.modules():  # as if trained
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.normal_(0, 0.2)
                module.running_var.uniform_(0.5, 1.5)
        net.eval()
        x = (torch.arange(3 * 32 * 32) * 7919 % 256).reshape(1, 3, 32, 32) / 255
        name = folder / kind.__name__.lower()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(net, (x,), f"{name}.dynamo.onnx", dynamo=True, external_data=False, verbose=False)
            torch.onnx.export(net, (x,), f"{name}.torchscript.onnx", dynamo=False)
        without_paths(f"{name}.dynamo.onnx")
        with torch.no_grad():
            outputs = net(x)
        lines = [" ".join(f"{v:.6g}" for v in o.flatten()[:64]) for o in (outputs if isinstance(outputs, tuple) else (outputs,))]
        pathlib.Path(f"{name}.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
