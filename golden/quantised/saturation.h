// SPDX-License-Identifier: Apache-2.0
//
// ONNX Runtime on x86-64 processors without VNNI multiplies uint8 pixels by int8 weights two at a
// time and adds the two products with saturation to 16 bits. Depthwise layers, and weights that
// stay within -64..63, do not reach the bounds.
#pragma once

#include <cstdint>
#include <span>

#include "golden/quantised/conv.h"

namespace kpu::golden::quantised {

/// Whether conv.rule, types and shape are those whose products are added in saturating pairs.
bool adds_saturating_pairs(const QuantisedConv& conv);

/// Whether some input makes a pair of products of this channel saturate.
bool can_saturate(const QuantisedConv& conv, std::uint32_t channel);

/// What saturation adds to the exact sum over a window of pixel codes (padding is x_zero) in the
/// weights' order [ic][ky][kx]. Pairs are neighbours in the order [ky][kx][ic].
std::int32_t saturation_error(const QuantisedConv& conv, std::uint32_t channel,
                              std::span<const std::int32_t> window);

}  // namespace kpu::golden::quantised
