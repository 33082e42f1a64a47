// SPDX-License-Identifier: Apache-2.0
//
// The rules on numbers worked out by hand: ties of every kind, both signs, what float32 and two
// roundings lose, bounds of activations. The recorded outputs (test_recorded.cpp) cover the rest.
#include "golden/quantised/rules.h"

#include <cstdint>
#include <string>
#include <vector>

#include "common/error.h"
#include "tests/support/catch2.h"

namespace {

using namespace kpu::golden::quantised;
using kpu::test::contains_text;

constexpr Scales kHalf{0.5F, 1.0F, 1.0F};
constexpr Scales kQuarter{0.25F, 1.0F, 1.0F};

int code(Arithmetic arithmetic, const Scales& scales, std::int32_t accumulator, int zero = 0) {
  return Requantiser(arithmetic, scales, zero, -128, 127)(accumulator);
}

}  // namespace

TEST_CASE("rules: ties go where each rule says") {
  // Accumulators -3, -1, 1, 3 are -1.5, -0.5, 0.5, 1.5 codes.
  const auto codes = [](Arithmetic arithmetic, int zero) {
    std::vector<int> list;
    for (const int a : {-3, -1, 1, 3}) list.push_back(code(arithmetic, kHalf, a, zero) - zero);
    return list;
  };
  CHECK(codes(Arithmetic::kRealEven, 3) == std::vector{-2, 0, 0, 2});
  CHECK(codes(Arithmetic::kFloat32Even, 3) == std::vector{-2, 0, 0, 2});
  CHECK(codes(Arithmetic::kFloat64EvenOfCode, 3) == std::vector{-1, -1, 1, 1});
  // A multiplier of 0.5 has exponent 0: one rounding, half up.
  CHECK(codes(Arithmetic::kFixedTwiceUp, 3) == std::vector{-1, 0, 1, 2});
  CHECK(codes(Arithmetic::kFixedTwiceAway, 3) == std::vector{-1, 0, 1, 2});
  // With 0.25 the second rounding decides: accumulators -6, -2, 2, 6.
  CHECK(code(Arithmetic::kFixedTwiceUp, kQuarter, -6) == -1);
  CHECK(code(Arithmetic::kFixedTwiceAway, kQuarter, -6) == -2);
  CHECK(code(Arithmetic::kFixedTwiceAway, kQuarter, 6) == 2);
  // 1 is 0.25 codes: 0.5 after the first rounding's scale, so 1, and then a half: up.
  CHECK(code(Arithmetic::kFixedTwiceUp, kQuarter, 1) == 1);
  CHECK(code(Arithmetic::kRealEven, kQuarter, 1) == 0);
}

TEST_CASE("rules: real numbers are exact where doubles are not") {
  // Float 0.1 is above 1/10, so 5 of its units are above one half; float 0.3 is above 3/10 by less
  // than nothing a double product would show against 0.48.
  CHECK(real_even(5, {0.1F, 1.0F, 1.0F}) == 1);
  CHECK(!is_tie(5, {0.1F, 1.0F, 1.0F}));
  CHECK(is_tie(-5, {0.5F, 0.2F, 0.2F}));
  CHECK(real_even(-5, {0.5F, 0.2F, 0.2F}) == -2);
  CHECK(real_even(-7, {0.5F, 0.2F, 0.2F}) == -4);
  CHECK(real_even(0, kHalf) == 0);
  CHECK(real_even(2147483647, {1e3F, 1e3F, 1.0F}) == 1 << 24);
}

TEST_CASE("rules: float32 loses the low bits of large accumulators") {
  const Scales tiny{1.0F / 16777216, 1.0F, 0.125F};
  CHECK(float32_even(16777217, {0.5F, 1.0F, 1.0F}) == 8388608);
  CHECK(float32_even(16777217, tiny) == 8);
  CHECK(float32_even(-2147483647, {1.0F, 1.0F, 1.0F}) == -(1 << 24));
}

TEST_CASE("rules: multipliers as integers") {
  CHECK(fixed_multiplier(0.5).multiplier == 1 << 30);
  CHECK(fixed_multiplier(0.5).exponent == 0);
  CHECK(fixed_multiplier(3.0).exponent == 2);
  // Rounds up to 1: its exponent moves.
  CHECK(fixed_multiplier(1.0 - 1e-12).multiplier == 1 << 30);
  CHECK(fixed_multiplier(1.0 - 1e-12).exponent == 1);
  CHECK(fixed_multiplier(1e-12).multiplier == 0);
  CHECK(fixed_twice(5, fixed_multiplier(3.0), true) == 15);
  CHECK(fixed_twice(2147483647, fixed_multiplier(3.0), true) == 1610612735);
}

TEST_CASE("rules: which arithmetic a channel has") {
  CHECK(arithmetic_of(Rule::kLiteRt, {}) == Arithmetic::kFloat32Even);
  CHECK(arithmetic_of(Rule::kLiteRtBuiltin, {false, 9, 11}) == Arithmetic::kFixedTwiceUp);
  CHECK(arithmetic_of(Rule::kLiteRtBuiltin, {true, 7, 11}) == Arithmetic::kFixedTwiceUp);
  CHECK(arithmetic_of(Rule::kLiteRtBuiltin, {true, 8, 11}) == Arithmetic::kFixedTwiceAway);
  CHECK(arithmetic_of(Rule::kLiteRtBuiltin, {true, 0, 7}) == Arithmetic::kFixedTwiceAway);
}

TEST_CASE("rules: the code of an activation's bound") {
  // 6 / 0.096 is 62.5.
  CHECK(bound_code(6, 0.096F, -128, Rule::kLiteRt) == -66);
  CHECK(bound_code(6, 0.096F, -127, Rule::kLiteRt) == -64);
  CHECK(bound_code(6, 0.096F, -127, Rule::kOnnxRuntime) == -65);
  CHECK(bound_code(6, 0.096F, -127, Rule::kTfliteMicro) == -64);
  CHECK(bound_code(6, 1e-20F, 0, Rule::kLiteRt) == 1000000);
}

TEST_CASE("rules: the first accumulator of a code") {
  const Requantiser rule(Arithmetic::kRealEven, kHalf, 0, -128, 127);
  CHECK(rule.first_with(1, -100, 100) == 2);  // 1 is a tie, which goes to 0
  CHECK(rule.first_with(2, -100, 100) == 3);  // 3 is a tie, which goes to 2
  CHECK(rule.first_with(-128, -100, 100) == -100);
  CHECK(rule.first_with(90, -100, 100) == 101);
}

TEST_CASE("rules: names") {
  CHECK(rule_by_name("litert-builtin") == Rule::kLiteRtBuiltin);
  CHECK(std::string(to_string(Rule::kTfliteMicro)) == "tflite-micro");
  CHECK_THROWS_WITH(rule_by_name("tflite"),
                    contains_text("rounding=tflite: expected one of exact"));
}
