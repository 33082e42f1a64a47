// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "golden/ops/tensor_ops.h"
#include "golden/ops/windows.h"

namespace kpu::golden {

/// The convolutions of the vendor's simulator 1.0.0 on a PC, which were made by another compiler
/// than the rest of it: sums of fused multiply-adds from zero, the bias added at the end. Measured
/// against that simulator; a depthwise 5x5 of stride 2 is not exact.

/// Which of them a convolution is: of all channels; of all channels of a single pixel, which are
/// summed in eight lanes; of one channel (depthwise); or none.
enum class FusedConv { kNone, kDense, kPixel, kDepthwise };

/// Square windows of 1, 3, 5 or 7 without dilation that move by 1 or 2, on N x C x H x W.
FusedConv fused_kind(const WindowShape& window, const Shape& in_shape, std::size_t out_channels,
                     std::size_t groups);

/// One output value before it is clamped.
float fused_convolution(FusedConv kind, const Convolution& at, std::span<const float> in,
                        std::span<const float> weights, float bias);

}  // namespace kpu::golden
