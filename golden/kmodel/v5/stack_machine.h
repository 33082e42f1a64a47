// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/field_reader.h"
#include "golden/kmodel/v5/container.h"
#include "golden/kmodel/v5/isa.h"
#include "golden/kmodel/v5/stack_arithmetic.h"
#include "golden/ops/tensor_ops.h"

namespace kpu::golden::v5 {

/// Memories under one kind of address: region number in the upper half, byte offset in the lower.
/// 0 is no address.
class AddressSpace {
 public:
  using Address = std::int64_t;

  /// Adds a memory; gives the address of its first byte.
  Address add(std::span<std::uint8_t> region);

  /// The bytes at an address. Throws Error if they leave the region.
  std::span<std::uint8_t> bytes(Address address, std::uint64_t count) const;

 private:
  std::vector<std::span<std::uint8_t>> regions_;
};

/// Where a function of a stack module finds its memories.
struct MemoryBases {
  AddressSpace::Address input = 0, output = 0, rdata = 0, data = 0;
};

class StackMachine;

/// A tensor instruction that is right but that nothing here computes.
class NotImplemented : public Error {
 public:
  using Error::Error;
};

/// Runs the tensor instructions of a stack machine.
class TensorHandler {
 public:
  virtual ~TensorHandler() = default;
  virtual void tensor(const TensorCall& call, StackMachine& machine) = 0;
};

/// The scalar part of the v5 runtime (kmodel format, stackvm module): a stack, shape and padding
/// registers, loads, stores and branches. Throws Error, naming the offset in the text, for anything
/// that is not allowed: an empty stack, an address outside its memory, an unknown opcode.
class StackMachine {
 public:
  StackMachine(const Function& function, const Numbering& numbering, AddressSpace& memory,
               const MemoryBases& bases);

  /// Runs to the return or the end of the text. With `trace` it stops, and gives false, at the
  /// first instruction that depends on values in memory: the tensors before it have been seen,
  /// nothing has been computed.
  bool run(TensorHandler& handler, bool trace);

  /// Offset in the text of the instruction that runs, or that ran last.
  std::size_t offset() const { return offset_; }

  /// Values on the stack.
  std::size_t depth() const { return stack_.size(); }

  StackValue pop();
  std::int64_t pop_integer() { return pop().integer; }
  float pop_real();

  /// Padding on one axis, as the release pushes it: some have no gaps.
  Padding pop_padding();

  /// A shape register: unsigned dimensions, strides or axes.
  const Shape& shape(std::uint32_t index) const;
  const std::vector<Padding>& paddings(std::uint32_t index) const;

  AddressSpace& memory() { return memory_; }
  const Numbering& numbering() const { return numbering_; }

 private:
  void push(StackValue value);
  void push_integer(std::int64_t value) { push({.integer = value}); }
  bool step(std::uint8_t opcode, FieldReader& text);
  void load_buffer_address(FieldReader& text);
  void load(AddressSpace::Address address, unsigned type);
  void store(AddressSpace::Address address, StackValue value, unsigned type);
  void branch(std::int64_t distance, FieldReader& text);

  const Function& function_;
  const Numbering& numbering_;
  AddressSpace& memory_;
  MemoryBases bases_;
  std::size_t offset_ = 0;
  std::vector<StackValue> stack_;
  std::vector<Shape> shapes_;
  std::vector<std::vector<Padding>> paddings_;
};

}  // namespace kpu::golden::v5
