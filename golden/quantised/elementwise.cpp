// SPDX-License-Identifier: Apache-2.0
#include "golden/quantised/elementwise.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace kpu::golden::quantised {
namespace {

bool is_tflite_integer(Rule rule) {
  return rule == Rule::kLiteRtBuiltin || rule == Rule::kLiteRtReference ||
         rule == Rule::kTfliteMicro;
}

int clamped(std::int64_t code, const CodeRange& range) {
  return static_cast<int>(std::clamp<std::int64_t>(code, range.lowest, range.highest));
}

std::int64_t rounded(float value) {
  constexpr float kLimit = 16777216.F;
  return static_cast<std::int64_t>(std::nearbyint(std::clamp(value, -kLimit, kLimit)));
}

/// rint((p + q) / unit) for the products p and q, exactly: the sum's rounding error decides where
/// the sum itself lies half way.
std::int64_t real_quotient(double p, double q, double unit) {
  const double sum = p + q;
  const double part = sum - p;
  const double error = (p - (sum - part)) + (q - part);
  const double near = std::clamp(std::nearbyint(sum / unit), -16777216.0, 16777216.0);
  const auto code = static_cast<std::int64_t>(near);
  // (2 code +- 1) * unit has at most 50 bits, and is near 2 * sum, so that both are exact.
  const double above = (2 * sum - (2 * near + 1) * unit) + 2 * error;
  const double below = (2 * sum - (2 * near - 1) * unit) + 2 * error;
  const bool odd = (code & 1) != 0;
  if (above > 0 || (above == 0 && odd)) return code + 1;
  if (below < 0 || (below == 0 && odd)) return code - 1;
  return code;
}

/// One rounding of value * m, half up.
std::int64_t fixed_once(std::int64_t value, const FixedMultiplier& m) {
  const int shift = 31 - m.exponent;
  return (value * m.multiplier + (std::int64_t{1} << (shift - 1))) >> shift;
}

}  // namespace

QuantisedAdd::QuantisedAdd(const Affine& a, const Affine& b, const Affine& c,
                           const CodeRange& range, Rule rule)
    : a_(a), b_(b), c_(c), range_(range), rule_(rule) {}

int QuantisedAdd::operator()(int a, int b) const {
  if (rule_ == Rule::kOnnxRuntime || rule_ == Rule::kOnnxRuntimeAvx2) {
    return clamped(float32(a, b), range_);
  }
  if (rule_ == Rule::kLiteRt) return clamped(integer21(a, b), range_);
  if (is_tflite_integer(rule_)) return clamped(integer31(a, b), range_);
  return clamped(real(a, b), range_);
}

std::int64_t QuantisedAdd::real(int a, int b) const {
  return c_.zero + real_quotient(double{a_.scale} * (a - a_.zero), double{b_.scale} * (b - b_.zero),
                                 double{c_.scale});
}

std::int64_t QuantisedAdd::float32(int a, int b) const {
  const float ra = a_.scale / c_.scale;
  const float rb = b_.scale / c_.scale;
  const auto za = static_cast<float>(a_.zero);
  const auto zb = static_cast<float>(b_.zero);
  const float fixed = static_cast<float>(c_.zero) - std::fma(ra, za, rb * zb);
  const float inner = std::fma(static_cast<float>(b), rb, fixed);
  return rounded(std::fma(static_cast<float>(a), ra, inner));
}

std::int64_t QuantisedAdd::integer21(int a, int b) const {
  const float ra = a_.scale / c_.scale;
  const float rb = b_.scale / c_.scale;
  const int shift = 20 - std::ilogb(std::max(ra, rb));
  const auto ma = static_cast<std::int64_t>(std::nearbyint(std::ldexp(ra, shift)));
  const auto mb = static_cast<std::int64_t>(std::nearbyint(std::ldexp(rb, shift)));
  const std::int64_t sum = ma * (a - a_.zero) + mb * (b - b_.zero);
  return c_.zero + ((sum + (std::int64_t{1} << (shift - 1))) >> shift);
}

std::int64_t QuantisedAdd::integer31(int a, int b) const {
  constexpr int kMoreBits = 20;
  const double twice = 2 * std::max(double{a_.scale}, double{b_.scale});
  const auto scaled = [&](int code, const Affine& x) {
    const FixedMultiplier m = fixed_multiplier(double{x.scale} / twice);
    const int value = (code - x.zero) << kMoreBits;
    return rule_ == Rule::kLiteRtBuiltin ? fixed_once(value, m) : fixed_twice(value, m, true);
  };
  const std::int64_t sum = scaled(a, a_) + scaled(b, b_);
  const FixedMultiplier m =
      fixed_multiplier(twice / (std::ldexp(1.0, kMoreBits) * double{c_.scale}));
  return c_.zero + fixed_twice(static_cast<std::int32_t>(sum), m, true);
}

int average_code(std::span<const int> window, const Affine& x, const Affine& y,
                 const CodeRange& range, Rule rule) {
  const auto count = static_cast<int>(window.size());
  const int sum = std::accumulate(window.begin(), window.end(), 0);
  if (rule == Rule::kOnnxRuntime || rule == Rule::kOnnxRuntimeAvx2) {
    float total = 0;
    for (int code : window) total += static_cast<float>(code - x.zero) * x.scale;
    const float mean = total / static_cast<float>(count);
    return clamped(rounded(mean / y.scale + static_cast<float>(y.zero)), range);
  }
  if (rule == Rule::kLiteRt || is_tflite_integer(rule)) {
    const int half = count / 2;
    return clamped(sum >= 0 ? (sum + half) / count : -((-sum + half) / count), range);
  }
  const double total = double{x.scale} * (sum - count * x.zero);
  return clamped(y.zero + real_quotient(total, 0, double{y.scale} * count), range);
}

int global_average_code(std::span<const int> plane, const Affine& x, const Affine& y,
                        const CodeRange& range, Rule rule) {
  if (rule != Rule::kOnnxRuntime && rule != Rule::kOnnxRuntimeAvx2) {
    return average_code(plane, x, y, range, rule);
  }
  const auto count = static_cast<int>(plane.size());
  const int sum = std::accumulate(plane.begin(), plane.end(), 0) - count * x.zero;
  const float scale = x.scale / (y.scale * static_cast<float>(count));
  return clamped(y.zero + rounded(static_cast<float>(sum) * scale), range);
}

}  // namespace kpu::golden::quantised
