// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "compiler/graph/codes.h"
#include "compiler/graph/graph.h"

namespace kpu::compiler {

/// Codes for the closed range low .. high, widened to hold zero.
Codes codes_for(float low, float high);

/// Codes of a value: one for all, or one for each of its planes.
using ValueCodes = std::vector<Codes>;

/// Planes of a value: all axes but the last two, of four axes or more (the channels of an image);
/// 1 for anything else.
std::size_t plane_count(const Dims& dims);

/// The codes of plane `i`.
inline const Codes& plane_codes(const ValueCodes& codes, std::size_t i) {
  return codes[codes.size() == 1 ? 0 : i];
}

/// Codes to what they stand for, and back, in place.
void to_reals(Tensor& tensor, const ValueCodes& codes);
void to_codes(Tensor& tensor, const ValueCodes& codes);

/// Whether each value is made as codes (true) or as floats.
std::vector<bool> made_as_codes(const Graph& graph);

/// Whether the result has the codes of the inputs, as the operation only moves codes or picks among
/// them.
bool moves_codes(const Graph& graph, const Node& node);

/// Number of the class of each value: values of one class have the same zero and, where their
/// planes do not differ, the same scale.
std::vector<int> code_classes(const Graph& graph);

/// Whether the node is a concatenation of channels that 1x1 KPU layers alone read: its parts keep
/// codes of their own.
bool keeps_own_codes(const Graph& graph, const std::vector<std::vector<int>>& read_by,
                     const Node& node);

}  // namespace kpu::compiler
