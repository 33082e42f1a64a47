// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace kpu::sim {

/// Kinds of blocks of an FST file.
inline constexpr std::uint8_t kFstHeader = 0;
inline constexpr std::uint8_t kFstWidths = 3;
inline constexpr std::uint8_t kFstHierarchyZip = 4;
inline constexpr std::uint8_t kFstHierarchyLz4 = 6;
inline constexpr std::uint8_t kFstHierarchyLz4Twice = 7;
/// Values; the index of the first two has numbers without a sign, that of the third one with it.
inline constexpr std::uint8_t kFstValues = 1;
inline constexpr std::uint8_t kFstValuesAlias = 5;
inline constexpr std::uint8_t kFstValuesAlias2 = 8;
inline constexpr std::uint8_t kFstWholeZip = 254;

constexpr bool is_fst_values(std::uint8_t kind) {
  return kind == kFstValues || kind == kFstValuesAlias || kind == kFstValuesAlias2;
}

}  // namespace kpu::sim
