// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace kpu::examples {

/// Size of the example network's input (3 planes: red, green, blue) and of the example picture.
inline constexpr std::uint32_t kEdgeInputWidth = 256;
inline constexpr std::uint32_t kEdgeInputHeight = 192;

/// A kmodel v3 whose weights are set by hand: it finds edges and sorts them by direction. Its
/// output is a picture of half the size with three uint8 channels: vertical edges, horizontal
/// edges, diagonal ones.
///
/// | layer | kind | what it does |
/// |---|---|---|
/// | 0 | 3x3, 3 to 4 | smooth brightness, two smooth colour differences, sharp brightness |
/// | 1 | 3x3, 4 to 8 | edges in eight directions, weak ones suppressed, strong ones compressed |
/// | 2 | depthwise 3x3 | smooths each direction along its edge |
/// | 3 | 1x1, 8 to 4, 2x2 max pooling | directions compete with the perpendicular ones |
/// | 4 | 1x1, 4 to 3 | joins the diagonals, raises the contrast |
std::vector<std::uint8_t> make_edge_network();

}  // namespace kpu::examples
