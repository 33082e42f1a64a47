// SPDX-License-Identifier: Apache-2.0
//
// Loads and stores of a hart, for the files that execute instructions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "board/cpu/hart.h"

namespace kpu::board {

template <class T>
bool Hart::load(std::uint64_t address, T& value) {
  const std::size_t at = ram_.direct(address, sizeof(T));
  if (at != Ram::kNowhere) [[likely]] {
    value = ram_.load<T>(at);
    return true;
  }
  std::uint64_t wide = 0;
  if (!load_outside(address, sizeof(T), wide)) {
    return false;
  }
  value = static_cast<T>(wide);
  return true;
}

template <class T>
bool Hart::store(std::uint64_t address, T value) {
  ++effects_;
  const std::size_t at = ram_.direct(address, sizeof(T));
  if (at != Ram::kNowhere) [[likely]] {
    ram_.store<T>(at, value);
    return true;
  }
  return store_outside(address, sizeof(T), static_cast<std::make_unsigned_t<T>>(value));
}

}  // namespace kpu::board
