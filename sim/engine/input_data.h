// SPDX-License-Identifier: Apache-2.0
//
// What a layer's input is like, as far as its energy depends on it (docs/energy.md).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "golden/kpu/layer_args.h"

namespace kpu::sim {

/// Counters of `input`, planar as LayerArgs::input_layout() has it: `input_bits` and `input_ones`, its bits and those that are one;
/// `windows` and `windows_live`, the windows that an output channel takes (of a depthwise layer: all channels) and those of
/// them in which any pixel is not zero.
std::map<std::string, std::uint64_t> count_input(std::span<const std::uint8_t> input, const golden::LayerArgs& args);

}  // namespace kpu::sim
