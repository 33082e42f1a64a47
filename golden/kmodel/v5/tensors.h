// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "golden/kmodel/v5/isa.h"
#include "golden/kmodel/v5/stack_machine.h"
#include "golden/kpu/profile.h"

namespace kpu::golden::v5 {

/// A tensor in memory.
struct Tensor {
  DataType type = DataType::kFloat32;
  AddressSpace::Address address = 0;
  Shape shape;
  Shape strides;  ///< in elements; a dimension of 1 may have any

  std::uint64_t count() const { return shape_count(shape); }
};

/// Strides of a contiguous tensor.
Shape packed_strides(const Shape& shape);

/// The tensor's elements in row-major order. Throws Error if one lies outside its memory.
std::vector<std::uint8_t> load_tensor(const AddressSpace& memory, const Tensor& tensor);

/// Writes row-major elements to the tensor's places.
void store_tensor(AddressSpace& memory, const Tensor& tensor, std::span<const std::uint8_t> bytes);

/// Throws Error if an element of the tensor lies outside its memory.
void check_tensor(const AddressSpace& memory, const Tensor& tensor);

/// What a tensor instruction worked on, for listings.
struct Operation {
  const TensorCall* call = nullptr;
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
};

/// Runs the tensor functions of the v5 runtime (kmodel format, TENSOR), or only looks at them: in
/// a trace, places and shapes are checked and nothing is computed.
class TensorFunctions : public TensorHandler {
 public:
  /// Function `function` of module `module` on the inputs, to the outputs.
  using CallFunction =
      std::function<void(std::uint32_t module, std::uint32_t function,
                         const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs)>;

  TensorFunctions(FloatRule rule, bool trace, CallFunction call_function)
      : rule_(rule), trace_(trace), call_function_(std::move(call_function)) {}

  using Observer = std::function<void(const Operation&)>;

  /// See every instruction before it runs, and when its outputs are in memory; may be empty.
  void set_observer(Observer before, Observer after = {}) {
    observer_ = std::move(before);
    result_observer_ = std::move(after);
  }

  void tensor(const TensorCall& call, StackMachine& machine) override;

  /// Whether a function can run here at all.
  static bool implements(std::string_view function);

  struct Frame;  ///< one instruction while it runs

 private:
  FloatRule rule_;
  bool trace_;
  CallFunction call_function_;
  Observer observer_;
  Observer result_observer_;
};

}  // namespace kpu::golden::v5
