// SPDX-License-Identifier: Apache-2.0
//
// How layers are named in tables, JSON and messages.
#pragma once

#include <cstdint>
#include <string>

#include "golden/kpu/layer_args.h"

namespace kpu::sim {

/// "CxHxW" of a layer's input and of its output.
std::string input_shape(const golden::LayerArgs& args);
std::string output_shape(const golden::LayerArgs& args);

/// "3x3", "1x1".
std::string kernel_name(const golden::LayerArgs& args);

/// "max 2x2/2", "-" for none.
std::string pool_name(std::uint32_t pool_type);

/// A count with thousands separated: "1 234 567".
std::string grouped(std::uint64_t value);

}  // namespace kpu::sim
