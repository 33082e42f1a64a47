# SPDX-License-Identifier: Apache-2.0
"""The detector: depthwise and 1x1 layers behind a first 3x3, all in forms that the KPU has."""

import torch
from torch import nn

# Output channels and stride of the depthwise/1x1 pairs behind the first layer (docs/detector.md).
PAIRS = [(32, 2), (32, 1), (64, 2), (64, 1), (128, 2), (128, 1), (128, 1), (160, 1), (160, 1),
         (160, 1), (160, 1)]
FIRST = 16
CELL = 16  # pixels of the picture that one cell of the output grid stands for


def layer(inputs, outputs, kernel, stride=1, groups=1):
    return [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
            nn.BatchNorm2d(outputs), nn.ReLU6(inplace=True)]


class Detector(nn.Module):
    """Pictures (n, 3, 240, 320) from 0 to 1; to (n, anchors * (5 + classes), 15, 20)."""

    def __init__(self, anchors, classes):
        super().__init__()
        layers = layer(3, FIRST, 3, 2)
        channels = FIRST
        for outputs, stride in PAIRS:
            layers += layer(channels, channels, 3, stride, channels)
            layers += layer(channels, outputs, 1)
            channels = outputs
        head = nn.Conv2d(channels, anchors * (5 + classes), 1)
        nn.init.zeros_(head.bias)
        with torch.no_grad():
            head.bias[4::5 + classes] = -4  # few cells hold an object
        self.layers = nn.Sequential(*layers, head)

    def forward(self, pictures):
        return self.layers(pictures)

    def weights(self):
        """Weights of the convolutions, with the biases that the batch norms become."""
        return sum(m.weight.numel() + m.out_channels
                   for m in self.modules() if isinstance(m, nn.Conv2d))
