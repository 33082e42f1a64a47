// SPDX-License-Identifier: Apache-2.0
#include "golden/ops/linear_codes.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "golden/ops/float_rules.h"

namespace kpu::golden {
namespace {

/// std::nearbyint without a call: the sum has no room for bits behind the point.
float round_to_even(float x) {
  constexpr float kNoFraction = 12582912.0f;  // 1.5 * 2^23
  return std::fabs(x) < 4194304.0f ? (x + kNoFraction) - kNoFraction : std::nearbyint(x);
}

/// The nearest code of a type.
template <class Code>
Code clamp_to_code(std::int32_t value) {
  using Limits = std::numeric_limits<Code>;
  return static_cast<Code>(std::clamp<std::int32_t>(value, Limits::min(), Limits::max()));
}

/// The device works on pairs of floats with the hardware's rounding, half to even; what is left of
/// an odd number goes through roundf. Nothing here changes the rounding mode.
template <class Code>
void device_quantize(std::span<const float> in, std::span<Code> out, float scale, float bias) {
  const std::size_t pairs_end = out.size() / 2 * 2;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const float value = std::fma(in[i], scale, bias);
    const float whole = i < pairs_end ? round_to_even(value) : std::round(value);
    out[i] = clamp_to_code<Code>(to_int(whole, FloatRule::kDevice));
  }
}

template <class Code>
void quantize(std::span<const float> in, std::span<Code> out, float scale, float bias,
              FloatRule rule) {
  if (rule == FloatRule::kDevice) {
    device_quantize(in, out, scale, bias);
    return;
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = clamp_to_code<Code>(to_int(round_to_even(in[i] * scale + bias), rule));
  }
}

template <class Code>
void dequantize(std::span<const Code> in, std::span<float> out, float scale, float bias,
                FloatRule rule) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = mul_add(static_cast<float>(in[i]), scale, bias, rule);
  }
}

}  // namespace

void quantize_v4(std::span<const float> in, std::span<std::uint8_t> out, float scale,
                 std::int32_t zero_point, FloatRule rule) {
  const auto bias = static_cast<float>(zero_point);
  if (rule == FloatRule::kDevice) {
    device_quantize(in, out, scale, bias);
    return;
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = clamp_to_byte(to_int(std::round(in[i] * scale + bias), rule));
  }
}

void dequantize_v4(std::span<const std::uint8_t> in, std::span<float> out, float scale,
                   std::int32_t zero_point, FloatRule rule) {
  const float factor = 1.0f / scale;
  const float bias = static_cast<float>(-std::int64_t{zero_point}) * factor;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = rule == FloatRule::kDevice
                 ? std::fma(static_cast<float>(in[i]), factor, bias)
                 : static_cast<float>(std::int64_t{in[i]} - zero_point) * factor;
  }
}

void quantize_v5(std::span<const float> in, std::span<std::uint8_t> out, float scale, float bias,
                 FloatRule rule) {
  quantize(in, out, scale, bias, rule);
}

void quantize_v5(std::span<const float> in, std::span<std::int8_t> out, float scale, float bias,
                 FloatRule rule) {
  quantize(in, out, scale, bias, rule);
}

void dequantize_v5(std::span<const std::uint8_t> in, std::span<float> out, float scale, float bias,
                   FloatRule rule) {
  dequantize(in, out, scale, bias, rule);
}

void dequantize_v5(std::span<const std::int8_t> in, std::span<float> out, float scale, float bias,
                   FloatRule rule) {
  dequantize(in, out, scale, bias, rule);
}

}  // namespace kpu::golden
