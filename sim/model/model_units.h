// SPDX-License-Identifier: Apache-2.0
//
// What the parts of the cycle model share: sizes of the RTL's buses and ports.
#pragma once

#include <cstdint>

namespace kpu::sim {

/// Bytes of a beat inside the system.
inline constexpr double kWordBytes = 8;
/// Cycles from a read of the output stream to the next while line fetch keeps the port busy (kpu_ai_arbiter, AgeLimit).
inline constexpr double kAgedRead = 17;

constexpr std::uint32_t ceil_div(std::uint32_t a, std::uint32_t b) { return (a + b - 1) / b; }

}  // namespace kpu::sim
