// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/input_data.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <vector>

namespace kpu::sim {
namespace {

using Plane = std::vector<std::uint8_t>;

/// Windows of `plane` in which any pixel is not zero. Pixels beyond the edge count as zero.
std::uint64_t live_windows(const Plane& plane, const golden::LayerArgs& args) {
  const std::size_t width = args.in_width;
  const std::size_t height = args.in_height;
  const std::size_t reach = args.kernel() / 2;
  std::uint64_t live = 0;
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      bool any = false;
      for (std::size_t v = y - std::min(y, reach); v <= std::min(y + reach, height - 1); ++v) {
        for (std::size_t u = x - std::min(x, reach); u <= std::min(x + reach, width - 1); ++u) any = any || plane[v * width + u] != 0;
      }
      live += any ? 1 : 0;
    }
  }
  return live;
}

}  // namespace

std::map<std::string, std::uint64_t> count_input(std::span<const std::uint8_t> input, const golden::LayerArgs& args) {
  const std::size_t pixels = std::size_t{args.in_width} * args.in_height;
  std::uint64_t ones = 0;
  for (const std::uint8_t pixel : input) ones += static_cast<std::uint64_t>(std::popcount(pixel));
  std::uint64_t live = 0;
  Plane seen(pixels);
  for (std::size_t channel = 0; channel < args.in_channels; ++channel) {
    for (std::size_t i = 0; i < pixels; ++i) seen[i] |= input[channel * pixels + i];
    if (!args.depthwise && channel + 1 < args.in_channels) continue;
    live += live_windows(seen, args);
    std::fill(seen.begin(), seen.end(), std::uint8_t{0});
  }
  return {{"input_bits", 8 * std::uint64_t{input.size()}},
          {"input_ones", ones},
          {"windows", std::uint64_t{pixels} * (args.depthwise ? args.in_channels : 1)},
          {"windows_live", live}};
}

}  // namespace kpu::sim
