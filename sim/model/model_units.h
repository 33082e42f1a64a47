// SPDX-License-Identifier: Apache-2.0
//
// What the parts of the cycle model share: sizes of the RTL's buses and ports.
#pragma once

#include <algorithm>
#include <cstdint>

#include "common/kpu_shape.h"

namespace kpu::sim {

/// Bytes of a beat inside the system.
inline constexpr double kWordBytes = 8;
/// Cycles from a read of the output stream to the next while line fetch keeps the port busy (kpu_ai_mem, StrLimit).
constexpr double aged_read(bool packed_rows) { return packed_rows ? 5 : 17; }

constexpr std::uint32_t ceil_div(std::uint32_t a, std::uint32_t b) { return (a + b - 1) / b; }

/// Words of AI RAM that the output stream reads for a row of so many pixels: it takes a line at most.
constexpr std::uint32_t streamed_words(std::uint32_t pixels, std::uint32_t lanes) {
  return ceil_div(pixels, std::min<std::uint32_t>(lanes, kLineBytes));
}

}  // namespace kpu::sim
