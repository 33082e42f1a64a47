// SPDX-License-Identifier: Apache-2.0
#include "sim/text/layer_text.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace kpu::sim {

std::string input_shape(const golden::LayerArgs& args) {
  return fmt::format("{}x{}x{}", args.in_channels, args.in_height, args.in_width);
}

std::string output_shape(const golden::LayerArgs& args) {
  return fmt::format("{}x{}x{}", args.out_channels, args.out_height, args.out_width);
}

std::string kernel_name(const golden::LayerArgs& args) {
  return args.kernel() == 3 ? "3x3" : "1x1";
}

std::string pool_name(std::uint32_t pool_type) {
  constexpr std::array<const char*, 10> kNames{
      "-",          "max 2x2/2",   "mean 2x2/2", "max 4x4/4",  "mean 4x4/4",
      "left-top/2", "right-top/2", "left-top/4", "mean 2x2/1", "max 2x2/1"};
  return pool_type < kNames.size() ? kNames[pool_type] : fmt::format("{}", pool_type);
}

std::string grouped(std::uint64_t value) {
  std::string digits = fmt::format("{}", value);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ' ');
  return digits;
}

}  // namespace kpu::sim
