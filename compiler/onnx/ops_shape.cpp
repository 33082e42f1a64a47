// SPDX-License-Identifier: Apache-2.0
//
// Constants, arithmetic on shapes, reductions, softmax.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "common/error.h"
#include "compiler/onnx/import.h"
#include "compiler/onnx/tensors.h"

namespace kpu::compiler {
namespace {

Tensor list(std::vector<float> values, bool integer) {
  const auto count = static_cast<std::int64_t>(values.size());
  return {{count}, std::move(values), integer};
}

void constant(Call& call) {
  if (const auto* tensor = call.tensor("value")) {
    call.give(call.add_constant(read_tensor(*tensor, call.folder()), tensor->data_type()));
  } else if (call.has_attribute("value_float")) {
    call.give(call.add_constant({{}, {call.real("value_float", 0)}, false}));
  } else if (call.has_attribute("value_int")) {
    const auto value = static_cast<float>(call.integer("value_int", 0));
    call.give(call.add_constant({{}, {value}, true}));
  } else if (call.has_attribute("value_floats")) {
    call.give(call.add_constant(list(call.reals("value_floats"), false)));
  } else if (call.has_attribute("value_ints")) {
    const auto values = call.integers("value_ints");
    call.give(call.add_constant(list({values.begin(), values.end()}, true)));
  } else {
    throw Error("value: expected a dense tensor or numbers");
  }
}

void constant_of_shape(Call& call) {
  Tensor value{{1}, {0}, false};
  if (const auto* tensor = call.tensor("value")) value = read_tensor(*tensor, call.folder());
  if (value.size() != 1) throw Error("value: expected one element");
  const Dims dims = call.whole(0, "shape");
  const auto count = static_cast<std::size_t>(element_count(dims));
  call.give(call.add_constant({dims, std::vector<float>(count, value.data[0]), value.integer}));
}

void shape(Call& call) {
  const auto rank = call.rank();
  const auto bound = [&](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  const std::int64_t begin = bound(call.integer("start", 0));
  const std::int64_t end = std::max(begin, bound(call.integer("end", rank)));
  const Dims& dims = call.dims();
  call.give(call.add_constant(list({dims.begin() + begin, dims.begin() + end}, true)));
}

void size(Call& call) {
  const auto count = static_cast<float>(element_count(call.dims()));
  call.give(call.add_constant({{}, {count}, true}));
}

void identity(Call& call) {
  call.ignore({"ratio", "seed"});
  call.give(call.in());
}

void cast(Call& call) {
  const auto type = static_cast<int>(call.integer("to", 0));
  call.ignore({"saturate"});
  if (!call.is_constant(0)) {
    if (is_whole_type(type)) throw Error(fmt::format("to={}: expected a float type", type));
    call.give(call.in());
    return;
  }
  Tensor tensor = call.constant(0, "input");
  tensor.integer = is_whole_type(type);
  if (tensor.integer) {
    for (float& x : tensor.data) x = std::trunc(x);
  }
  call.give(call.add_constant(std::move(tensor)));
}

void range(Call& call) {
  const float start = call.constant(0, "start").data.at(0);
  const float limit = call.constant(1, "limit").data.at(0);
  const float delta = call.constant(2, "delta").data.at(0);
  const float count = delta == 0 ? -1.f : std::ceil((limit - start) / delta);
  if (!(count >= 0 && count <= 1e6f)) throw Error("delta: expected at most a million numbers");
  std::vector<float> values;
  for (float i = 0; i < count; ++i) values.push_back(start + i * delta);
  call.give(call.add_constant(list(std::move(values), call.constant(0, "start").integer)));
}

void expand(Call& call) {
  const Dims wanted = call.whole(1, "shape");
  const Dims dims = broadcast_dims(call.dims(), wanted);
  if (dims == call.dims()) {
    call.give(call.in());
    return;
  }
  const auto count = static_cast<std::size_t>(element_count(dims));
  const ValueId zeros = call.add_constant({dims, std::vector<float>(count, 0.f), true});
  call.give(Binary{FunctionOp::kAdd, {}}, {call.in(), zeros});
}

template <ReduceKind kind>
void reduce(Call& call) {
  const std::int64_t as_input_from = kind == ReduceKind::kSum ? 13 : 18;
  std::vector<std::int64_t> axes;
  if (call.opset() < as_input_from) {
    axes = call.integers("axes");
  } else if (call.has(1)) {
    axes = call.whole(1, "axes");
  }
  const bool nothing = call.integer("noop_with_empty_axes", 0) != 0;
  Reduce reduce{kind, {}, call.integer("keepdims", 1) != 0};
  if (axes.empty()) {
    if (nothing) {
      call.give(call.in());
      return;
    }
    axes.resize(call.dims().size());
    std::iota(axes.begin(), axes.end(), 0);
  }
  for (std::int64_t axis : axes) reduce.axes.push_back(normal_axis(axis, call.dims().size()));
  call.give(reduce, {call.in()});
}

void softmax(Call& call, bool log) {
  const Dims dims = call.dims();
  const int axis = normal_axis(call.integer("axis", call.opset() < 13 ? 1 : -1), dims.size());
  if (call.opset() >= 13) {
    call.give(Softmax{axis, log}, {call.in()});
    return;
  }
  // Up to opset 12: over all axes from `axis` on.
  const std::int64_t rows = element_count(Dims(dims.begin(), dims.begin() + axis));
  const std::int64_t columns = element_count(Dims(dims.begin() + axis, dims.end()));
  const ValueId flat = call.add(Reshape{{rows, columns}}, {call.in()});
  call.give(Reshape{dims}, {call.add(Softmax{1, log}, {flat})});
}

void plain_softmax(Call& call) { softmax(call, false); }
void log_softmax(Call& call) { softmax(call, true); }

constexpr std::array kShapeImporters = {
    Importer{"Constant", constant},
    Importer{"ConstantOfShape", constant_of_shape},
    Importer{"Shape", shape, CodeUse::kKnows},
    Importer{"Size", size, CodeUse::kKnows},
    Importer{"Identity", identity, CodeUse::kMoves},
    Importer{"Dropout", identity, CodeUse::kMoves},
    Importer{"Cast", cast},
    Importer{"Range", range},
    Importer{"Expand", expand},
    Importer{"ReduceMean", reduce<ReduceKind::kMean>},
    Importer{"ReduceMax", reduce<ReduceKind::kMax>},
    Importer{"ReduceMin", reduce<ReduceKind::kMin>},
    Importer{"ReduceSum", reduce<ReduceKind::kSum>},
    Importer{"Softmax", plain_softmax},
    Importer{"LogSoftmax", log_softmax},
};

}  // namespace

std::span<const Importer> shape_importers() { return kShapeImporters; }

}  // namespace kpu::compiler
