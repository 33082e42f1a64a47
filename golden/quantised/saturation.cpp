// SPDX-License-Identifier: Apache-2.0
#include "golden/quantised/saturation.h"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace kpu::golden::quantised {
namespace {

using Int16 = std::numeric_limits<std::int16_t>;

/// Calls visit(i, j) for the places, in the weights' order, of two products that are added first.
template <class Visit>
void each_pair(const QuantisedConv& conv, Visit visit) {
  const std::size_t taps = conv.taps();
  const std::size_t count = taps * conv.in_channels;
  const auto place = [&](std::size_t k) {
    return k % conv.in_channels * taps + k / conv.in_channels;
  };
  // A last one without a partner never saturates.
  for (std::size_t k = 0; k + 1 < count; k += 2) visit(place(k), place(k + 1));
}

}  // namespace

bool adds_saturating_pairs(const QuantisedConv& conv) {
  return conv.rule == Rule::kOnnxRuntimeAvx2 && !conv.depthwise &&
         conv.x_type == CodeType::kUint8 && conv.w_type == CodeType::kInt8;
}

bool can_saturate(const QuantisedConv& conv, std::uint32_t channel) {
  if (!adds_saturating_pairs(conv)) return false;
  const std::span<const std::int16_t> weights = conv.weights_of(channel);
  bool found = false;
  each_pair(conv, [&](std::size_t i, std::size_t j) {
    const int most = 255 * (std::max<int>(weights[i], 0) + std::max<int>(weights[j], 0));
    const int least = 255 * (std::min<int>(weights[i], 0) + std::min<int>(weights[j], 0));
    found = found || most > Int16::max() || least < Int16::min();
  });
  return found;
}

std::int32_t saturation_error(const QuantisedConv& conv, std::uint32_t channel,
                              std::span<const std::int32_t> window) {
  const std::span<const std::int16_t> weights = conv.weights_of(channel);
  std::int32_t error = 0;
  each_pair(conv, [&](std::size_t i, std::size_t j) {
    const std::int32_t pair = window[i] * weights[i] + window[j] * weights[j];
    error += std::clamp<std::int32_t>(pair, Int16::min(), Int16::max()) - pair;
  });
  return error;
}

}  // namespace kpu::golden::quantised
