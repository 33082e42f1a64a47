// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "golden/kpu/single_layer.h"

namespace kpu::golden {

/// A KPU layer as plain numbers, from a script or a file: wider than the fields that they go to, so
/// that one out of range is refused and not cut.
struct LayerNumbers {
  std::int64_t in_channels = 1, height = 1, width = 1;  ///< 1..1024, 1..512, 1..1024
  std::int64_t out_channels = 1;                        ///< 1..1024
  std::int64_t kernel = 1;                              ///< 1 or 3
  bool depthwise = false;
  bool eight_bit = true;               ///< weights of 8 bits
  std::vector<std::uint16_t> weights;  ///< [oc][ic][ky][kx], depthwise [c][ky][kx]
  /// mul, shift, add: for all output channels or for each; none: 1, 0, 0.
  std::span<const std::int64_t> norm;
  /// x_start, y_mul, shift, bias for 1 to 16 segments; none: the identity.
  std::span<const std::int64_t> act;
  std::int64_t arg_x = 0, shr_x = 0, arg_w = 0, shr_w = 0, arg_add = 0;
  std::int64_t pad_value = 0;  ///< 0..255
  bool pad_nearest = false;
  std::uint32_t pool_type = 0;
  bool first_stride = false;
};

/// Pool type from its name: none, max2, mean2, max4, mean4, lefttop2, righttop2, lefttop4, mean2s1,
/// max2s1, in the order of the register's values. Throws Error for any other.
std::uint32_t pool_by_name(std::string_view name);

/// The layer, with the images one behind the other in AI RAM. Segments that `act` leaves over are
/// never reached. Throws Error, naming field and range.
SingleLayer make_single_layer(LayerNumbers numbers);

}  // namespace kpu::golden
