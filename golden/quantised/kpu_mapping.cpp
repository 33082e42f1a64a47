// SPDX-License-Identifier: Apache-2.0
#include "golden/quantised/kpu_mapping.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>
#include <set>
#include <utility>

#include "common/error.h"
#include "golden/quantised/code_steps.h"
#include "golden/quantised/requantise_tables.h"

namespace kpu::golden::quantised {
namespace {

constexpr std::uint32_t kMostFractionBits = 26;

int offset_of(CodeType type) { return type == CodeType::kInt8 ? 128 : 0; }

/// How weights become the KPU's unsigned ones.
struct WeightCoding {
  int offset = 0;  ///< added to code - w_zero
  bool eight_bit = true;
};

WeightCoding weight_coding(const QuantisedConv& conv) {
  const bool uniform = std::adjacent_find(conv.w_zero.begin(), conv.w_zero.end(),
                                          std::not_equal_to<>()) == conv.w_zero.end();
  if (uniform) return {conv.w_zero.front() + offset_of(conv.w_type), true};
  int low = 255;
  int high = -255;
  for (std::uint32_t channel = 0; channel < conv.out_channels; ++channel) {
    for (int code : conv.weights_of(channel)) {
      low = std::min(low, code - conv.w_zero_of(channel));
      high = std::max(high, code - conv.w_zero_of(channel));
    }
  }
  if (high - low <= 255) return {-low, true};
  return {255, false};
}

/// The layer's shape, and where the convolution's rows and columns lie in it.
void place(const QuantisedConv& conv, bool eight_bit, MappedConv& mapped) {
  // Output row r is centred on row stride * r + first of the image.
  const std::uint32_t first_row = conv.kernel == 3 ? 1 - conv.pad_top : 0;
  const std::uint32_t first_column = conv.kernel == 3 ? 1 - conv.pad_left : 0;
  if (conv.stride == 2) {
    mapped.extra_rows = first_row;
    mapped.extra_columns = first_column;
  }
  mapped.first_row = first_row;
  mapped.first_column = first_column;
  LayerShape shape{.in_channels = conv.in_channels,
                   .out_channels = conv.out_channels,
                   .height = conv.height + mapped.extra_rows,
                   .width = conv.width + mapped.extra_columns,
                   .kernel = conv.kernel,
                   .depthwise = conv.depthwise,
                   .first_stride = conv.stride == 2};
  shape.dst_line = static_cast<std::uint32_t>(
      ImageLayout::standard(0, shape.in_channels, shape.height, shape.width).end_line());
  mapped.layer.args = make_layer_args(shape, eight_bit);
}

void set_convolution(const QuantisedConv& conv, MappedConv& mapped) {
  LayerArgs& args = mapped.layer.args;
  const int zero = conv.x_zero + mapped.x_offset;
  args.conv.arg_x = -mapped.weight_offset;
  args.conv.arg_w = -zero;
  args.conv.arg_add = std::int64_t{zero} * mapped.weight_offset * static_cast<int>(conv.taps());
  args.pad_value = static_cast<std::uint8_t>(zero);
  mapped.layer.weights.reserve(conv.w.size());
  for (std::uint32_t channel = 0; channel < conv.out_channels; ++channel) {
    for (int code : conv.weights_of(channel)) {
      mapped.layer.weights.push_back(
          static_cast<std::uint16_t>(code - conv.w_zero_of(channel) + mapped.weight_offset));
    }
  }
}

/// The most fraction bits with which norm, norm_add, norm_mul and x_start keep to their widths.
int most_fraction_bits(const QuantisedConv& conv, std::uint32_t multiplier_bits) {
  double limit = std::ldexp(1.0, kMostFractionBits);
  for (std::uint32_t channel = 0; channel < conv.out_channels; ++channel) {
    const Range range = accumulator_range(conv, channel);
    const double ratio = conv.scales_of(channel).ratio();
    const double largest =
        static_cast<double>(std::max(std::abs(range.first), std::abs(range.last)));
    const double bias = std::abs(static_cast<double>(conv.bias_of(channel)));
    // A code of room for what rounding adds; norm has a sign bit, norm_mul none.
    limit = std::min({limit, std::ldexp(1.0, 35) / (largest * ratio + 1),
                      std::ldexp(1.0, 31) / (bias * ratio + 1),
                      (std::ldexp(1.0, static_cast<int>(multiplier_bits)) - 1) / ratio});
  }
  return static_cast<int>(std::floor(std::log2(limit)));
}

/// Fraction bits worth trying, the most first. Fewer help where a rule's own multiplier is rounded:
/// norm then has the same value on all of its ties.
std::vector<std::uint32_t> fraction_bits(const QuantisedConv& conv, const MappingOptions& options) {
  if (options.multiplier_bits < 1 || options.multiplier_bits > 23) {
    throw Error(fmt::format("multiplier_bits={}: expected 1..23", options.multiplier_bits));
  }
  const int most = most_fraction_bits(conv, options.multiplier_bits);
  if (most < 0) {
    throw Error(
        "the layer does not fit the KPU: its accumulators times x_scale * w_scale / y_scale, or "
        "its "
        "bias, need more than 36 and 32 bits");
  }
  if (options.fraction_bits) {
    if (*options.fraction_bits > static_cast<std::uint32_t>(most)) {
      throw Error(fmt::format("fraction_bits={}: expected 0..{} for this layer",
                              *options.fraction_bits, most));
    }
    return {*options.fraction_bits};
  }
  std::vector<std::uint32_t> list{static_cast<std::uint32_t>(most)};
  constexpr int kFewest = 10;
  for (int bits = most - 1; bits >= kFewest; --bits) {
    list.push_back(static_cast<std::uint32_t>(bits));
  }
  return list;
}

/// Activations worth trying for the rule's ties, the likeliest first.
std::vector<ActShape> act_shapes(const QuantisedConv& conv, const MappedConv& mapped) {
  ActShape shape{.lowest = conv.lowest() + mapped.y_offset,
                 .highest = conv.highest() + mapped.y_offset,
                 .zero = conv.y_zero + mapped.y_offset,
                 .fraction_bits = mapped.fraction_bits};
  shape.even_at = conv.rule == Rule::kOnnxReference ? 0 : shape.zero;
  std::set<std::int64_t> distances;
  for (std::uint32_t channel = 0; channel < conv.out_channels; ++channel) {
    const Requantiser rule = requantiser_of(conv, channel);
    const int shift = -rule.fixed().exponent;
    if (rule.arithmetic() != Arithmetic::kFixedTwiceAway || shift <= 0) continue;
    // The first rounding, to 2^-shift codes, moves the second one's ties by half of that.
    const int bits = static_cast<int>(mapped.fraction_bits) - shift - 1;
    if (bits >= 0) distances.insert(std::int64_t{1} << bits);
  }
  std::vector<ActShape> shapes;
  for (std::int64_t distance : distances) {
    shapes.push_back(shape);
    shapes.back().toward_zero = distance;
  }
  shapes.push_back(shape);
  // A multiplier slightly above or below a short fraction sends its ties away from or toward zero.
  // With fewer bits the two sides would meet in the middle of a code.
  if (mapped.fraction_bits < 3) return shapes;
  for (std::int64_t distance : {1, -1}) {
    shapes.push_back(shape);
    shapes.back().toward_zero = distance;
  }
  return shapes;
}

/// A channel's accumulators, and where its rule's codes begin.
struct ChannelTarget {
  Range range;
  std::int64_t bias;
  double ratio;
  CodeSteps wanted;
};

std::vector<ChannelTarget> targets_of(const QuantisedConv& conv) {
  std::vector<ChannelTarget> targets;
  for (std::uint32_t channel = 0; channel < conv.out_channels; ++channel) {
    const Range range = accumulator_range(conv, channel);
    targets.push_back({range, conv.bias_of(channel), conv.scales_of(channel).ratio(),
                       steps_of(requantiser_of(conv, channel), range)});
  }
  return targets;
}

/// Activation and batch norm of a layer, and for how many accumulators its codes differ.
struct Fit {
  std::uint32_t fraction_bits = 0;
  ActTable act{};
  std::vector<BatchNorm> batch_norm;
  std::int64_t differing = std::numeric_limits<std::int64_t>::max();
};

/// The batch norm for an activation; stops where more differ than in `best`.
Fit fit(const std::vector<ChannelTarget>& targets, const ActShape& shape, int y_offset,
        std::uint32_t multiplier_bits, const Fit& best) {
  Fit result{shape.fraction_bits, make_act_table(shape), {}, 0};
  const CodeSteps norm_steps =
      steps_of(result.act, shape.lowest - y_offset, shape.highest - y_offset, y_offset);
  for (const ChannelTarget& target : targets) {
    const BatchNorm bn = fit_batch_norm(target.wanted, norm_steps, target.bias, target.range,
                                        target.ratio, shape.fraction_bits, multiplier_bits);
    result.differing += count_differences(
        target.wanted, steps_behind(norm_steps, bn, target.bias, target.range), target.range);
    result.batch_norm.push_back(bn);
    if (result.differing >= best.differing) break;
  }
  return result;
}

Fit best_fit(const QuantisedConv& conv, const MappingOptions& options, MappedConv& mapped) {
  const std::vector<ChannelTarget> targets = targets_of(conv);
  Fit best;
  for (const std::uint32_t bits : fraction_bits(conv, options)) {
    mapped.fraction_bits = bits;
    for (const ActShape& shape : act_shapes(conv, mapped)) {
      Fit next = fit(targets, shape, mapped.y_offset, options.multiplier_bits, best);
      if (next.differing < best.differing) best = std::move(next);
      if (best.differing == 0) return best;
    }
  }
  return best;
}

}  // namespace

MappedConv map_to_kpu(const QuantisedConv& conv, const MappingOptions& options) {
  require_valid(conv);
  MappedConv mapped;
  const WeightCoding coding = weight_coding(conv);
  mapped.layer.eight_bit = coding.eight_bit;
  mapped.weight_offset = coding.offset;
  mapped.x_offset = offset_of(conv.x_type);
  mapped.y_offset = offset_of(conv.y_type);
  place(conv, coding.eight_bit, mapped);
  set_convolution(conv, mapped);
  Fit best = best_fit(conv, options, mapped);
  mapped.fraction_bits = best.fraction_bits;
  mapped.layer.act = best.act;
  mapped.layer.batch_norm = std::move(best.batch_norm);
  require_valid(mapped.layer);
  return mapped;
}

std::vector<std::uint8_t> kpu_input(const QuantisedConv& conv, const MappedConv& mapped,
                                    std::span<const std::int16_t> x) {
  const LayerArgs& args = mapped.layer.args;
  const std::size_t count = std::size_t{conv.in_channels} * conv.height * conv.width;
  if (x.size() != count) {
    throw Error(fmt::format("x={}: expected {} values", x.size(), count));
  }
  std::vector<std::uint8_t> planar(std::size_t{args.in_channels} * args.in_height * args.in_width,
                                   args.pad_value);
  const std::int16_t* from = x.data();
  for (std::size_t c = 0; c < conv.in_channels; ++c) {
    for (std::size_t row = 0; row < conv.height; ++row) {
      const std::size_t line = c * args.in_height + row + mapped.extra_rows;
      std::uint8_t* to = &planar[line * args.in_width + mapped.extra_columns];
      for (std::size_t column = 0; column < conv.width; ++column) {
        *to++ = static_cast<std::uint8_t>(*from++ + mapped.x_offset);
      }
    }
  }
  return planar;
}

std::vector<std::int16_t> codes_from_kpu(const QuantisedConv& conv, const MappedConv& mapped,
                                         std::span<const std::uint8_t> output) {
  const LayerArgs& args = mapped.layer.args;
  std::vector<std::int16_t> codes;
  codes.reserve(std::size_t{conv.out_channels} * conv.out_height() * conv.out_width());
  for (std::size_t c = 0; c < conv.out_channels; ++c) {
    for (std::size_t row = 0; row < conv.out_height(); ++row) {
      const std::size_t line = c * args.out_height + row + mapped.first_row;
      for (std::size_t column = 0; column < conv.out_width(); ++column) {
        const int pixel = output[line * args.out_width + column + mapped.first_column];
        codes.push_back(static_cast<std::int16_t>(pixel - mapped.y_offset));
      }
    }
  }
  return codes;
}

}  // namespace kpu::golden::quantised
