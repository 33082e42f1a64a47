// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "golden/fast/grid.h"
#include "golden/kpu/layer_args.h"

namespace kpu::golden::fast {

/// One channel of the activation's outputs, by position, to the layer's output: leaves border
/// columns out and does the pooling that the grid did not. `out` is out_height x out_width.
void pool_positions(const LayerArgs& args, const Grid& grid, const std::uint8_t* act,
                    std::span<std::uint8_t> out);

}  // namespace kpu::golden::fast
