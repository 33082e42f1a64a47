// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace kpu::test {

/// Input of small_network(): channels, rows, columns.
inline constexpr std::uint32_t kSmallChannels = 3;
inline constexpr std::uint32_t kSmallHeight = 6;
inline constexpr std::uint32_t kSmallWidth = 20;

/// A kmodel v3 of two layers with weights of a fixed pseudo-random sequence, for simulators that
/// are slow: 3x3 with 2x2 max pooling, 3 to 5 channels, then 1x1, 5 to 4. The first image lies at
/// the start of AI RAM and the second at its end, as the vendor's compiler places them; the output
/// is uint8.
std::vector<std::uint8_t> small_network();

/// A planar input for it, of another such sequence.
std::vector<std::uint8_t> small_input();

}  // namespace kpu::test
