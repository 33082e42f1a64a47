// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/graph/graph.h"

namespace kpu::compiler {

/// How a uint8 code stands for a real number: real = (code - zero) * scale.
struct Codes {
  float scale = 1;
  std::int32_t zero = 0;  ///< 0..255: zero itself is always a code

  float real(float code) const { return (code - static_cast<float>(zero)) * scale; }
  /// The nearest code, 0..255; halves away from zero, as the runtime's quantize.
  float code(float real) const;
  bool operator==(const Codes&) const = default;
};

/// Codes for the closed range low .. high, widened to hold zero.
Codes codes_for(float low, float high);

/// Codes of a value whose channels may come from several sources (a concatenation that 1x1
/// layers alone read): runs of channels, first channel first. One run where all are alike.
struct ChannelCodes {
  std::int64_t channels;  ///< of this run
  Codes codes;
};
using ValueCodes = std::vector<ChannelCodes>;

/// Whether each value is made as codes (true) or as floats.
std::vector<bool> made_as_codes(const Graph& graph);

/// Number of the class of each value: values of one class have the same codes, as the operations
/// between them only move codes or pick among them.
std::vector<int> code_classes(const Graph& graph);

/// Whether the node is a concatenation of channels that 1x1 KPU layers alone read: its parts keep
/// codes of their own.
bool keeps_own_codes(const Graph& graph, const std::vector<std::vector<int>>& read_by,
                     const Node& node);

}  // namespace kpu::compiler
