// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/layer_plan.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "common/bits.h"

namespace kpu::golden::fast {
namespace {

/// A closed interval of values.
struct Interval {
  std::int64_t low, high;

  bool inside(const Interval& other) const { return low >= other.low && high <= other.high; }
  void include(std::int64_t value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

constexpr Interval kInt32 = {std::numeric_limits<std::int32_t>::min(),
                             std::numeric_limits<std::int32_t>::max()};
constexpr Interval k36Bits = {-(std::int64_t{1} << 35), (std::int64_t{1} << 35) - 1};

class Planner {
 public:
  Planner(const LayerArgs& args, const LayerTables& tables, bool eight_bit)
      : args_(args), tables_(tables), eight_bit_(eight_bit) {}

  std::optional<LayerPlan> plan(const ArithOptions& options) {
    if (args_.full_add || !args_.load_act) {
      return std::nullopt;
    }
    plan_.args = args_;
    Interval norms{std::numeric_limits<std::int64_t>::max(),
                   std::numeric_limits<std::int64_t>::min()};
    for (std::uint32_t channel = 0; channel < args_.out_channels; ++channel) {
      if (!add_channel(channel, norms)) {
        return std::nullopt;
      }
    }
    const ActTable table = decode_act_table(tables_.act);
    std::optional<ActLut> lut;
    if (norms.inside(k36Bits)) {
      lut = make_act_lut(table, options, norms.low, norms.high);
    }
    if (lut) {
      plan_.lut = std::move(*lut);
      plan_.mode = choose_mode(norms);
    } else {
      plan_.steps = make_act_steps(table, options, std::max(norms.low, k36Bits.low),
                                   std::min(norms.high, k36Bits.high));
      plan_.mode = ActMode::kSteps;
    }
    for (ChannelTerms& terms : plan_.channels) {
      terms.add -= origin();
    }
    choose_relu();
    plan_.grid = make_grid(args_, rising());
    plan_.shape = conv_shape(eight_bit_);
    choose_weight_offset();
    if (args_.depthwise) {
      plain_weights();
    } else {
      place_taps();
      pack_weights();
    }
    plan_.channels.resize((plan_.channels.size() + 1) / 2 * 2);
    return std::move(plan_);
  }

 private:
  std::int64_t weight(std::uint32_t channel, std::size_t index) const {
    const std::size_t offset = args_.weight_offset(channel, eight_bit_);
    return eight_bit_ ? tables_.weights[offset + index]
                      : load_le<std::uint16_t>(tables_.weights, offset + 2 * index);
  }

  /// Terms of one output channel; false if its conv might be too wide.
  bool add_channel(std::uint32_t channel, Interval& norms) {
    const std::size_t count = args_.channel_weights();
    std::int64_t weight_sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      weight_sum += weight(channel, i);
    }
    const ConvSums no_pixels{.products = 0, .pixels = 0, .weights = weight_sum};
    const std::int64_t constant = conv_value(no_pixels, args_.conv, args_.summed_channels());
    // The pixel term is monotonic in the sum of pixels, so its ends bound it.
    const std::int64_t most_pixels = 255 * static_cast<std::int64_t>(count);
    const std::int64_t pixel_term = (args_.conv.arg_x * most_pixels) >> args_.conv.shr_x;
    Interval conv{constant, constant + 255 * weight_sum};
    conv.low += std::min<std::int64_t>(pixel_term, 0);
    conv.high += std::max<std::int64_t>(pixel_term, 0);
    if (!conv.inside(kInt32)) {
      return false;
    }
    const BatchNorm bn = decode_batch_norm(
        load_le<std::uint64_t>(tables_.batch_norm, std::size_t{channel} * kBatchNormBytes));
    for (std::int64_t end : {conv.low, conv.high}) {
      const std::int64_t norm = normalize(end, bn);
      norms.include(norm);
      scaled_.include(norm - bn.add);
    }
    plan_.channels.push_back({.constant = static_cast<std::int32_t>(constant),
                              .mul = bn.mul,
                              .shift = static_cast<std::int32_t>(bn.shift),
                              .add = bn.add,
                              .slope = 0,
                              .offset = 0});
    return true;
  }

  /// The norm that the activation of the chosen mode starts at.
  std::int64_t origin() const {
    switch (plan_.mode) {
      case ActMode::kRelu:
      case ActMode::kLine:
        return plan_.lut.line->start;
      case ActMode::kSteps:
        return plan_.steps.base;
      default:
        return plan_.lut.base;
    }
  }

  /// The quickest way to compute the activation that is exact for all these norms.
  ActMode choose_mode(const Interval& norms) const {
    // The sum before norm_add must fit 32 bits, and its distance from the table's or line's start.
    const auto fits_from = [&](std::int64_t start) {
      return scaled_.inside(kInt32) &&
             Interval{norms.low - start, norms.high - start}.inside(kInt32);
    };
    const ActLut& lut = plan_.lut;
    if (lut.line && fits_from(lut.line->start)) {
      return ActMode::kLine;
    }
    if (!lut.packed.empty() && lut.last() <= kInt32.high && fits_from(lut.base)) {
      return ActMode::kPackedTable;
    }
    return ActMode::kTable;
  }

  /// Takes the line in floats if that is exact for all channels.
  void choose_relu() {
    if (plan_.mode != ActMode::kLine ||
        !std::all_of(plan_.channels.begin(), plan_.channels.end(), [&](const ChannelTerms& terms) {
          return plan_.lut.line->fits_float(terms.add);
        })) {
      return;
    }
    plan_.mode = ActMode::kRelu;
    for (ChannelTerms& terms : plan_.channels) {
      terms.slope = std::ldexp(1.0f, -static_cast<int>(plan_.lut.line->shift));
      terms.offset = static_cast<float>(terms.add) * terms.slope;
    }
  }

  /// Whether the output never falls when conv rises, and no norm has to be watched.
  bool rising() const {
    const bool line = plan_.mode == ActMode::kRelu || plan_.mode == ActMode::kLine;
    return plan_.mode != ActMode::kSteps && (line || plan_.lut.rises()) &&
           std::all_of(plan_.channels.begin(), plan_.channels.end(),
                       [](const ChannelTerms& terms) { return terms.mul >= 0; });
  }

  /// Compilers make arg_x / 2^shr_x the weights' zero point: taken off each weight, it leaves no
  /// pixel term.
  void choose_weight_offset() {
    Interval weights{std::numeric_limits<std::int64_t>::max(), 0};
    for (std::uint32_t channel = 0; channel < args_.out_channels; ++channel) {
      for (std::size_t i = 0; i < args_.channel_weights(); ++i) {
        weights.include(weight(channel, i));
      }
    }
    const bool bytes = plan_.shape.group == 4 && !args_.depthwise;
    const std::int64_t half = bytes ? 1 << 7 : 1 << 15;
    const std::int64_t unit = std::int64_t{1} << args_.conv.shr_x;
    const std::int64_t zero_point = -args_.conv.arg_x / unit;
    const bool fits =
        Interval{weights.low - zero_point, weights.high - zero_point}.inside({-half, half - 1});
    if (args_.conv.arg_x % unit == 0 && fits) {
      plan_.weight_offset = static_cast<std::int32_t>(zero_point);
      plan_.pairs = true;
      return;
    }
    plan_.pixel_terms = true;
    if (!args_.depthwise) {
      plan_.weight_offset = static_cast<std::int32_t>(bytes || !eight_bit_ ? half : 0);
    }
  }

  void plain_weights() {
    for (std::size_t ky = 0; ky < args_.kernel(); ++ky) {
      for (std::size_t kx = 0; kx < args_.kernel(); ++kx) {
        plan_.offsets.push_back(plan_.grid.offset(ky, kx));
      }
    }
    for (std::uint32_t channel = 0; channel < args_.out_channels; ++channel) {
      for (std::size_t tap = 0; tap < args_.channel_weights(); ++tap) {
        plan_.weights.push_back(
            static_cast<std::int32_t>(weight(channel, tap) - plan_.weight_offset));
      }
    }
  }

  /// [pass][tap][vector], and which phases they are in.
  void place_taps() {
    const Grid& grid = plan_.grid;
    const std::size_t vectors = plan_.shape.vectors;
    plan_.phases = 0;
    for (std::size_t first = 0; first < (grid.max_pool ? 4 : vectors); first += vectors) {
      for (std::size_t tap = 0; tap < plan_.taps(); ++tap) {
        for (std::size_t vector = first; vector < first + vectors; ++vector) {
          const std::size_t window = grid.max_pool ? vector : 0;
          const std::size_t row = tap / args_.kernel() + window / 2;
          const std::size_t column = tap % args_.kernel() + window % 2 + grid.first_column;
          const std::size_t further = grid.max_pool ? 0 : vector * plan_.shape.lanes;
          plan_.offsets.push_back(grid.offset(row, column) + further);
          plan_.phases |= 1u << (row % grid.step * grid.step + column % grid.step);
        }
      }
    }
  }

  /// `group` weights of an output channel, from input channel `first_in` on; 0 where there is none.
  std::int32_t packed_weight(std::size_t channel, std::size_t first_in, std::size_t tap) const {
    const auto group = static_cast<unsigned>(plan_.shape.group);
    const unsigned width = 32 / group;
    std::uint32_t packed = 0;
    for (unsigned i = 0; i < group && channel < args_.out_channels; ++i) {
      const std::size_t in = first_in + i;
      if (in < args_.in_channels) {
        const std::int64_t w = weight(static_cast<std::uint32_t>(channel), in * plan_.taps() + tap);
        packed |= static_cast<std::uint32_t>(
            place_bits(static_cast<std::uint32_t>(w - plan_.weight_offset), i * width, width));
      }
    }
    return static_cast<std::int32_t>(packed);
  }

  /// [output block][input group][tap][channel of the block].
  void pack_weights() {
    const std::size_t group = plan_.shape.group;
    plan_.groups = (args_.in_channels + group - 1) / group;
    for (std::size_t first = 0; first < args_.out_channels; first += kBlock) {
      const std::size_t end = first + block_channels(args_.out_channels - first);
      for (std::size_t g = 0; g < plan_.groups; ++g) {
        for (std::size_t tap = 0; tap < plan_.taps(); ++tap) {
          for (std::size_t channel = first; channel < end; ++channel) {
            plan_.weights.push_back(packed_weight(channel, g * group, tap));
          }
        }
      }
    }
  }

  const LayerArgs& args_;
  const LayerTables& tables_;
  bool eight_bit_;
  Interval scaled_{0, 0};  ///< of norm - norm_add, over all channels
  LayerPlan plan_;
};

}  // namespace

std::optional<LayerPlan> make_plan(const LayerArgs& args, const LayerTables& tables, bool eight_bit,
                                   const ArithOptions& options) {
  return Planner(args, tables, eight_bit).plan(options);
}

}  // namespace kpu::golden::fast
