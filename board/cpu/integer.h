// SPDX-License-Identifier: Apache-2.0
//
// Integer arithmetic as RV64IM defines it.
#pragma once

#include <cstdint>
#include <limits>

namespace kpu::board {

using S64 = std::int64_t;
using U64 = std::uint64_t;
using S32 = std::int32_t;
using U32 = std::uint32_t;

inline S64 s(U64 value) { return static_cast<S64>(value); }
/// A 32-bit result, sign-extended.
inline U64 word(U64 value) { return static_cast<U64>(S64{static_cast<S32>(value)}); }

/// Upper halves of products; each half of a factor is below 2^32.
inline U64 multiply_high(U64 a, U64 b) {
  const U64 a0 = static_cast<U32>(a);
  const U64 a1 = a >> 32;
  const U64 b0 = static_cast<U32>(b);
  const U64 b1 = b >> 32;
  const U64 middle = a1 * b0 + (a0 * b0 >> 32);
  const U64 other = a0 * b1 + static_cast<U32>(middle);
  return a1 * b1 + (middle >> 32) + (other >> 32);
}
inline U64 multiply_high_signed(U64 a, U64 b) {
  return multiply_high(a, b) - (s(a) < 0 ? b : 0) - (s(b) < 0 ? a : 0);
}
inline U64 multiply_high_mixed(U64 a, U64 b) { return multiply_high(a, b) - (s(a) < 0 ? b : 0); }

/// Division as RISC-V defines it for a divisor of zero and for the one overflow.
template <class T>
T divide(T a, T b) {
  if (b == 0) {
    return static_cast<T>(-1);
  }
  if (std::numeric_limits<T>::is_signed && a == std::numeric_limits<T>::min() &&
      b == static_cast<T>(-1)) {
    return a;
  }
  return a / b;
}
template <class T>
T remainder(T a, T b) {
  if (b == 0) {
    return a;
  }
  if (std::numeric_limits<T>::is_signed && b == static_cast<T>(-1)) {
    return 0;
  }
  return a % b;
}

}  // namespace kpu::board
