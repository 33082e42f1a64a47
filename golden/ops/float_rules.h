// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "golden/kpu/profile.h"

namespace kpu::golden {

/// a * b + c: each operation rounded in the simulators, fused on the device.
inline float mul_add(float a, float b, float c, FloatRule rule) {
  return rule == FloatRule::kDevice ? std::fma(a, b, c) : a * b + c;
}

/// Whole-numbered float to int. What does not fit is INT_MIN in the simulators (as on a PC); on the
/// device it saturates and not-a-number is INT_MAX.
inline std::int32_t to_int(float value, FloatRule rule) {
  using Limits = std::numeric_limits<std::int32_t>;
  constexpr float kTooLarge = 2147483648.0f;
  if (value >= -kTooLarge && value < kTooLarge) {
    return static_cast<std::int32_t>(value);
  }
  if (rule != FloatRule::kDevice || value < 0) {
    return Limits::min();
  }
  return Limits::max();
}

inline std::uint8_t clamp_to_byte(std::int64_t value) {
  return static_cast<std::uint8_t>(std::clamp<std::int64_t>(value, 0, 255));
}

}  // namespace kpu::golden
