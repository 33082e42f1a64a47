// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "golden/kpu/arith.h"

namespace kpu::golden::fast {

/// The activation as the list of its changes, exact over all norm values of 36 bits: slower than
/// ActLut, but for every table. The bits above `shift` of norm - base, clamped to 0 .. last(), pick
/// a bucket that tells where in the list to start; from there it is `most` steps at most.
struct ActSteps {
  std::int64_t base = 0;
  std::uint32_t shift = 0;
  int most = 0;                      ///< changes in a bucket
  std::vector<std::int64_t> first;   ///< by bucket: changes in front of it
  std::vector<std::int64_t> before;  ///< last norm - base in front of each change, then unreachable
  std::vector<std::int64_t> output;  ///< behind the first i changes

  std::int64_t last() const { return (static_cast<std::int64_t>(first.size()) << shift) - 1; }

  /// The activation of one value.
  std::uint8_t operator()(std::int64_t norm) const;
};

/// List for norm values in first .. last.
ActSteps make_act_steps(const ActTable& table, const ArithOptions& options, std::int64_t first,
                        std::int64_t last);

}  // namespace kpu::golden::fast
