# SPDX-License-Identifier: Apache-2.0
"""torch's quantised convolutions: by a stand-in with the same attributes, and by torch where it is."""
import types

import numpy as np
import pytest

import openkpu


class Codes:
    """What check_torch asks a quantised tensor for."""

    def __init__(self, codes, scale, zero):
        self.codes, self.scale, self.zero = codes, scale, zero

    def int_repr(self):
        return types.SimpleNamespace(numpy=lambda: self.codes)

    def qscheme(self):
        return "per_tensor_affine"

    def q_scale(self):
        return self.scale

    def q_zero_point(self):
        return self.zero


class Layer:
    """A convolution without padding whose only weight is 1: codes come back, at half the scale."""
    kernel_size, stride, padding, dilation, groups = (1, 1), (1, 1), (0, 0), (1, 1), 1
    padding_mode, in_channels, scale, zero_point = "zeros", 1, 1.0, 0

    def weight(self):
        return Codes(np.ones((1, 1, 1, 1), np.int8), 1.0, 0)

    def bias(self):
        return None

    def __call__(self, x):
        return Codes(np.rint(x.codes * x.scale).astype(np.uint8), 1.0, 0)


@pytest.fixture
def image():
    return Codes(np.arange(64, dtype=np.uint8).reshape(1, 1, 8, 8), 0.5, 0)


def test_stand_in(image, engine):
    result = openkpu.check_torch(Layer(), image, engine=engine)
    assert str(result).startswith("0 of 64 outputs differ from the layer's own; 0 of 64 outputs")
    assert (result.y[0, 0] == [0, 0, 1, 2, 2, 2, 3, 4]).all()


def test_differences_are_counted(image):
    layer = Layer()
    layer.bias = lambda: types.SimpleNamespace(
        detach=lambda: types.SimpleNamespace(numpy=lambda: np.array([1.0], np.float32)))
    assert str(openkpu.check_torch(layer, image)).startswith("48 of 64 outputs differ from the layer")


@pytest.mark.parametrize("field, value, message", [
    ("dilation", (2, 2), "dilation=(2, 2): expected 1"),
    ("stride", (1, 2), "stride=(1, 2): expected the same in both directions"),
    ("padding_mode", "reflect", "padding_mode=reflect: expected zeros"),
    ("groups", 3, "groups=3, padding=0: expected 1 or depthwise"),
    ("padding", (1, 1), "padding=1: expected 1 or depthwise, and 0 or 1"),
])
def test_refused(image, field, value, message):
    layer = Layer()
    setattr(layer, field, value)
    with pytest.raises(openkpu.Error) as error:
        openkpu.check_torch(layer, image)
    assert message in str(error.value)


@pytest.mark.filterwarnings("ignore")
def test_torch():
    torch = pytest.importorskip("torch")
    if "qnnpack" not in torch.backends.quantized.supported_engines:
        pytest.skip("torch without qnnpack")
    torch.manual_seed(1)
    torch.backends.quantized.engine = "qnnpack"
    x = torch.quantize_per_tensor(torch.rand(1, 3, 16, 16), 1 / 127, 3, torch.quint8)
    weights = torch.randn(8, 3, 3, 3)
    q = torch.ao.nn.quantized.Conv2d(3, 8, 3, padding=1, stride=2)
    q.set_weight_bias(torch.quantize_per_tensor(weights, 0.03, 0, torch.qint8), torch.randn(8))
    q.scale, q.zero_point = 0.05, 100
    text = str(openkpu.check_torch(q, x))
    assert text.startswith("0 of 512 outputs differ from the layer's own; 0 of 512 outputs differ")
