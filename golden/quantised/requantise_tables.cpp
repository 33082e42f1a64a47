// SPDX-License-Identifier: Apache-2.0
#include "golden/quantised/requantise_tables.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace kpu::golden::quantised {
namespace {

constexpr std::int64_t kLastNorm = (std::int64_t{1} << 35) - 1;

/// Segments of an activation table, first one first; the rest of the table is never reached.
class TableBuilder {
 public:
  explicit TableBuilder(int highest) {
    table_.fill(
        {.x_start = kLastNorm, .y_mul = 0, .shift = 0, .bias = static_cast<std::uint8_t>(highest)});
  }

  /// From norm = start + 1 on: one pixel.
  void constant(std::int64_t start, int pixel) {
    table_[used_++] = {start, 0, 0, static_cast<std::uint8_t>(pixel)};
  }
  /// From norm = start + 1 on: `pixel` and (norm - start) / 2^shift more.
  void rising(std::int64_t start, int pixel, std::uint32_t shift) {
    table_[used_++] = {start, 1, shift, static_cast<std::uint8_t>(pixel)};
  }

  const ActTable& table() const { return table_; }

 private:
  ActTable table_{};
  std::size_t used_ = 0;
};

/// Where `add` may lie so that every code begins at its accumulator.
struct AddBounds {
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

AddBounds add_bounds(const CodeSteps& wanted, const CodeSteps& norm_steps, std::int64_t bias,
                     const Range& range, const BatchNorm& bn) {
  const auto product = [&](std::int64_t accumulator) {
    return ((accumulator - bias) * bn.mul) >> bn.shift;
  };
  AddBounds bounds;
  for (std::size_t i = 0; i < wanted.at.size(); ++i) {
    const std::int64_t at = wanted.at[i];
    if (at <= range.last) {
      bounds.least = std::max(bounds.least, norm_steps.at[i] - product(at));
    }
    if (at > range.first) {
      bounds.most = std::min(bounds.most, norm_steps.at[i] - product(at - 1) - 1);
    }
  }
  return bounds;
}

std::int64_t middle(std::int64_t a, std::int64_t b) { return a + (b - a) / 2; }

}  // namespace

ActTable make_act_table(const ActShape& shape) {
  const std::uint32_t shift = shape.fraction_bits;
  const auto norm_of = [&](int pixel) {
    return static_cast<std::int64_t>(pixel - shape.zero) * (std::int64_t{1} << shift);
  };
  TableBuilder builder(shape.highest);
  builder.constant(-kLastNorm - 1, shape.lowest);
  if (shape.lowest == shape.highest) return builder.table();
  if (shape.toward_zero != 0) {
    if (shape.lowest < shape.zero) {
      builder.rising(norm_of(shape.lowest) + shape.toward_zero, shape.lowest, shift);
    }
    const int start = std::max(shape.lowest, shape.zero);
    if (start < shape.highest) {
      builder.rising(norm_of(start) - shape.toward_zero, start, shift);
    }
  } else if (shift == 0 || (shape.lowest - shape.even_at) % 2 == 0) {
    builder.rising(norm_of(shape.lowest), shape.lowest, shift);
  } else {
    // The KPU counts from the segment's first pixel, which has to be an even one. The tie in front
    // of it goes up to it.
    const std::int64_t tie = norm_of(shape.lowest) + (std::int64_t{1} << (shift - 1));
    builder.constant(tie - 1, shape.lowest + 1);
    builder.rising(norm_of(shape.lowest + 1), shape.lowest + 1, shift);
  }
  if (shape.highest < 255) builder.constant(norm_of(shape.highest), shape.highest);
  return builder.table();
}

BatchNorm fit_batch_norm(const CodeSteps& wanted, const CodeSteps& norm_steps, std::int64_t bias,
                         const Range& range, double ratio, std::uint32_t scale_bits,
                         std::uint32_t multiplier_bits) {
  const double most = std::ldexp(1.0, static_cast<int>(multiplier_bits)) - 1;
  const double scaled = std::ldexp(ratio, static_cast<int>(scale_bits));
  BatchNorm best;
  best.shift = 15;
  while (best.shift > 0 && std::round(std::ldexp(scaled, static_cast<int>(best.shift))) > most) {
    --best.shift;
  }
  const double nearest = std::round(std::ldexp(scaled, static_cast<int>(best.shift)));
  std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
  BatchNorm bn = best;
  for (const int off : {0, 1, -1, 2, -2, 3, -3, 4, -4}) {
    bn.mul = static_cast<std::int32_t>(std::clamp(nearest + off, 1.0, most));
    const AddBounds bounds = add_bounds(wanted, norm_steps, bias, range, bn);
    constexpr auto kLeast = std::int64_t{std::numeric_limits<std::int32_t>::min()};
    constexpr auto kMost = std::int64_t{std::numeric_limits<std::int32_t>::max()};
    // Without any step in range one of them has no bound.
    const std::int64_t low = std::clamp(bounds.least, kLeast, kMost);
    const std::int64_t high = std::clamp(bounds.most, kLeast, kMost);
    for (const std::int64_t add : {middle(low, high), low, high}) {
      bn.add = static_cast<std::int32_t>(add);
      const std::int64_t differing =
          count_differences(wanted, steps_behind(norm_steps, bn, bias, range), range);
      if (differing < fewest) {
        fewest = differing;
        best = bn;
      }
      if (fewest == 0) return best;
    }
  }
  return best;
}

}  // namespace kpu::golden::quantised
