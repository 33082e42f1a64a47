// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/v5/tensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>

#include "common/bits.h"
#include "common/error.h"
#include "golden/kmodel/main_memory.h"
#include "golden/kmodel/v5/frame.h"

namespace kpu::golden::v5 {
namespace {

using Run = void (*)(TensorFunctions::Frame&);

Run find_function(std::string_view name) {
  for (const auto functions : {arithmetic_functions(), convert_functions(), float_functions(),
                               index_functions(), move_functions(), sequence_functions()}) {
    for (const TensorFunction& function : functions) {
      if (function.name == name) {
        return function.run;
      }
    }
  }
  return nullptr;
}

/// Elements from the first to one past the last, cut at 2^40.
std::uint64_t extent(const Tensor& tensor) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 40;
  std::uint64_t last = 0;
  for (std::size_t axis = 0; axis < tensor.shape.size(); ++axis) {
    const std::uint64_t span =
        saturating_product({tensor.shape[axis] - 1ull, tensor.strides[axis]});
    last = std::min(last + std::min(span, kMost), kMost);
  }
  return last + 1;
}

bool is_contiguous(const Tensor& tensor) {
  std::uint64_t stride = 1;
  for (std::size_t axis = tensor.shape.size(); axis-- > 0;) {
    if (tensor.shape[axis] != 1 && tensor.strides[axis] != stride) {
      return false;
    }
    stride *= tensor.shape[axis];
  }
  return true;
}

/// Calls visit(offset in memory, offset in row-major bytes) for each element.
template <class Visit>
void each_element(const Tensor& tensor, Visit visit) {
  const std::size_t size = size_of(tensor.type);
  std::size_t packed = 0;
  each_index(tensor.shape, [&](std::span<const std::uint32_t> index) {
    std::size_t offset = 0;
    for (std::size_t axis = 0; axis < index.size(); ++axis) {
      offset += std::size_t{index[axis]} * tensor.strides[axis];
    }
    visit(offset * size, packed);
    packed += size;
  });
}

/// All bytes between the tensor's first element and its last.
std::span<std::uint8_t> bytes_of(const AddressSpace& memory, const Tensor& tensor) {
  return memory.bytes(tensor.address, extent(tensor) * size_of(tensor.type));
}

}  // namespace

Shape packed_strides(const Shape& shape) {
  Shape strides(shape.size(), 1);
  for (std::size_t axis = shape.size(); axis-- > 1;) {
    strides[axis - 1] = strides[axis] * shape[axis];
  }
  return strides;
}

void check_tensor(const AddressSpace& memory, const Tensor& tensor) {
  for (std::size_t axis = 0; axis < tensor.shape.size(); ++axis) {
    if (tensor.shape[axis] == 0 || extent(tensor) > kMaxMainMemory ||
        tensor.count() > kMaxMainMemory) {
      throw Error(fmt::format("shape {} with strides {}: expected a tensor that fits memory",
                              fmt::join(tensor.shape, "x"), fmt::join(tensor.strides, ",")));
    }
  }
  bytes_of(memory, tensor);
}

std::vector<std::uint8_t> load_tensor(const AddressSpace& memory, const Tensor& tensor) {
  const std::span<const std::uint8_t> bytes = bytes_of(memory, tensor);
  if (is_contiguous(tensor)) {
    return {bytes.begin(), bytes.end()};
  }
  const std::size_t size = size_of(tensor.type);
  std::vector<std::uint8_t> packed(tensor.count() * size);
  each_element(tensor, [&](std::size_t from, std::size_t to) {
    std::copy_n(bytes.begin() + from, size, packed.begin() + to);
  });
  return packed;
}

void store_tensor(AddressSpace& memory, const Tensor& tensor,
                  std::span<const std::uint8_t> packed) {
  const std::span<std::uint8_t> bytes = bytes_of(memory, tensor);
  if (is_contiguous(tensor)) {
    copy_bytes(bytes.data(), packed.data(), packed.size());
    return;
  }
  const std::size_t size = size_of(tensor.type);
  each_element(tensor, [&](std::size_t to, std::size_t from) {
    std::copy_n(packed.begin() + from, size, bytes.begin() + to);
  });
}

bool TensorFunctions::implements(std::string_view function) {
  return find_function(function) != nullptr;
}

void TensorFunctions::tensor(const TensorCall& call, StackMachine& machine) {
  const Run run = find_function(call.function);
  Frame frame{.call = call,
              .machine = machine,
              .rule = rule_,
              .trace = trace_,
              .call_function = call_function_,
              .observer = observer_,
              .result_observer = result_observer_};
  if (run == nullptr) {
    frame.not_implemented("at all");
  }
  frame.operation.call = &call;
  run(frame);
}

}  // namespace kpu::golden::v5
