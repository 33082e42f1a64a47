// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "golden/kpu/arith.h"

namespace kpu::golden::fast {

/// An activation that is one line, as of a ReLU: bias below `start`, then bias plus the distance
/// from it shifted down by `shift`, rounded to even, up to 255.
struct ActLine {
  std::int64_t start;
  std::uint32_t shift;  ///< 1..23
  std::int32_t bias;    ///< 0..255

  /// Largest distance from the start that is not clamped.
  std::int32_t last() const { return (255 - bias) << shift; }

  /// Whether floats of 24 bits give the outputs exactly, as Finish::FollowRelu does it, if norm
  /// less norm_add and this sum fit 32 bits. `add` is norm_add - start. With x the former: where
  /// |x| <= 2^24, x, add and what matters of x + add are exact; else |x + add| >= 2^23, which is
  /// 256 or more behind the shift, as is what rounding makes of it.
  bool fits_float(std::int64_t add) const {
    return bias == 0 && shift >= 8 && shift <= 15 && add >= -(1 << 23) && add <= 1 << 23;
  }

  std::uint8_t operator()(std::int64_t norm) const;
};

/// How the kernels compute the activation.
enum class ActMode {
  kTable,        ///< by the table, in 64 bits
  kPackedTable,  ///< by the packed table; norm - base fits 32 bits
  kLine,         ///< by the line; norm - start fits 32 bits
  kRelu,         ///< by the line, in floats of 24 bits
  kSteps,        ///< by the list of changes, watching whether norm fits 36 bits
};

/// The activation as a table over norm, exact: norm is clamped to base .. base + (buckets << shift)
/// - 1, the bits above `shift` pick a bucket, and inside a bucket the output changes `most` times
/// at most.
struct ActLut {
  static constexpr std::size_t kMost = 3;

  std::int64_t base = 0;
  std::uint32_t shift = 0;  ///< 0..30
  std::size_t most = 1;     ///< 1..kMost
  /// Bits below `shift` at which the output changes for the first, second, .. time; 1 << shift
  /// where it does not.
  std::array<std::vector<std::int32_t>, kMost> change;
  std::vector<std::int32_t> outputs;  ///< byte i: behind i changes
  /// outputs | first change << 16; empty unless `most` is 1 and shift 16 or less.
  std::vector<std::int32_t> packed;
  std::optional<ActLine> line;  ///< the same function, if it is as simple

  /// Largest value that norm - base is clamped to.
  std::int64_t last() const { return (static_cast<std::int64_t>(outputs.size()) << shift) - 1; }

  /// Whether no output is less than one of a lesser norm.
  bool rises() const;

  /// The activation of one value, for tests.
  std::uint8_t operator()(std::int64_t norm) const;
};

/// Table for norm values in first .. last. Nothing if the outputs change so often, or over such a
/// range, that it would be too large to be quick.
std::optional<ActLut> make_act_lut(const ActTable& table, const ArithOptions& options,
                                   std::int64_t first, std::int64_t last);

}  // namespace kpu::golden::fast
