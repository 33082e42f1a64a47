// SPDX-License-Identifier: Apache-2.0
//
// How the RTL cuts a layer: what kpu_layer_cut derives from a layer's words and kpu_tile_seq
// walks through (docs/architecture.md, "What limits a layer, and the loop order that follows"). The
// test tests/rtl/ctrl/test_schedule.cpp holds it to the decoder, layer by layer.
#pragma once

#include <cstdint>
#include <vector>

#include "golden/kpu/layer_args.h"
#include "sim/model/configuration.h"

namespace kpu::sim {

/// Kernels in a row of the weight ring.
inline constexpr std::uint32_t kRingRowKernels = 4;

/// The loop nest of a layer, from the outside in: tiles of output channels, segments of a row,
/// blocks of rows, channel groups, rows of the block, passes, output channels of the tile.
struct Schedule {
  std::uint32_t word_channels = 1;  ///< input channels packed in one word: 1, 2 or 4
  std::uint32_t groups = 1;         ///< channel groups, all input channels of one word
  std::uint32_t segments = 1;       ///< words of a row
  std::uint32_t last_pixels = 1;    ///< pixels of the last one, of each channel in it
  std::uint32_t rows = 1;           ///< rows of the convolution that are computed
  /// Packed lines of a channel's pixels, which take the place of rows and segments; 0: not packed.
  std::uint32_t packed_lines = 0;
  /// A packed line is two words, of which the pixels that a pool picks are kept.
  bool picks() const { return packed_lines > 0 && row_step == 2; }
  std::uint32_t row_step = 1;       ///< image rows from one to the next: 1, 2 or 4
  std::uint32_t weight_bytes = 1;   ///< bytes of a weight
  std::uint32_t passes = 1;         ///< array cycles a product
  std::uint32_t ring_rows =
      1;  ///< of the weight ring, for an output channel; depthwise: for the layer
  std::uint32_t tile_channels =
      1;                  ///< output channels of a full tile; depthwise: 1, a channel group
  bool fits_ring = true;  ///< false: the RTL refuses the layer

  /// Windows of a row and tile: one a channel group, or one for point_channels of them with a 1x1
  /// kernel.
  std::uint32_t windows = 1;
};

/// The schedule of a layer that problems() has nothing against. `eight_bit`: its weights' width. `to_main_memory`: its output
/// leaves, too.
Schedule make_schedule(const golden::LayerArgs& args, bool eight_bit, bool to_main_memory, const Configuration& rtl);

/// Array cycles of a layer where nothing waits.
std::uint64_t array_bound(const golden::LayerArgs& args, bool eight_bit, const Configuration& rtl);

/// Output channels of each tile, in order; depthwise: a 1 for each channel group.
std::vector<std::uint32_t> tiles(const golden::LayerArgs& args, const Schedule& schedule);

/// Most rows of a block of a tile of `channels` output channels: those whose partial sums the
/// machine holds. `depthwise` layers have one block where sums do not leave in a pass of their own.
std::uint32_t block_rows(const Schedule& schedule, std::uint32_t channels, bool depthwise,
                         const Configuration& rtl);

/// Cycles in which the array multiplies, all tiles.
std::uint64_t array_cycles(const golden::LayerArgs& args, const Schedule& schedule);

}  // namespace kpu::sim
