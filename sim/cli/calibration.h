// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "compiler/compile/compile.h"
#include "compiler/graph/graph.h"
#include "sim/cli/picture_options.h"

namespace kpu::sim {

/// For each picture, the bytes (planar, 0..255) of every input of the network. At most `limit` of
/// the files, evenly picked, made the input as `arguments` say (other sizes: stretched). Without
/// files: eight pictures of gradients and noise, the same every time. Throws kpu::Error if files
/// are given and the network has several inputs, or a file cannot be read.
std::vector<std::vector<std::vector<std::uint8_t>>> calibration_inputs(
    const compiler::Graph& graph, const std::vector<std::string>& files, std::size_t limit,
    const PictureArguments& arguments);

/// --scale, --mean and --std as the compiler takes them. Throws kpu::Error for a number for each
/// channel.
compiler::InputScale input_scale(const PictureArguments& arguments);

}  // namespace kpu::sim
