// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "compiler/graph/graph.h"

namespace kpu::compiler {

/// Reads an ONNX network, opset 9 or newer, with float weights. Symbolic axes count as 1;
/// everything that does not depend on the inputs is computed; batch normalisation and operators
/// with one constant per channel become 1x1 depthwise convolutions. `folder` is where files with
/// external data lie.
///
/// Throws Error with one line that names the node, its operator and the attribute for a file that
/// is damaged or says what the compiler does not do.
Graph read_onnx(std::span<const std::uint8_t> bytes, const std::string& folder);
/// The same; the bytes are gone before the graph is made.
Graph read_onnx(std::vector<std::uint8_t>&& bytes, const std::string& folder);

}  // namespace kpu::compiler
