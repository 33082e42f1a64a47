// SPDX-License-Identifier: Apache-2.0
#include "golden/quantised/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <utility>

#include "common/error.h"

namespace kpu::golden::quantised {
namespace {

// Products of three 24-bit mantissas and an accumulator need more than 64 bits.
__extension__ using Wide = __int128;

constexpr std::array<std::pair<std::string_view, Rule>, 9> kNames{{
    {"exact", Rule::kExact},
    {"onnxruntime", Rule::kOnnxRuntime},
    {"onnxruntime-avx2", Rule::kOnnxRuntimeAvx2},
    {"onnx-reference", Rule::kOnnxReference},
    {"litert", Rule::kLiteRt},
    {"litert-builtin", Rule::kLiteRtBuiltin},
    {"litert-reference", Rule::kLiteRtReference},
    {"tflite-micro", Rule::kTfliteMicro},
    {"k210", Rule::kK210},
}};

/// A float as integer * 2^exponent.
struct Parts {
  std::int64_t integer;
  int exponent;
};

Parts parts_of(float value) {
  int exponent = 0;
  const float mantissa = std::frexp(value, &exponent);
  return {static_cast<std::int64_t>(std::ldexp(mantissa, 24)), exponent - 24};
}

int bit_length(Wide value) {
  int length = 0;
  for (; value != 0; value >>= 1) ++length;
  return length;
}

/// Sign of a * 2^shift - b for a, b > 0 of 100 bits at most.
int compare_shifted(Wide a, int shift, Wide b) {
  const int difference = bit_length(a) + shift - bit_length(b);
  if (difference != 0) return difference;
  // Equally long: shifting the one that is shorter as a number brings it to the other's length.
  if (shift >= 0) {
    a <<= shift;
  } else {
    b <<= -shift;
  }
  return a < b ? -1 : a > b;
}

/// Sign of accumulator * x * w / y - halves / 2, exactly; both positive.
int compare_with_halves(std::int64_t accumulator, const Scales& scales, std::int64_t halves) {
  const Parts x = parts_of(scales.x);
  const Parts w = parts_of(scales.w);
  const Parts y = parts_of(scales.y);
  const Wide left = Wide{accumulator} * x.integer * w.integer;
  const Wide right = Wide{halves} * y.integer;
  return compare_shifted(left, x.exponent + w.exponent + 1 - y.exponent, right);
}

/// value / 2^shift, half up or half away from zero.
std::int64_t divide_rounded(std::int64_t value, int shift, bool away) {
  if (shift == 0) return value;
  const std::int64_t half = std::int64_t{1} << (shift - 1);
  if (away && value < 0) return -((-value + half) >> shift);
  return (value + half) >> shift;
}

/// Beyond this every code is clamped.
constexpr std::int64_t kFar = std::int64_t{1} << 24;

}  // namespace

Rule rule_by_name(std::string_view name) {
  std::string known;
  for (const auto& [text, rule] : kNames) {
    if (text == name) return rule;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", text);
  }
  throw Error(fmt::format("rounding={}: expected one of {}", name, known));
}

const char* to_string(Rule rule) {
  for (const auto& [text, value] : kNames) {
    if (value == rule) return text.data();
  }
  return "?";
}

Arithmetic arithmetic_of(Rule rule, const RuleContext& context) {
  switch (rule) {
    case Rule::kExact:
    case Rule::kK210:
      return Arithmetic::kRealEven;
    case Rule::kOnnxReference:
      return Arithmetic::kFloat64EvenOfCode;
    case Rule::kOnnxRuntime:
    case Rule::kOnnxRuntimeAvx2:
    case Rule::kLiteRt:
      return Arithmetic::kFloat32Even;
    case Rule::kLiteRtBuiltin: {
      // Its depthwise kernel takes eight channels at once and leaves the rest to the reference's.
      const std::uint32_t in_eights = context.channels / 8 * 8;
      const bool rest = context.depthwise && context.channel >= in_eights;
      return rest ? Arithmetic::kFixedTwiceAway : Arithmetic::kFixedTwiceUp;
    }
    case Rule::kLiteRtReference:
    case Rule::kTfliteMicro:
      break;
  }
  return Arithmetic::kFixedTwiceAway;
}

FixedMultiplier fixed_multiplier(double m) {
  FixedMultiplier result;
  const double mantissa = std::frexp(m, &result.exponent);
  auto integer = static_cast<std::int64_t>(std::floor(std::ldexp(mantissa, 31) + 0.5));
  if (integer == std::int64_t{1} << 31) {
    integer /= 2;
    ++result.exponent;
  }
  result.multiplier = static_cast<std::int32_t>(integer);
  if (result.exponent < -31) result = {};
  return result;
}

std::int64_t real_even(std::int64_t accumulator, const Scales& scales) {
  if (accumulator < 0) return -real_even(-accumulator, scales);
  if (accumulator == 0) return 0;
  const double near = static_cast<double>(accumulator) * scales.ratio();
  if (near > static_cast<double>(kFar)) return kFar;
  // The floor in doubles is off by one at most; halves decide exactly.
  auto code = static_cast<std::int64_t>(std::max(std::floor(near) - 1, 0.0));
  while (true) {
    const int side = compare_with_halves(accumulator, scales, 2 * code + 1);
    if (side < 0) return code;
    if (side == 0) return code + (code & 1);
    ++code;
  }
}

bool is_tie(std::int64_t accumulator, const Scales& scales) {
  if (accumulator == 0) return false;
  const double near = std::abs(static_cast<double>(accumulator)) * scales.ratio();
  if (near > static_cast<double>(kFar)) return false;
  const std::int64_t halves = 2 * static_cast<std::int64_t>(std::floor(near)) + 1;
  return compare_with_halves(std::abs(accumulator), scales, halves) == 0;
}

std::int64_t float32_even(std::int32_t accumulator, const Scales& scales) {
  const float product_scale = scales.x * scales.w;
  const float scale = product_scale / scales.y;
  const float value = static_cast<float>(accumulator) * scale;
  constexpr auto kLimit = static_cast<float>(kFar);
  return static_cast<std::int64_t>(std::nearbyint(std::clamp(value, -kLimit, kLimit)));
}

std::int64_t fixed_twice(std::int32_t accumulator, const FixedMultiplier& m, bool away) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  // From 31 on every accumulator but zero saturates.
  const int left = std::clamp(m.exponent, 0, 31);
  const std::int64_t shifted = std::clamp<std::int64_t>(
      std::int64_t{accumulator} * (std::int64_t{1} << left), -kMost, kMost);
  const std::int64_t high = divide_rounded(shifted * m.multiplier, 31, false);
  return divide_rounded(high, std::max(-m.exponent, 0), away);
}

Requantiser::Requantiser(Arithmetic arithmetic, const Scales& scales, int zero, int lowest,
                         int highest)
    : arithmetic_(arithmetic),
      scales_(scales),
      zero_(zero),
      lowest_(lowest),
      highest_(highest),
      fixed_(fixed_multiplier(scales.ratio())) {}

std::int64_t Requantiser::code_before_clamp(std::int32_t accumulator) const {
  switch (arithmetic_) {
    case Arithmetic::kRealEven:
      return zero_ + real_even(accumulator, scales_);
    case Arithmetic::kFloat32Even:
      return zero_ + float32_even(accumulator, scales_);
    case Arithmetic::kFloat64EvenOfCode: {
      const float product_scale = scales_.x * scales_.w;
      const float scale = product_scale / scales_.y;
      const double value = double{scale} * accumulator + zero_;
      constexpr auto kLimit = static_cast<double>(kFar);
      return static_cast<std::int64_t>(std::nearbyint(std::clamp(value, -kLimit, kLimit)));
    }
    case Arithmetic::kFixedTwiceUp:
      return zero_ + fixed_twice(accumulator, fixed_, false);
    case Arithmetic::kFixedTwiceAway:
      break;
  }
  return zero_ + fixed_twice(accumulator, fixed_, true);
}

int Requantiser::operator()(std::int32_t accumulator) const {
  return static_cast<int>(
      std::clamp<std::int64_t>(code_before_clamp(accumulator), lowest_, highest_));
}

std::int64_t Requantiser::first_with(int code, std::int64_t first, std::int64_t last) const {
  while (first <= last) {
    const std::int64_t middle = first + (last - first) / 2;
    if ((*this)(static_cast<std::int32_t>(middle)) >= code) {
      last = middle - 1;
    } else {
      first = middle + 1;
    }
  }
  return first;
}

int bound_code(double value, float y_scale, int y_zero, Rule rule) {
  constexpr float kLimit = 1e6F;
  const float codes = std::clamp(static_cast<float>(value) / y_scale, -kLimit, kLimit);
  switch (rule) {
    case Rule::kLiteRt:
      return static_cast<int>(std::nearbyint(codes + static_cast<float>(y_zero)));
    case Rule::kLiteRtBuiltin:
    case Rule::kLiteRtReference:
    case Rule::kTfliteMicro:
      return y_zero + static_cast<int>(std::round(codes));
    case Rule::kExact:
    case Rule::kOnnxRuntime:
    case Rule::kOnnxRuntimeAvx2:
    case Rule::kOnnxReference:
    case Rule::kK210:
      break;
  }
  return y_zero + static_cast<int>(std::nearbyint(codes));
}

}  // namespace kpu::golden::quantised
