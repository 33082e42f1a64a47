// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/post_pool/post_model.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "golden/kpu/kpu_layer.h"
#include "golden/kpu/layer_args.h"

namespace kpu::test {
namespace {

using kpu::kAiRamLines;
using kpu::kLineBytes;

class Dice {
 public:
  explicit Dice(std::mt19937& random) : random_(random) {}

  /// low..high
  std::uint32_t range(std::uint32_t low, std::uint32_t high) {
    return low + random_() % (high - low + 1);
  }
  bool chance(std::uint32_t percent) { return random_() % 100 < percent; }
  template <std::size_t N>
  std::uint32_t pick(const std::array<std::uint32_t, N>& values) {
    return values[random_() % N];
  }
  /// Unsigned number of at most `width` bits, small ones as likely as large ones.
  std::uint64_t bits(std::uint32_t width) {
    const std::uint64_t value = (std::uint64_t{random_()} << 32) | random_();
    const std::uint32_t used = range(0, width);
    return used == 0 ? 0 : value >> (64 - used);
  }
  /// Signed number that fits `width` bits; sometimes the smallest or the largest one.
  std::int64_t signed_bits(std::uint32_t width) {
    const std::int64_t limit = std::int64_t{1} << (width - 1);
    if (chance(2)) return -limit;
    if (chance(2)) return limit - 1;
    const auto value = static_cast<std::int64_t>(bits(width - 1));
    return chance(50) ? value : -value;
  }

 private:
  std::mt19937& random_;
};

std::uint32_t random_width(Dice& dice) {
  static constexpr std::array<std::uint32_t, 17> kEdges = {1,  2,  3,  15, 16,  17,  31,  32, 33,
                                                           63, 64, 65, 96, 127, 128, 129, 320};
  return dice.chance(60) ? dice.pick(kEdges) : dice.range(1, 80);
}

/// 1, 2 or 4 channels in a line, as far as the width allows.
std::uint32_t random_line_channels(Dice& dice, std::uint32_t width) {
  const std::uint32_t most = width <= 16 ? 4 : width <= 32 ? 2 : 1;
  if (dice.chance(70)) return most;
  return std::min(most, dice.pick(std::array<std::uint32_t, 3>{1, 2, 4}));
}

void choose_shape(Dice& dice, PostLayer& layer, std::uint32_t max_values) {
  layer.depthwise = dice.chance(30);
  layer.pool_type = dice.chance(35) ? 0u : dice.range(0, 9);
  layer.stride = golden::pool_stride(layer.pool_type);
  const bool first_stride = layer.pool_type == golden::kPoolLeftTop2 && dice.chance(40);
  layer.in_width = std::max(random_width(dice), first_stride ? 1 : layer.stride);
  const std::uint32_t most_rows = std::clamp(max_values / layer.in_width, layer.stride, 24u);
  layer.in_height = dice.range(first_stride ? 1 : layer.stride, most_rows);
  const std::uint32_t most_channels = std::max(1u, max_values / (layer.in_width * layer.in_height));
  layer.channels = dice.range(1, std::min(most_channels, 70u));
  layer.in_line_channels = random_line_channels(dice, layer.in_width);

  golden::ImageLayout& out = layer.output;
  out.channels = layer.channels;
  out.width = (layer.in_width + (first_stride ? 1 : 0)) / layer.stride;
  out.height = (layer.in_height + (first_stride ? 1 : 0)) / layer.stride;
  const bool select =
      layer.pool_type >= golden::kPoolLeftTop2 && layer.pool_type <= golden::kPoolLeftTop4;
  layer.row_step = select ? layer.stride : 1;
  layer.rows = select ? out.height : layer.stride > 1 ? out.height * layer.stride : layer.in_height;

  const bool slide = layer.pool_type >= golden::kPoolMean2s1;
  const std::uint32_t most_tile = slide && layer.in_width > 16 ? 4 : 16;
  layer.tile = layer.depthwise ? 1 : dice.range(1, most_tile);
  layer.load_act = !dice.chance(3);
  layer.send_data_out = dice.chance(50);
  layer.par_half = dice.chance(50);

  out.line_channels = layer.depthwise && dice.chance(60)
                          ? std::min(layer.in_line_channels, random_line_channels(dice, out.width))
                          : random_line_channels(dice, out.width);
  out.row_lines = (out.width + kLineBytes - 1) / kLineBytes;
  if (dice.chance(20)) out.row_lines = dice.range(out.row_lines, std::min(15u, out.row_lines + 3));
  out.group_lines = out.row_lines * out.height + (dice.chance(20) ? dice.range(0, 9) : 0);
  const std::uint32_t lines =
      (out.channels + out.line_channels - 1) / out.line_channels * out.group_lines;
  out.base_line = dice.range(0, kAiRamLines - lines);
}

/// Segment starts among the values that occur, sorted or not, and slopes that give 0..255 or
/// anything.
golden::ActTable random_act_table(Dice& dice, std::vector<std::int64_t> norms) {
  golden::ActTable table;
  const bool wild = dice.chance(20);
  for (auto& segment : table) {
    segment.x_start = norms[dice.range(0, static_cast<std::uint32_t>(norms.size()) - 1)];
    if (dice.chance(30)) segment.x_start += dice.signed_bits(8);
    if (wild) segment.x_start = dice.signed_bits(36);
    const std::int64_t limit = std::int64_t{1} << 35;
    segment.x_start = std::clamp(segment.x_start, -limit, limit - 1);
    segment.y_mul = static_cast<std::int32_t>(dice.signed_bits(16));
    segment.bias = static_cast<std::uint8_t>(dice.bits(8));
  }
  if (!dice.chance(15)) {
    std::sort(table.begin(), table.end(),
              [](const auto& a, const auto& b) { return a.x_start < b.x_start; });
  }
  if (dice.chance(60)) table[0].x_start = -(std::int64_t{1} << 35);
  if (dice.chance(30)) table[dice.range(1, 15)].x_start = table[dice.range(0, 14)].x_start;

  // The shift that brings the typical product down to eight bits or so.
  const auto [low, high] = std::minmax_element(norms.begin(), norms.end());
  std::uint32_t span_bits = 0;
  while (span_bits < 36 && (std::int64_t{1} << span_bits) < *high - *low) ++span_bits;
  for (auto& segment : table) {
    const std::uint32_t fit = span_bits + 14 > 10 ? span_bits + 14 - 10 : 0;
    segment.shift = wild ? dice.range(0, 255) : std::min(255u, fit + dice.range(0, 6));
    if (dice.chance(5))
      segment.shift = dice.pick(std::array<std::uint32_t, 6>{0, 1, 53, 54, 63, 64});
  }
  return table;
}

std::int64_t conv_of(const PostLayer& layer, std::uint32_t channel, std::size_t i) {
  golden::ConvSums sums = layer.sums[i];
  sums.weights = layer.k[channel];
  return golden::conv_value(sums, layer.conv, 0);
}

/// Whether an output pixel depends on the value.
bool is_used(const PostLayer& layer, std::uint32_t column) {
  if (layer.stride == 1) return true;
  if (column / layer.stride >= layer.output.width) return false;
  if (layer.row_step == 1) return true;
  return column % layer.stride == (layer.pool_type == golden::kPoolRightTop2 ? 1u : 0u);
}

}  // namespace

PostLayer random_post_layer(std::mt19937& random, std::uint32_t max_values) {
  Dice dice(random);
  PostLayer layer;
  choose_shape(dice, layer, max_values);

  // Sums of four lane groups must fit as well as one.
  const std::uint32_t product_bits = dice.chance(10) ? 36 : dice.range(4, 28);
  const std::uint32_t pixel_bits = dice.chance(10) ? 20 : dice.range(4, 20);
  layer.conv.arg_w = 1;
  layer.conv.arg_x = static_cast<std::int32_t>(dice.signed_bits(24));
  layer.conv.shr_x = dice.range(0, 15);
  layer.sums.resize(std::size_t{layer.channels} * layer.rows * layer.in_width);
  for (auto& sums : layer.sums) {
    sums.products = static_cast<std::int64_t>(dice.bits(product_bits));
    sums.pixels = static_cast<std::int64_t>(dice.bits(pixel_bits));
  }

  layer.k.resize(layer.channels);
  layer.bn.resize(layer.channels);
  const bool big = dice.chance(5);
  for (std::uint32_t channel = 0; channel < layer.channels; ++channel) {
    const std::size_t sample = layer.index(channel, 0, dice.range(0, layer.in_width - 1));
    layer.k[channel] = big ? dice.signed_bits(49) : -conv_of(layer, channel, sample);
    auto& bn = layer.bn[channel];
    bn.mul = static_cast<std::int32_t>(dice.signed_bits(dice.chance(5) ? 24 : 16));
    bn.shift = dice.range(0, 15);
    bn.add = static_cast<std::int32_t>(dice.signed_bits(32));
  }

  std::vector<std::int64_t> norms;
  for (int i = 0; i < 64; ++i) {
    const std::uint32_t channel = dice.range(0, layer.channels - 1);
    const std::size_t sample =
        layer.index(channel, dice.range(0, layer.rows - 1), dice.range(0, layer.in_width - 1));
    norms.push_back(golden::normalize(conv_of(layer, channel, sample), layer.bn[channel]));
  }
  layer.act = random_act_table(dice, norms);
  return layer;
}

PostResult run_post_layer(const PostLayer& layer) {
  PostResult result;
  const std::size_t plane_size = std::size_t{layer.rows} * layer.in_width;
  for (std::uint32_t channel = 0; channel < layer.channels; ++channel) {
    std::vector<std::uint8_t> plane(plane_size, 0);
    for (std::size_t i = 0; layer.load_act && i < plane_size; ++i) {
      const std::int64_t conv = conv_of(layer, channel, channel * plane_size + i);
      const std::int64_t norm = golden::normalize(conv, layer.bn[channel]);
      plane[i] = golden::activate(layer.act, norm, {});
      if (is_used(layer, static_cast<std::uint32_t>(i % layer.in_width))) {
        result.conv_overflow |= !golden::fits_36_bits(conv);
        result.norm_overflow |= !golden::fits_36_bits(norm);
      }
    }

    if (layer.row_step > 1) {  // the rows are picked already
      const std::uint32_t first = layer.pool_type == golden::kPoolRightTop2 ? 1 : 0;
      for (std::uint32_t row = 0; row < layer.rows; ++row) {
        for (std::uint32_t column = 0; column < layer.output.width; ++column) {
          result.planar.push_back(
              plane[std::size_t{row} * layer.in_width + column * layer.stride + first]);
        }
      }
    } else {
      const auto pooled = golden::pool_channel(plane, layer.rows, layer.in_width, layer.pool_type);
      result.planar.insert(result.planar.end(), pooled.begin(), pooled.end());
    }
  }
  return result;
}

}  // namespace kpu::test
