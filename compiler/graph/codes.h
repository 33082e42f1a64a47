// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace kpu::compiler {

/// How a uint8 code stands for a real number: real = (code - zero) * scale. int8 codes of a file
/// count here from 128 on: code + 128, zero + 128.
struct Codes {
  float scale = 1;
  std::int32_t zero = 0;  ///< 0..255: zero itself is always a code

  float real(float code) const { return (code - static_cast<float>(zero)) * scale; }
  /// The nearest code, 0..255; halves away from zero, as the runtime's quantize.
  float code(float real) const {
    const float at = real / scale + static_cast<float>(zero);
    const float inside = at > 0 ? std::min(at, 255.f) : 0.f;
    const auto whole = static_cast<float>(static_cast<std::int32_t>(inside));
    return inside - whole >= 0.5f ? whole + 1 : whole;
  }
  /// The nearest code; halves to even before the zero is added, as ONNX's QuantizeLinear.
  float code_to_even(float real) const {
    const float at = std::nearbyint(real / scale) + static_cast<float>(zero);
    return at > 0 ? std::min(at, 255.f) : 0.f;
  }
  bool operator==(const Codes&) const = default;
};

}  // namespace kpu::compiler
