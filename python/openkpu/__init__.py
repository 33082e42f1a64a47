# SPDX-License-Identifier: Apache-2.0
"""The Kendryte K210's neural-network accelerator (KPU) from NumPy.

    openkpu.conv2d_quantized(...)   one quantised layer in ONNX's and TFLite's terms
    openkpu.check_onnx(path)        every such layer of an ONNX model
    openkpu.check_torch(layer, x)   a quantised convolution of torch
    openkpu.layer(...)              one layer in the KPU's own terms
    openkpu.Network(path)           a network file (kmodel, kfpkg)
    openkpu.compile(path, pictures) an ONNX network to a kmodel
    openkpu.maix                    MaixPy's names for the same

Engines: "golden" (the C++ reference, always there), "rtl" (the hardware under Verilator, where the
package was built with it) and "both", which compares the two.
"""
from ._engines import has_rtl
from ._golden import ChannelProof, Error, Proof
from .compiling import CompiledNetwork, compile
from .layers import LayerResult, layer
from .network import Box, KpuLayer, Network, NetworkResult
from .onnx_check import OnnxLayer, check_onnx
from .quantized import ROUNDINGS, QuantizedResult, conv2d_quantized
from .torch_layers import check_torch

__version__ = "0.1.0"

__all__ = [
    "ROUNDINGS", "Box", "ChannelProof", "CompiledNetwork", "Error", "KpuLayer", "LayerResult",
    "Network", "NetworkResult", "OnnxLayer", "Proof", "QuantizedResult", "check_onnx", "compile",
    "check_torch", "conv2d_quantized", "has_rtl", "layer",
]
