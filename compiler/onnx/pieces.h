// SPDX-License-Identifier: Apache-2.0
//
// What more than one operator is read with.
#pragma once

#include <vector>

#include "compiler/onnx/import.h"

namespace kpu::compiler {

/// The window, groups and weights of a convolution over the node's first input, from its
/// attributes; without its bias.
Conv read_conv(Call& call, const Tensor& weights);

/// A pool over the node's first input, from its attributes.
Pool read_pool(Call& call, bool max);

/// x * scale + shift for each channel of axis 1, as a 1x1 depthwise convolution: what folds into a
/// convolution before it. `scale` and `shift` have one entry for each channel.
ValueId add_channel_affine(Call& call, ValueId x, const Dims& dims, std::vector<float> scale,
                           std::vector<float> shift);

/// x * weights + bias for each row of the last axis, as a 1x1 convolution; weights are [in][out].
/// `scales`: Conv::weight_scales.
ValueId add_product(Call& call, ValueId x, Dims dims, const Tensor& weights,
                    std::vector<float> bias, std::vector<float> scales = {});

}  // namespace kpu::compiler
