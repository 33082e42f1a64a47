# SPDX-License-Identifier: Apache-2.0
"""A small Keras network as tf2onnx writes it: channels last, with transposes around convolutions.

    pip install tensorflow-cpu==2.21.0 tf2onnx==1.17.0
    export_keras.py tests/compiler/exported

Writes keras.tf2onnx.onnx and keras.txt, TensorFlow's own results, as export_torch.py does; element i of the picture in the
order of rows, columns, channels.
"""

import pathlib
import sys

import numpy as np
import tensorflow as tf
import tf2onnx


def main():
    folder = pathlib.Path(sys.argv[1])
    tf.keras.utils.set_random_seed(1)
    layers = tf.keras.layers
    x = inputs = layers.Input((32, 32, 3), batch_size=1, name="x")
    x = layers.ReLU(6.0)(layers.BatchNormalization()(layers.Conv2D(8, 3, 2, padding="same", use_bias=False)(x)))
    y = layers.LeakyReLU(negative_slope=0.1)(layers.DepthwiseConv2D(3, padding="same")(x))
    x = layers.Add()([x, layers.Conv2D(8, 1)(y)])
    x = layers.MaxPooling2D(2)(x)
    x = layers.Concatenate()([x, layers.Conv2D(4, 3, padding="same", activation="swish")(x)])
    x = layers.UpSampling2D(2)(x)
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(12, 3, 2, padding="same", activation="relu")(x))
    net = tf.keras.Model(inputs, layers.Dense(5)(x))
    spec = (tf.TensorSpec((1, 32, 32, 3), tf.float32, name="x"),)
    function = tf.function(lambda x: net(x, training=False), input_signature=spec)
    tf2onnx.convert.from_function(function, input_signature=spec, opset=15, output_path=str(folder / "keras.tf2onnx.onnx"))
    picture = (np.arange(32 * 32 * 3) * 7919 % 256).reshape(1, 32, 32, 3).astype(np.float32) / 255
    result = function(picture).numpy().flatten()[:64]
    (folder / "keras.txt").write_text(" ".join(f"{v:.6g}" for v in result) + "\n")


if __name__ == "__main__":
    main()
