// SPDX-License-Identifier: Apache-2.0
#include "compiler/onnx_layers/scheme.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <span>
#include <utility>

#include "common/bits.h"
#include "common/error.h"
#include "compiler/graph/tensor.h"
#include "compiler/onnx/tensors.h"

namespace kpu::compiler {
namespace {

// TensorProto.DataType.
constexpr int kUint8 = 2;
constexpr int kInt8 = 3;
constexpr int kInt32 = 6;

/// An int32 tensor, which floats would not hold exactly.
std::vector<double> int32_numbers(const onnx::TensorProto& proto, std::size_t count) {
  std::vector<double> values(proto.int32_data().begin(), proto.int32_data().end());
  const std::string& raw = proto.raw_data();
  if (proto.has_raw_data() && raw.size() == 4 * count) {
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(raw.data()), raw.size());
    for (std::size_t i = 0; i < count; ++i) {
      values.push_back(load_le<std::int32_t>(bytes, 4 * i));
    }
  }
  if (values.size() != count) {
    throw Error(
        fmt::format("tensor '{}': {} elements, expected {}", proto.name(), values.size(), count));
  }
  return values;
}

const onnx::AttributeProto* find(const onnx::NodeProto& node, const std::string& name) {
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

}  // namespace

Scheme::Scheme(const onnx::ModelProto& model, std::string folder)
    : graph_(model.graph()), folder_(std::move(folder)) {
  for (const onnx::TensorProto& tensor : graph_.initializer()) constants_[tensor.name()] = &tensor;
  for (const onnx::NodeProto& node : graph_.node()) {
    if (node.op_type() == "Constant" && node.output_size() == 1) {
      if (const auto* value = find(node, "value")) constants_[node.output(0)] = &value->t();
    }
    for (const std::string& name : node.output()) makers_[name] = &node;
    for (const std::string& name : node.input()) readers_[name].push_back(&node);
  }
}

std::string Scheme::input(const onnx::NodeProto& node, int i) {
  return i < node.input_size() ? node.input(i) : std::string();
}

std::string Scheme::name_of(const onnx::NodeProto& node) {
  return node.name().empty() && node.output_size() > 0 ? node.output(0) : node.name();
}

const onnx::TensorProto& Scheme::constant(const std::string& name) const {
  const auto found = constants_.find(name);
  if (found == constants_.end()) throw Error(fmt::format("'{}': expected a constant", name));
  return *found->second;
}

std::vector<double> Scheme::numbers(const std::string& name) const {
  const onnx::TensorProto& proto = constant(name);
  if (proto.data_type() == kInt32 && proto.data_location() != 1) {
    const auto count = element_count({proto.dims().begin(), proto.dims().end()});
    return int32_numbers(proto, static_cast<std::size_t>(count));
  }
  const Tensor tensor = read_tensor(proto, folder_);
  for (float value : tensor.data) {
    if (proto.data_type() == kInt32 && std::abs(value) > 16777216.F) {
      throw Error(
          fmt::format("tensor '{}': external int32 above 2^24: expected it in the file", name));
    }
  }
  return {tensor.data.begin(), tensor.data.end()};
}

std::vector<std::int64_t> Scheme::dims(const std::string& name) const {
  const onnx::TensorProto& proto = constant(name);
  return {proto.dims().begin(), proto.dims().end()};
}

Scheme::CodeType Scheme::code_type(const std::string& name) const {
  const int type = constant(name).data_type();
  if (type != kUint8 && type != kInt8) {
    throw Error(fmt::format("'{}': data_type={}: expected uint8 or int8", name, type));
  }
  return type == kInt8 ? CodeType::kInt8 : CodeType::kUint8;
}

const onnx::NodeProto* Scheme::maker(const std::string& name) const {
  const auto found = makers_.find(name);
  return found == makers_.end() ? nullptr : found->second;
}

const onnx::NodeProto& Scheme::dequantize(const std::string& name) const {
  const onnx::NodeProto* node = maker(name);
  if (node == nullptr || node->op_type() != "DequantizeLinear") {
    throw Error(fmt::format("'{}': expected the output of DequantizeLinear", name));
  }
  return *node;
}

const onnx::NodeProto& Scheme::only_reader(const onnx::NodeProto& node) const {
  const auto found = node.output_size() == 1 ? readers_.find(node.output(0)) : readers_.end();
  const std::size_t count = found == readers_.end() ? 0 : found->second.size();
  if (count != 1) throw Error(fmt::format("{} nodes read its output, expected one", count));
  return *found->second.front();
}

Quantisation Scheme::quantisation(const std::string& scale, const std::string& zero) const {
  const std::vector<double> scales = numbers(scale);
  if (scales.size() != 1) {
    throw Error(fmt::format("'{}': {} scales, expected one", scale, scales.size()));
  }
  Quantisation result{.scale = static_cast<float>(scales.front())};
  if (zero.empty()) return result;
  const std::vector<double> zeros = numbers(zero);
  if (zeros.size() != 1) {
    throw Error(fmt::format("'{}': {} zero points, expected one", zero, zeros.size()));
  }
  result.type = code_type(zero);
  result.zero = static_cast<int>(zeros.front());
  return result;
}

std::int64_t attribute(const onnx::NodeProto& node, const std::string& name, std::int64_t missing) {
  const auto* found = find(node, name);
  return found != nullptr ? found->i() : missing;
}

std::vector<std::int64_t> attribute(const onnx::NodeProto& node, const std::string& name,
                                    std::vector<std::int64_t> missing) {
  const auto* found = find(node, name);
  if (found == nullptr) return missing;
  return {found->ints().begin(), found->ints().end()};
}

std::string attribute(const onnx::NodeProto& node, const std::string& name, const char* missing) {
  const auto* found = find(node, name);
  return found != nullptr ? found->s() : missing;
}

std::optional<double> attribute(const onnx::NodeProto& node, const std::string& name) {
  const auto* found = find(node, name);
  if (found == nullptr) return std::nullopt;
  return double{found->f()};
}

}  // namespace kpu::compiler
