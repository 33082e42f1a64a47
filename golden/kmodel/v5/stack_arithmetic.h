// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace kpu::golden::v5 {

/// What is on the stack: a number or an address.
struct StackValue {
  std::int64_t integer = 0;
  float real = 0;
  bool is_real = false;

  /// The value as a float, whatever it is.
  float as_real() const { return is_real ? real : static_cast<float>(integer); }
};

/// NEG or NOT of a value.
StackValue negated(std::uint8_t opcode, const StackValue& value);

/// ADD .. SHR_U of two values; integers wrap, and one float makes both floats. Throws Error for a
/// division of integers by zero, and for bit operations on floats.
StackValue arithmetic(std::uint8_t opcode, const StackValue& left, const StackValue& right);

/// CLT .. CNE of two values.
bool compare(std::uint8_t opcode, const StackValue& left, const StackValue& right);

/// A value as one of the kinds of numbers (NumberType). A float that no 64-bit integer holds
/// becomes 0.
StackValue converted(const StackValue& value, unsigned type);

}  // namespace kpu::golden::v5
