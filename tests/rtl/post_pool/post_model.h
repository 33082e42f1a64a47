// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "golden/kpu/ai_ram.h"
#include "golden/kpu/arith.h"

namespace kpu::test {

/// A layer as post-processing sees it: sums instead of an input image.
struct PostLayer {
  // shape
  bool depthwise = false;
  std::uint32_t pool_type = 0;  ///< 0..9; first_stride is type 5 with an odd last row or column used
  std::uint32_t stride = 1;     ///< 1, 2, 4
  std::uint32_t row_step = 1;   ///< image rows from one computed row to the next
  std::uint32_t channels = 1;
  std::uint32_t in_width = 1;
  std::uint32_t in_height = 1;
  std::uint32_t rows = 1;              ///< rows that are computed
  std::uint32_t in_line_channels = 1;  ///< coef_group
  std::uint32_t tile = 1;              ///< output channels of a full tile
  bool load_act = true;
  bool send_data_out = false;
  bool par_half = false;
  golden::ImageLayout output;

  // arithmetic
  golden::ConvArgs conv;               ///< weight term: 1 * K
  std::vector<golden::BatchNorm> bn;   ///< one per channel
  std::vector<std::int64_t> k;         ///< weight term of each channel, 49 bits
  golden::ActTable act;
  std::vector<golden::ConvSums> sums;  ///< [channel][row][column], all lane groups added

  std::size_t index(std::uint32_t channel, std::uint32_t row, std::uint32_t column) const {
    return (std::size_t{channel} * rows + row) * in_width + column;
  }
};

/// What must come out of it.
struct PostResult {
  std::vector<std::uint8_t> planar;
  bool conv_overflow = false;
  bool norm_overflow = false;
};

/// A random layer of at most `max_values` sums: widths around the layout's edges, every pool type and
/// packing, activation tables that fit the values or are wild.
PostLayer random_post_layer(std::mt19937& random, std::uint32_t max_values);

/// The reference, from the golden model's functions.
PostResult run_post_layer(const PostLayer& layer);

}  // namespace kpu::test
