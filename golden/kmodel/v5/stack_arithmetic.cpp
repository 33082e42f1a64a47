// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/v5/stack_arithmetic.h"

#include <fmt/format.h>

#include <bit>

#include "common/bits.h"
#include "common/error.h"
#include "golden/kmodel/v5/stack_opcodes.h"

namespace kpu::golden::v5 {
namespace {

StackValue real_value(float value) { return {.real = value, .is_real = true}; }

float real_arithmetic(std::uint8_t opcode, float a, float b) {
  switch (opcode) {
    case kAdd:
      return a + b;
    case kSub:
      return a - b;
    case kMul:
      return a * b;
    case kDiv:
    case kDivU:
      return a / b;
    default:
      throw Error(fmt::format("opcode {:#04x}: expected integers", opcode));
  }
}

std::int64_t integer_arithmetic(std::uint8_t opcode, std::int64_t a, std::int64_t b) {
  const auto ua = static_cast<std::uint64_t>(a);
  const auto ub = static_cast<std::uint64_t>(b);
  if (opcode >= kDiv && opcode <= kRemU && b == 0) {
    throw Error("division by zero");
  }
  switch (opcode) {
    case kAdd:
      return wrap_add(a, b);
    case kSub:
      return wrap_sub(a, b);
    case kMul:
      return wrap_mul(a, b);
    case kDiv:
      return b == -1 ? wrap_sub(0, a) : a / b;
    case kDivU:
      return static_cast<std::int64_t>(ua / ub);
    case kRem:
      return b == -1 ? 0 : a % b;
    case kRemU:
      return static_cast<std::int64_t>(ua % ub);
    case kAnd:
      return a & b;
    case kOr:
      return a | b;
    case kXor:
      return a ^ b;
    case kShl:
      return static_cast<std::int64_t>(ua << (ub & 63));
    case kShr:
      return a >> (ub & 63);
    default:  // kShrU
      return static_cast<std::int64_t>(ua >> (ub & 63));
  }
}

/// The comparison, on signed values (or floats) or on unsigned ones as it wants.
template <class Signed, class Unsigned>
bool compare_values(std::uint8_t opcode, Signed a, Signed b, Unsigned ua, Unsigned ub) {
  switch (opcode - kFirstCompare) {
    case 0:
      return a < b;
    case 1:
      return ua < ub;
    case 2:
      return a <= b;
    case 3:
      return ua <= ub;
    case 4:
      return a == b;
    case 5:
      return a >= b;
    case 6:
      return ua >= ub;
    case 7:
      return a > b;
    case 8:
      return ua > ub;
    default:
      return a != b;
  }
}

}  // namespace

StackValue negated(std::uint8_t opcode, const StackValue& value) {
  if (value.is_real) {
    return real_value(-value.real);
  }
  return {.integer = opcode == kNeg ? wrap_sub(0, value.integer) : ~value.integer};
}

StackValue arithmetic(std::uint8_t opcode, const StackValue& left, const StackValue& right) {
  if (left.is_real || right.is_real) {
    return real_value(real_arithmetic(opcode, left.as_real(), right.as_real()));
  }
  return {.integer = integer_arithmetic(opcode, left.integer, right.integer)};
}

bool compare(std::uint8_t opcode, const StackValue& left, const StackValue& right) {
  if (left.is_real && right.is_real) {
    return compare_values(opcode, left.real, right.real, left.real, right.real);
  }
  return compare_values(opcode, left.integer, right.integer,
                        static_cast<std::uint64_t>(left.integer),
                        static_cast<std::uint64_t>(right.integer));
}

StackValue converted(const StackValue& value, unsigned type) {
  if (type == kR4 || type == kBr2) {
    const std::uint32_t kept = type == kBr2 ? 0xFFFF0000 : 0xFFFFFFFF;
    return real_value(std::bit_cast<float>(std::bit_cast<std::uint32_t>(value.as_real()) & kept));
  }
  std::int64_t integer = value.integer;
  if (value.is_real) {
    constexpr float kTooLarge = 9223372036854775808.0f;
    const bool fits = value.real > -kTooLarge && value.real < kTooLarge;
    integer = fits ? static_cast<std::int64_t>(value.real) : 0;
  }
  const auto width = static_cast<unsigned>(8 * kNumberBytes[type]);
  const auto word = static_cast<std::uint64_t>(integer);
  return {.integer = type <= kI ? signed_bits(word, 0, width)
                                : static_cast<std::int64_t>(bits(word, 0, width))};
}

}  // namespace kpu::golden::v5
