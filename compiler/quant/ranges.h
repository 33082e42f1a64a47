// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "compiler/quant/codes.h"

namespace kpu::compiler {

/// What the calibration saw of one value.
struct Observed {
  float low = 0;
  float high = 0;
  std::vector<float> lows, highs;  ///< of each plane (plane_count)
  std::vector<float> samples;      ///< evenly spread over elements and pictures

  /// Takes in a tensor, and about `count` samples of it.
  void add(const Tensor& tensor, std::size_t count);
  /// Takes in what another one saw of the same value.
  void add(const Observed& other);
};

/// Runs the float graph on every set of inputs.
std::vector<Observed> observe(const Graph& graph, std::span<const std::vector<Tensor>> pictures);

/// How ranges are chosen.
enum class RangeRule {
  kMinMax,      ///< everything that was seen
  kPercentile,  ///< all but 0.01 % at either end
  kLeastError,  ///< least mean square error of the codes
};

inline constexpr RangeRule kRangeRules[] = {RangeRule::kMinMax, RangeRule::kPercentile,
                                            RangeRule::kLeastError};

const char* to_string(RangeRule rule);

/// Codes for what was seen.
Codes choose_codes(const Observed& seen, RangeRule rule);

}  // namespace kpu::compiler
