// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/bits.h"
#include "common/error.h"
#include "golden/kmodel/v5/tensors.h"

namespace kpu::golden::v5 {

/// One tensor instruction while it runs: its operands, what it pops, and the tensors it names.
/// Functions take from the stack in reverse order, then call compute() with what is to be done.
struct TensorFunctions::Frame {
  const TensorCall& call;
  StackMachine& machine;
  FloatRule rule;
  bool trace;
  const CallFunction& call_function;
  const TensorFunctions::Observer& observer;
  const TensorFunctions::Observer& result_observer;
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

  Tensor output(AddressSpace::Address address, DataType type, const Shape& shape,
                const Shape& strides) {
    operation.outputs.push_back(checked({type, address, shape, strides}));
    return operation.outputs.back();
  }

  /// The usual output: operand rstride_dest.
  Tensor output(AddressSpace::Address address, DataType type, const Shape& shape) {
    return output(address, type, shape, this->shape("rstride_dest"));
  }

  /// An input without strides: contiguous.
  Tensor packed_input(AddressSpace::Address address, DataType type, const Shape& shape) {
    return input(address, type, shape, packed_strides(shape));
  }

  Tensor packed_output(AddressSpace::Address address, DataType type, const Shape& shape) {
    return output(address, type, shape, packed_strides(shape));
  }

  /// Limits of what the instruction computes.
  ClampRange clamp_range() const {
    return {call.real("fused_clamp_low"), call.real("fused_clamp_high")};
  }

  ReduceOp reduce_op() const {
    constexpr std::array kOps = {ReduceOp::kMean, ReduceOp::kMin, ReduceOp::kMax, ReduceOp::kSum};
    return kOps[call["reduce_op"]];
  }

  /// An axis that may count from the end, as one of `rank`. Throws Error if it is none.
  std::size_t axis_of(std::uint32_t operand, std::size_t rank) const {
    const auto axis = static_cast<std::int32_t>(operand);
    const std::int64_t at = axis < 0 ? axis + static_cast<std::int64_t>(rank) : axis;
    if (at < 0 || at >= static_cast<std::int64_t>(rank)) {
      throw Error(fmt::format("{}: axis {}, expected one of {}", call.function, axis, rank));
    }
    return static_cast<std::size_t>(at);
  }

  /// Throws Error unless a shape that the program states is what its inputs give.
  void require_shape(const Shape& stated, const Shape& expected) const {
    if (stated != expected) {
      throw Error(fmt::format("{}: output of shape {}, expected {}", call.function,
                              fmt::join(stated, "x"), fmt::join(expected, "x")));
    }
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
    throw NotImplemented(
        fmt::format("not implemented: {} {}: {}", call.function, what, call.text()));
  }

  /// Runs `work` unless this is a trace.
  template <class Work>
  void compute(Work work) {
    if (observer) {
      observer(operation);
    }
    if (trace) {
      return;
    }
    work();
    if (result_observer) {
      result_observer(operation);
    }
  }

  std::vector<std::uint8_t> load(const Tensor& tensor) const {
    return load_tensor(machine.memory(), tensor);
  }

  /// The elements as T, which is as large as the tensor's type.
  template <class T>
  std::vector<T> load_as(const Tensor& tensor) const {
    const std::vector<std::uint8_t> bytes = load(tensor);
    std::vector<T> values(bytes.size() / sizeof(T));
    copy_bytes(values.data(), bytes.data(), bytes.size());
    return values;
  }

  std::vector<float> load_floats(const Tensor& tensor) const { return load_as<float>(tensor); }

  void store(const Tensor& tensor, std::span<const std::uint8_t> bytes) {
    store_tensor(machine.memory(), tensor, bytes);
  }

  template <class T>
  void store_as(const Tensor& tensor, const std::vector<T>& values) {
    std::vector<std::uint8_t> bytes(values.size() * sizeof(T));
    copy_bytes(bytes.data(), values.data(), bytes.size());
    store(tensor, bytes);
  }

  void store_floats(const Tensor& tensor, const std::vector<float>& values) {
    store_as(tensor, values);
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

/// The functions that reckon with floats and integers, convert, compute with floats, work with
/// indices, move, and work along an axis: arithmetic_functions.cpp, convert.cpp,
/// float_functions.cpp, index_functions.cpp, move_functions.cpp, sequence_functions.cpp.
std::span<const TensorFunction> arithmetic_functions();
std::span<const TensorFunction> convert_functions();
std::span<const TensorFunction> float_functions();
std::span<const TensorFunction> index_functions();
std::span<const TensorFunction> move_functions();
std::span<const TensorFunction> sequence_functions();

}  // namespace kpu::golden::v5
