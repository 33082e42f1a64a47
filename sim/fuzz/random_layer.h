// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "golden/kpu/layer_args.h"

namespace kpu::sim {

using RandomEngine = std::mt19937_64;

/// A KPU layer with its tables; the table addresses in `args` are left zero.
struct RandomLayer {
  golden::LayerArgs args;
  bool eight_bit = true;
  bool stream_out = false;  ///< the output also leaves through fifo_data_out
  bool calibrated = true;   ///< values are chosen to fit their widths and to fill 0..255
  std::vector<std::uint8_t> weights;
  std::vector<std::uint8_t> batch_norm;
  std::vector<std::uint8_t> act;
};

/// What random_layer() may choose from.
struct RandomLayerLimits {
  std::uint32_t ram_lines = 4096;      ///< images lie in lines 0 .. ram_lines-1 of AI RAM
  std::uint64_t array_cycles = 2'000;  ///< of 64 lanes, about; one layer in 32 may take 16 times as many
  std::uint32_t weight_rows = 2048;    ///< of the machine's weight ring; no layer needs more at once
  std::uint32_t point_channels = 8;    ///< that it takes in a cycle of a 1x1 layer
  bool eight_bit = true;
  bool pool = true;    ///< the machine has pooling; else no layer has a pool or first_stride
  bool stream = true;  ///< it has an output stream; else no layer has one
  std::uint32_t pack_lanes = 0;  ///< of a machine that packs rows: half of the layers could be packed; else 0
};

/// A layer that every engine must run alike: all kernels, pools, paddings, layouts and load
/// splittings, sizes with weight on the edges of the layouts and of the weight ring, tables calibrated to the layer's
/// values (three of four) or extreme in every field. Everything is drawn from `random`, so equal
/// states give equal layers.
RandomLayer random_layer(RandomEngine& random, const RandomLayerLimits& limits);

/// The layer `before` on another part of AI RAM, with its batch norm, its weights, or both kept from it
/// (load_para, load_coor = 0): to be queued right behind it. Nothing if it has several loads of weights, or no
/// place was found at the first try.
std::optional<RandomLayer> with_kept_tables(RandomEngine& random, const RandomLayer& before,
                                            const RandomLayerLimits& limits);

/// A layer of the given shape (valid, one load or several) with random weights and calibrated tables.
RandomLayer random_tables(RandomEngine& random, const golden::LayerArgs& args, bool eight_bit);

/// Rows of the weight ring that one output channel takes, or all of a depthwise layer
/// (docs/architecture.md, "Weights"): what must be there before the array begins. `point_channels`:
/// of the machine.
std::uint32_t least_ring_rows(const golden::LayerArgs& args, bool eight_bit,
                              std::uint32_t point_channels);

/// Cycles of an array of 64 x 9 multipliers for the layer: its lane bound, or the bytes of its
/// weights over 8 where that is more.
std::uint64_t array_cycles(const golden::LayerArgs& args, bool eight_bit);

}  // namespace kpu::sim
