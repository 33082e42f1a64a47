// SPDX-License-Identifier: Apache-2.0
//
// What the K210's KPU looks like from outside, whatever the shape of the machine behind it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace kpu {

inline constexpr std::size_t kLineBytes = 64;  ///< one line of AI RAM
inline constexpr std::size_t kAiRamLines = 32768;
inline constexpr std::size_t kAiRamBytes = kAiRamLines * kLineBytes;  ///< 2 MiB

inline constexpr std::size_t kLayerWords = 12;
/// The twelve words that describe a layer, in the order of the layer FIFO.
using LayerWords = std::array<std::uint64_t, kLayerWords>;

}  // namespace kpu
