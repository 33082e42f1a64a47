// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "golden/kpu/profile.h"

namespace kpu::golden::v3 {

/// The layers of kmodel v3 that run on the CPU, with the meaning the vendor's SDK gives them
/// (kmodel format, semantics of each software layer). Sizes have been checked by the loader; in
/// and out do not overlap. Images are planar, C x H x W.

using Floats = std::span<const float>;
using FloatsOut = std::span<float>;
using Bytes = std::span<const std::uint8_t>;
using BytesOut = std::span<std::uint8_t>;

/// One operand's or the result's scaling in quantized_add().
struct QuantizedScale {
  std::int32_t offset = 0;
  std::int32_t mul = 0;
  std::int32_t shift = 0;  ///< 0..63
};

/// Sizes of a pooling layer on an image.
struct PoolShape {
  std::uint32_t in_width, in_height, in_channels;
  std::uint32_t out_width, out_height, out_channels;  ///< out_channels <= in_channels
  std::uint32_t kernel_width, kernel_height;
  std::uint32_t stride_width, stride_height;
  std::uint32_t pad_width, pad_height;
};

/// Sizes of a resize layer on an image.
struct ResizeShape {
  std::uint32_t in_width, in_height, channels;
  std::uint32_t out_width, out_height;
};

void add(Floats a, Floats b, FloatsOut out);

/// a and b scaled to a common step, added, and scaled back. The operands' shift down happens once,
/// on the sum, if both shifts are equal, else on each operand.
void quantized_add(Bytes a, Bytes b, BytesOut out, const QuantizedScale& scale_a,
                   const QuantizedScale& scale_b, const QuantizedScale& scale_out);

/// Mean of each channel's `kernel_size` floats; out has one float a channel.
void global_average_pool(Floats in, FloatsOut out, std::uint32_t kernel_size, FloatRule rule);

/// Maximum of the window inside the image, 0 if it lies outside altogether.
void quantized_max_pool(Bytes in, BytesOut out, const PoolShape& shape);

/// Mean over the window's part inside the image; not a number if there is none. The activation
/// that the file names is not applied: the SDK does not either.
void average_pool(Floats in, FloatsOut out, const PoolShape& shape);

/// Nearest code of (x - bias) / scale, halves away from zero, clamped to 0..255. What does not fit
/// an int becomes 0 under the simulators' rule and saturates under the device's.
void quantize(Floats in, BytesOut out, float scale, float bias, FloatRule rule);

/// q * scale + bias.
void dequantize(Bytes in, FloatsOut out, float scale, float bias, FloatRule rule);

/// table[q]; the table has 256 entries.
void requantize(Bytes in, BytesOut out, Bytes table);

/// x / sqrt(max(sum of squares, 1e-10)).
void l2_normalize(Floats in, FloatsOut out, FloatRule rule);

/// exp(x - m) / sum with m the largest x but at least the smallest normal float, as the SDK has
/// it: nothing is subtracted if all x are negative.
void softmax(Floats in, FloatsOut out, FloatRule rule);

/// out[o] = act(sum of in[i] * weights[o][i] + bias[o]); activation 0 none, 1 relu, 2 relu6.
void fully_connected(Floats in, FloatsOut out, Floats weights, Floats bias,
                     std::uint32_t activation, FloatRule rule);

/// From C x H x W to H x W x C.
void flatten(Floats in, FloatsOut out, std::uint32_t width, std::uint32_t height,
             std::uint32_t channels);

/// The nearest pixel above and left; the file's align_corners is ignored, as the SDK does.
void resize_nearest(Floats in, FloatsOut out, const ResizeShape& shape);
void resize_nearest(Bytes in, BytesOut out, const ResizeShape& shape);

/// 1 / (1 + exp(-x)).
void logistic(Floats in, FloatsOut out);

}  // namespace kpu::golden::v3
