// SPDX-License-Identifier: Apache-2.0
#include "sim/model/cost_model.h"

#include <algorithm>

#include "golden/kpu/arith.h"

namespace kpu::sim {
namespace {

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

/// An image as an array of `lanes` lanes sees it: words of `lanes` bytes instead of lines.
struct WordLayout {
  std::uint64_t groups;     ///< channel groups, all channels of one word each
  std::uint64_t row_words;  ///< words of a row
};

WordLayout word_layout(std::uint32_t channels, std::uint32_t width, std::uint32_t line_channels,
                       std::uint32_t lanes) {
  const std::uint32_t pitch = 64 / line_channels;
  // No word holds more channels than a line.
  const std::uint32_t word_channels = std::clamp(lanes / pitch, 1u, line_channels);
  return {ceil_div(channels, word_channels), ceil_div(width, lanes)};
}

/// Rows of the convolution that the output depends on: one per output row of a select-pool, else
/// all but those that pooling leaves over at the bottom.
std::uint64_t computed_rows(const golden::LayerArgs& args) {
  const bool selects = args.first_stride || args.pool_type == golden::kPoolLeftTop2 ||
                       args.pool_type == golden::kPoolRightTop2 ||
                       args.pool_type == golden::kPoolLeftTop4;
  return std::uint64_t{args.out_height} * (selects ? 1 : args.stride());
}

}  // namespace

std::uint64_t parameter_bytes(const golden::LayerArgs& args, bool eight_bit) {
  return (args.load_coor ? args.weight_bytes(eight_bit) : 0) +
         (args.load_para ? args.bn_bytes() : 0) + (args.load_act ? golden::kActTableBytes : 0);
}

std::uint64_t lane_bound(const golden::LayerArgs& args, bool eight_bit, std::uint32_t lanes) {
  const WordLayout words =
      word_layout(args.in_channels, args.in_width, args.in_line_channels, lanes);
  const std::uint64_t lines = words.row_words * computed_rows(args);
  const std::uint64_t passes = eight_bit ? 1 : 2;
  if (args.depthwise) return passes * lines * words.groups;
  const std::uint64_t windows = args.kernel() == 3 ? words.groups : ceil_div(words.groups, 8);
  return passes * lines * windows * args.out_channels;
}

double k210_cycles(const golden::LayerArgs& args, bool eight_bit, double clock_hz) {
  const WordLayout words =
      word_layout(args.in_channels, args.in_width, args.in_line_channels, kChipLanes);
  const auto height = static_cast<double>(args.in_height);
  const auto row_sweeps = static_cast<double>(words.groups * words.row_words * args.out_channels);
  double cycles = 0;
  if (args.depthwise) {
    cycles = 2.3 * static_cast<double>(words.groups * words.row_words) * height +
             13.1 * args.in_channels + 2500;
  } else if (args.kernel() == 3) {
    cycles = row_sweeps * (height + 7) + 7500;
  } else {
    cycles = row_sweeps * (height + 3.15) + 13400;
  }
  const double fetch =
      static_cast<double>(args.weight_bytes(eight_bit)) / kChipParameterBytesPerSecond * clock_hz;
  return std::max(cycles, fetch);
}

}  // namespace kpu::sim
