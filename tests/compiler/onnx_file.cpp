// SPDX-License-Identifier: Apache-2.0
#include "tests/compiler/onnx_file.h"

#include "compiler/onnx/onnx_reader.h"

namespace kpu::compiler {
namespace {

/// Between -1.7 and 1.7, with deviation 1.
float uniform(std::mt19937& random) {
  return (static_cast<float>(random() >> 8) / 8388608.f - 1) * 1.7320508f;
}

}  // namespace

OnnxFile::OnnxFile(std::int64_t opset) {
  model.set_ir_version(8);
  model.add_opset_import()->set_version(opset);
  model.mutable_graph();
}

OnnxFile& OnnxFile::input(const std::string& name, const Dims& dims) {
  onnx::ValueInfoProto* info = model.mutable_graph()->add_input();
  info->set_name(name);
  auto* type = info->mutable_type()->mutable_tensor_type();
  type->set_elem_type(1);
  for (std::int64_t dim : dims) type->mutable_shape()->add_dim()->set_dim_value(dim);
  return *this;
}

OnnxFile& OnnxFile::constant(const std::string& name, const Dims& dims,
                             const std::vector<float>& values) {
  onnx::TensorProto* tensor = model.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(1);
  for (std::int64_t dim : dims) tensor->add_dims(dim);
  for (float value : values) tensor->add_float_data(value);
  return *this;
}

OnnxFile& OnnxFile::random(const std::string& name, const Dims& dims, float deviation) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < element_count(dims); ++i) {
    values.push_back(deviation * uniform(random_));
  }
  return constant(name, dims, values);
}

OnnxFile& OnnxFile::codes(const std::string& name, int type, const Dims& dims,
                          const std::vector<std::int32_t>& values) {
  onnx::TensorProto* tensor = model.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(type);
  for (std::int64_t dim : dims) tensor->add_dims(dim);
  for (std::int32_t value : values) tensor->add_int32_data(value);
  return *this;
}

OnnxFile& OnnxFile::scheme(const std::string& name, float scale, int zero, int type) {
  return constant(name + "_s", {}, {scale}).codes(name + "_z", type, {}, {zero});
}

OnnxFile& OnnxFile::whole(const std::string& name, const std::vector<std::int64_t>& values) {
  onnx::TensorProto* tensor = model.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(7);
  tensor->add_dims(static_cast<std::int64_t>(values.size()));
  for (std::int64_t value : values) tensor->add_int64_data(value);
  return *this;
}

OnnxFile& OnnxFile::node(const std::string& type, const std::vector<std::string>& inputs,
                         const std::string& output, const Attributes& attributes) {
  onnx::NodeProto* node = model.mutable_graph()->add_node();
  node->set_op_type(type);
  node->set_name(output);
  for (const std::string& name : inputs) node->add_input(name);
  node->add_output(output);
  for (const auto& [name, value] : attributes) {
    onnx::AttributeProto* attribute = node->add_attribute();
    attribute->set_name(name);
    if (const auto* number = std::get_if<std::int64_t>(&value)) attribute->set_i(*number);
    if (const auto* real = std::get_if<float>(&value)) attribute->set_f(*real);
    if (const auto* text = std::get_if<std::string>(&value)) attribute->set_s(*text);
    if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) {
      for (std::int64_t number : *list) attribute->add_ints(number);
    }
  }
  return *this;
}

OnnxFile& OnnxFile::domain(const std::string& name) {
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.mutable_node(graph.node_size() - 1)->set_domain(name);
  return *this;
}

OnnxFile& OnnxFile::more_output(const std::string& name) {
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.mutable_node(graph.node_size() - 1)->add_output(name);
  return *this;
}

OnnxFile& OnnxFile::output(const std::string& name) {
  model.mutable_graph()->add_output()->set_name(name);
  return *this;
}

std::vector<std::uint8_t> OnnxFile::bytes() const {
  const std::string text = model.SerializeAsString();
  return {text.begin(), text.end()};
}

Graph OnnxFile::graph() const { return read_onnx(bytes(), "."); }

Tensor random_input(const Dims& dims, unsigned seed) {
  std::mt19937 random(seed);
  Tensor tensor{dims, {}, false};
  for (std::int64_t i = 0; i < element_count(dims); ++i) {
    tensor.data.push_back(static_cast<float>(random() % 256) / 255);
  }
  return tensor;
}

}  // namespace kpu::compiler
