# SPDX-License-Identifier: Apache-2.0
"""openkpu.Network on the repository's own network: layers, outputs, inputs of all forms."""
import numpy as np
import pytest

import openkpu


@pytest.fixture
def network(examples):
    return openkpu.Network(examples / "edges.kmodel")


def test_run(network, examples, engine):
    result = network.run(examples / "scene.png", engine=engine)
    assert [layer.output.shape for layer in result.layers] == [l.out_shape for l in result.layers]
    np.testing.assert_array_equal(result.outputs[0].reshape(-1),
                                  result.layers[-1].output.reshape(-1))
    if engine == "both":
        assert result.match and all(layer.match for layer in result.layers)
        assert result.cycles == sum(layer.counters["cycles"] for layer in result.layers)
    else:
        assert result.match is None and result.cycles is None


def test_inputs(network, examples):
    picture = network.run(examples / "scene.png").outputs[0]
    shape = tuple(network.inputs[0]["shape"])
    pixels = np.zeros(shape, np.uint8)
    assert network.run(pixels).outputs[0].shape == picture.shape
    np.testing.assert_array_equal(network.run(np.moveaxis(pixels, 0, 2)).outputs[0],
                                  network.run(pixels.astype(np.int64)).outputs[0])
    assert len(network.run(pixels, layers=2).layers) == 2
    assert network.run(pixels, layers=2).outputs == []
    alone = network.run(pixels, meaning=False)
    assert (alone.preset, alone.boxes, alone.classes) == ("", [], [])
    np.testing.assert_array_equal(alone.outputs[0], network.run(pixels).outputs[0])
    np.testing.assert_array_equal(network.run(pixels, threads=2).outputs[0],
                                  network.run(pixels).outputs[0])


def test_refused(network, examples, tmp_path):
    shape = tuple(network.inputs[0]["shape"])
    for image, message in [
            (np.zeros((1, 2, 3), np.uint8), r"input: shape \(1, 2, 3\), expected"),
            (np.zeros(shape, np.float32), "input: float32, expected uint8"),
            (np.full(shape, 256), "input: int64, expected uint8"),
            ([], "0 inputs, expected 1"),
            (tmp_path / "none.png", "none.png")]:
        with pytest.raises(openkpu.Error, match=message):
            network.run(image)
    with pytest.raises(openkpu.Error, match="profile"):
        network.run(np.zeros(shape, np.uint8), profile="exact")
    broken = tmp_path / "broken.kmodel"
    broken.write_bytes((examples / "edges.kmodel").read_bytes()[:100])
    with pytest.raises(openkpu.Error, match="broken.kmodel: "):
        openkpu.Network(broken)
    with pytest.raises(openkpu.Error, match="none.kmodel"):
        openkpu.Network(tmp_path / "none.kmodel")
