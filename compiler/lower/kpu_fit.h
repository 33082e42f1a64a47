// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "compiler/graph/graph.h"

namespace kpu::compiler {

/// Smallest image axis a KPU layer is given; the vendor's compilers keep to it as well.
inline constexpr std::int64_t kLeastAxis = 4;
inline constexpr std::int64_t kMostChannels = 1024;

/// Most output channels of a layer that is not depthwise, `channel_bytes` of weights each: 64 weight
/// loads of half the weight memory (the other half is filled meanwhile).
std::int64_t most_out_channels(std::int64_t channel_bytes);

/// Lines of AI RAM of an image.
std::int64_t image_lines(std::int64_t channels, std::int64_t height, std::int64_t width);

/// Whether a layer from `in` to `out` (1 x C x H x W, `out` behind the pool) fits AI RAM and the
/// layer words.
bool fits_kpu(const Dims& in, const Dims& out);

}  // namespace kpu::compiler
