// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "compiler/emit/v4_writer.h"
#include "compiler/graph/graph.h"
#include "compiler/quant/codes.h"

namespace kpu::compiler {

/// A value for an operation on the CPU: its buffer, dims and codes.
struct Operand {
  BufferId buffer = -1;
  Dims dims;
  Codes codes;
};

/// Adds an operation that moves elements, of either type.
void add_move(V4Writer& writer, const Node& node, std::span<const Operand> in, const Operand& out);

/// Adds an operation on codes: Elementwise or Binary.
void add_code_op(V4Writer& writer, const Node& node, std::span<const Operand> in,
                 const Operand& out);

/// Adds an operation on floats. Throws Error if the format has none.
void add_float_op(V4Writer& writer, const Node& node, std::span<const Operand> in,
                  const Operand& out);

void add_quantize(V4Writer& writer, const Operand& in, const Operand& out);
void add_dequantize(V4Writer& writer, const Operand& in, const Operand& out);

/// Whether the operation moves elements, whatever their type.
bool is_move(const Node& node);

}  // namespace kpu::compiler
