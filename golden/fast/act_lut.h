// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "golden/arith.h"

namespace kpu::golden::fast {

/// The activation as a table over norm, exact: norm is clamped to base .. base + (buckets << shift)
/// - 1, the bits above `shift` pick a bucket, and inside a bucket the output changes at most once.
struct ActLut {
  std::int64_t base = 0;
  std::uint32_t shift = 0;            ///< 0..30
  std::vector<std::int32_t> change;   ///< bits below `shift` at which the output changes
  std::vector<std::int32_t> outputs;  ///< output before the change, and 256 times that behind it
  std::vector<std::int32_t> packed;   ///< outputs | change << 16; empty if shift is above 16

  /// Largest value that norm - base is clamped to.
  std::int64_t last() const { return (static_cast<std::int64_t>(change.size()) << shift) - 1; }

  /// The activation of one value, for tests.
  std::uint8_t operator()(std::int64_t norm) const;
};

/// Table for norm values in first .. last. Nothing if the outputs change so often, or over such a
/// range, that it would be too large to be quick.
std::optional<ActLut> make_act_lut(const ActTable& table, const ArithOptions& options,
                                   std::int64_t first, std::int64_t last);

}  // namespace kpu::golden::fast
