// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

namespace kpu {

/// The `width` (1..64) bits of `word` from bit `low` on.
constexpr std::uint64_t bits(std::uint64_t word, unsigned low, unsigned width) {
  const std::uint64_t mask = width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
  return (word >> low) & mask;
}

/// The same bits as a two's complement number.
constexpr std::int64_t signed_bits(std::uint64_t word, unsigned low, unsigned width) {
  const unsigned unused = 64 - width;
  return static_cast<std::int64_t>(bits(word, low, width) << unused) >> unused;
}

/// A word with the lowest `width` bits of `value` at bit `low`, else zero.
constexpr std::uint64_t place_bits(std::uint64_t value, unsigned low, unsigned width) {
  return bits(value, 0, width) << low;
}

/// Two's complement arithmetic that wraps, as the formulas of the KPU are meant; signed overflow is
/// not defined in C++.
constexpr std::int64_t wrap_add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
constexpr std::int64_t wrap_sub(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
constexpr std::int64_t wrap_mul(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

/// memcpy that takes an empty range for what it is, even without an address.
inline void copy_bytes(void* to, const void* from, std::size_t count) {
  if (count != 0) {
    std::memcpy(to, from, count);
  }
}

/// Little-endian number of type T (integer or float) at `offset`; the caller has checked that
/// it lies inside `bytes`.
template <class T>
T load_le(std::span<const std::uint8_t> bytes, std::size_t offset) {
  using Word = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
  Word word = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    word |= static_cast<Word>(bytes[offset + i]) << (8 * i);
  }
  if constexpr (std::is_floating_point_v<T>) {
    return std::bit_cast<T>(word);
  } else {
    return static_cast<T>(word);
  }
}

/// Writes `value` little endian at `offset`; the caller has checked that it fits.
template <class T>
void store_le(std::span<std::uint8_t> bytes, std::size_t offset, T value) {
  using Word = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
  Word word;
  if constexpr (std::is_floating_point_v<T>) {
    word = std::bit_cast<Word>(value);
  } else {
    word = static_cast<Word>(value);
  }
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes[offset + i] = static_cast<std::uint8_t>(word >> (8 * i));
  }
}

}  // namespace kpu
