// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/field_reader.h"
#include "golden/kmodel/element_type.h"
#include "golden/ops/tensor_ops.h"

namespace kpu::golden::v5 {

using DataType = ElementType;
inline constexpr std::size_t kDataTypes = kElementTypes;

/// One release's numbering of the tensor functions, their operands and the unary operations (kmodel
/// format, "TENSOR function numbers are not stable"). Files do not say which one they use.
class Numbering {
 public:
  /// The names that all() has, oldest first.
  static const std::vector<Numbering>& all();

  const std::string& release() const { return release_; }

  /// Name of a function ("quantize"), empty for an unknown number.
  std::string_view function(std::uint16_t number) const;

  /// Operands of a function as "name" or "name:type" words; empty if this release cannot have it
  /// in a file.
  std::string_view operands(std::string_view function) const;

  /// Whether paddings on the stack have a third number, of gaps between elements.
  bool interior_padding() const;

  /// The unary operation of a number; throws Error for an unknown one.
  UnaryOp unary(std::uint32_t number) const;

 private:
  Numbering() = default;

  std::string release_;
  std::vector<std::string> functions_;
  std::map<std::string, std::string, std::less<>> operands_;
  std::vector<UnaryOp> unary_;
};

/// A tensor instruction with its operands by name.
struct TensorCall {
  std::string function;
  std::size_t offset = 0;  ///< of the instruction in the text
  std::size_t bytes = 0;   ///< of the instruction
  std::vector<std::pair<std::string, double>> operands;

  /// An operand; the function's layout has it. Of an integer, its lower 32 bits.
  double value(std::string_view name) const;
  std::uint32_t operator[](std::string_view name) const;
  bool has(std::string_view name) const;
  float real(std::string_view name) const;
  DataType type(std::string_view name) const;

  /// "quantize in_datatype=9 ...".
  std::string text() const;
};

/// Reads the operands of a tensor instruction behind its function number. Throws Error for a number
/// or operand that the numbering does not have.
TensorCall read_tensor_call(const Numbering& numbering, FieldReader& text);

/// Operand bytes of a scalar opcode (all but TENSOR), or a negative number for an unknown one.
int operand_bytes(std::uint8_t opcode);

inline constexpr std::uint8_t kOpcodeTensor = 0x5E;

/// Whether `text` decodes whole, to its last byte, with this numbering.
bool parses(const Numbering& numbering, std::span<const std::uint8_t> text);

}  // namespace kpu::golden::v5
