// SPDX-License-Identifier: Apache-2.0
//
// A quantised convolution as one layer of the KPU. With X = x + x_offset and W = w - w_zero +
// weight_offset as the KPU's unsigned pixels and weights, and zx = x_zero + x_offset,
//
//   sum((x - x_zero) * (w - w_zero)) =
//       sum(X W) - weight_offset * sum(X) - zx * sum(W) + zx * weight_offset * n * taps
//
// so arg_x = -weight_offset, arg_w = -zx, arg_add = zx * weight_offset * taps and pad value zx make
// the KPU's conv the accumulator without bias, exactly. Batch norm multiplies it to output codes
// with `fraction_bits` bits behind the point and adds the bias; the activation rounds, adds the
// zero point and clamps.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "golden/kpu/arith.h"
#include "golden/kpu/single_layer.h"
#include "golden/quantised/conv.h"

namespace kpu::golden::quantised {

struct MappingOptions {
  /// Bits behind the point in norm, 0..26; the most that fit where not given.
  std::optional<std::uint32_t> fraction_bits;
  /// Bits of norm_mul, 1..23. The vendor's compilers use 22.
  std::uint32_t multiplier_bits = 22;
};

/// A convolution as a KPU layer, and how its arrays become the layer's.
struct MappedConv {
  SingleLayer layer;
  std::uint32_t fraction_bits = 0;
  int x_offset = 0;       ///< pixel = code + x_offset: 128 for int8, else 0
  int y_offset = 0;       ///< pixel = code + y_offset
  int weight_offset = 0;  ///< weight = code - w_zero + weight_offset
  /// Rows and columns of x_zero in front of the image, so that the wanted ones are even.
  std::uint32_t extra_rows = 0, extra_columns = 0;
  /// Where the convolution's output starts in the layer's.
  std::uint32_t first_row = 0, first_column = 0;
};

/// The layer for `conv`, with the batch norm and the activation whose codes differ from conv.rule's
/// for the fewest accumulators. Weights are 8 bits wide unless zero points that differ by channel
/// need 16. Throws Error if `conv` is not valid (require_valid), an option is out of its range, or
/// the layer does not fit the KPU.
MappedConv map_to_kpu(const QuantisedConv& conv, const MappingOptions& options = {});

/// The layer's planar input for the codes `x`, planar in_channels x height x width. Throws Error if
/// `x` has another size.
std::vector<std::uint8_t> kpu_input(const QuantisedConv& conv, const MappedConv& mapped,
                                    std::span<const std::int16_t> x);

/// The output codes, planar, from the layer's planar output.
std::vector<std::int16_t> codes_from_kpu(const QuantisedConv& conv, const MappedConv& mapped,
                                         std::span<const std::uint8_t> output);

}  // namespace kpu::golden::quantised
