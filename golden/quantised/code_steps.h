// SPDX-License-Identifier: Apache-2.0
//
// Both sides of a comparison as step functions of the accumulator: a rule's code and the KPU's only
// ever rise, so the accumulators at which they reach each code say all about them.
#pragma once

#include <cstdint>
#include <vector>

#include "golden/kpu/arith.h"
#include "golden/quantised/conv.h"
#include "golden/quantised/rules.h"

namespace kpu::golden::quantised {

/// A function from whole numbers to lowest .. highest that never falls: at[i] is the smallest
/// argument with the value lowest + 1 + i or more.
struct CodeSteps {
  int lowest = 0;
  int highest = 0;
  std::vector<std::int64_t> at;  ///< highest - lowest of them, ascending
};

/// The codes of `requantise` over the accumulators `range`; range.last + 1 where none reaches it.
CodeSteps steps_of(const Requantiser& requantise, const Range& range);

/// The codes (pixel - y_offset) of an activation over norm values of 36 bits; 2^35 where none
/// reaches it. Throws Error if the activation falls somewhere or leaves lowest .. highest.
CodeSteps steps_of(const ActTable& act, int lowest, int highest, int y_offset);

/// The steps of normalize() and then `norm_steps` in the accumulator, of which conv is `bias` less:
/// bn.mul > 0. Clamped to range.first .. range.last + 1.
CodeSteps steps_behind(const CodeSteps& norm_steps, const BatchNorm& bn, std::int64_t bias,
                       const Range& range);

/// Accumulators in `range` at which the two differ. Both have the same lowest and highest.
std::int64_t count_differences(const CodeSteps& a, const CodeSteps& b, const Range& range);

}  // namespace kpu::golden::quantised
