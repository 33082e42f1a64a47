// SPDX-License-Identifier: Apache-2.0
//
// The KPU's batch norm and activation as a requantisation.
#pragma once

#include <cstdint>

#include "golden/kpu/arith.h"
#include "golden/quantised/code_steps.h"

namespace kpu::golden::quantised {

/// What an activation does between two pixels: norm is pixel - zero with `fraction_bits` bits
/// behind the point.
struct ActShape {
  int lowest = 0;  ///< pixels, 0..255
  int highest = 255;
  int zero = 0;
  std::uint32_t fraction_bits = 0;  ///< 0..26
  /// Ties go to pixels of which this one's distance is even.
  int even_at = 0;
  /// Instead, steps lie this much (in norm) nearer to `zero` than half way, on both sides of it:
  /// half away from zero, and what the first of two roundings adds; below 0, farther. 0: ties to
  /// even.
  std::int64_t toward_zero = 0;
};

/// The table for `shape`; the result never falls.
ActTable make_act_table(const ActShape& shape);

/// The batch norm of one channel whose codes behind `norm_steps` (of an activation) are those of
/// `wanted` for as many accumulators in `range` as possible; for all of them where the two rules
/// allow it with a multiplier next to `ratio`. `bias` is what conv lacks of the accumulator.
/// `scale_bits` is the activation's fraction_bits, `multiplier_bits` 1..23.
BatchNorm fit_batch_norm(const CodeSteps& wanted, const CodeSteps& norm_steps, std::int64_t bias,
                         const Range& range, double ratio, std::uint32_t scale_bits,
                         std::uint32_t multiplier_bits);

}  // namespace kpu::golden::quantised
