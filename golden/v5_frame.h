// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <vector>

#include "golden/bits.h"
#include "golden/error.h"
#include "golden/v5_tensors.h"

namespace kpu::golden::v5 {

/// One tensor instruction while it runs: its operands, what it pops, and the tensors it names.
/// Functions take from the stack in reverse order, then call compute() with what is to be done.
struct TensorFunctions::Frame {
  const TensorCall& call;
  StackMachine& machine;
  FloatRule rule;
  bool trace;
  const CallFunction& call_function;
  const std::function<void(const Operation&)>& observer;
  Operation operation{};

  AddressSpace::Address pop_address() { return machine.pop_integer(); }

  const Shape& shape(std::string_view operand) const { return machine.shape(call[operand]); }

  /// An input from the operands that name its type and registers.
  Tensor input(AddressSpace::Address address, DataType type, const Shape& shape,
               const Shape& strides) {
    operation.inputs.push_back(checked({type, address, shape, strides}));
    return operation.inputs.back();
  }

  /// The usual input: operands datatype, rshape_src, rstride_src.
  Tensor source(AddressSpace::Address address) {
    return input(address, call.type("datatype"), shape("rshape_src"), shape("rstride_src"));
  }

  Tensor output(AddressSpace::Address address, DataType type, const Shape& shape) {
    operation.outputs.push_back(checked({type, address, shape, this->shape("rstride_dest")}));
    return operation.outputs.back();
  }

  /// Throws Error unless the tensor has this type.
  void require_type(const Tensor& tensor, DataType type) const {
    if (tensor.type != type) {
      not_implemented(fmt::format("for {}", to_string(tensor.type)));
    }
  }

  void require_rank(const Tensor& tensor, std::size_t rank) const {
    if (tensor.shape.size() != rank) {
      throw Error(fmt::format("{}: shape of {} dimensions, expected {}", call.function,
                              tensor.shape.size(), rank));
    }
  }

  [[noreturn]] void not_implemented(const std::string& what) const {
    throw Error(fmt::format("{}: not implemented {} ({})", call.function, what, call.text()));
  }

  /// Runs `work` unless this is a trace.
  template <class Work>
  void compute(Work work) {
    if (observer) {
      observer(operation);
    }
    if (!trace) {
      work();
    }
  }

  std::vector<std::uint8_t> load(const Tensor& tensor) const {
    return load_tensor(machine.memory(), tensor);
  }

  std::vector<float> load_floats(const Tensor& tensor) const {
    const std::vector<std::uint8_t> bytes = load(tensor);
    std::vector<float> values(bytes.size() / sizeof(float));
    copy_bytes(values.data(), bytes.data(), bytes.size());
    return values;
  }

  void store(const Tensor& tensor, std::span<const std::uint8_t> bytes) {
    store_tensor(machine.memory(), tensor, bytes);
  }

  void store_floats(const Tensor& tensor, const std::vector<float>& values) {
    std::vector<std::uint8_t> bytes(values.size() * sizeof(float));
    copy_bytes(bytes.data(), values.data(), bytes.size());
    store(tensor, bytes);
  }

 private:
  Tensor checked(Tensor tensor) const {
    if (tensor.shape.size() != tensor.strides.size()) {
      throw Error(fmt::format("{}: {} dimensions with {} strides, expected as many", call.function,
                              tensor.shape.size(), tensor.strides.size()));
    }
    check_tensor(machine.memory(), tensor);
    return tensor;
  }
};

/// A tensor function by name.
struct TensorFunction {
  std::string_view name;
  void (*run)(TensorFunctions::Frame& frame);
};

/// The functions that compute, and those that move; v5_float_functions.cpp, v5_move_functions.cpp.
std::span<const TensorFunction> float_functions();
std::span<const TensorFunction> move_functions();

}  // namespace kpu::golden::v5
