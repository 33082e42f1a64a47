// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "compiler/graph/graph.h"

namespace kpu::sim {

/// For each picture, the bytes (planar, 0..255) of every input of the network. At most `limit` of
/// the files, evenly picked; pictures of another size are scaled. Without files: eight pictures of
/// gradients and noise, the same every time. Throws kpu::Error if files are given and the network
/// has several inputs, or a file cannot be read.
std::vector<std::vector<std::vector<std::uint8_t>>> calibration_inputs(
    const compiler::Graph& graph, const std::vector<std::string>& files, std::size_t limit);

}  // namespace kpu::sim
