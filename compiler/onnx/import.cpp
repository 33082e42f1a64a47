// SPDX-License-Identifier: Apache-2.0
#include "compiler/onnx/import.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <variant>

#include "common/error.h"
#include "compiler/graph/executor.h"
#include "compiler/onnx/onnx_reader.h"
#include "compiler/onnx/tensors.h"

namespace kpu::compiler {

ValueId Call::in(std::size_t i) const {
  if (!has(i)) throw Error(fmt::format("input {} is missing", i));
  return inputs_[i];
}

const Tensor& Call::constant(std::size_t i, const char* what) const {
  const Value& value = graph_.values[in(i)];
  if (!value.constant) {
    throw Error(
        fmt::format("{} '{}' depends on the network's inputs: expected a constant (export "
                    "with fixed shapes and folded constants)",
                    what, value.name));
  }
  return *value.constant;
}

std::vector<float> Call::scales(std::size_t i, int axis) const {
  const Value& value = graph_.values[in(i)];
  if (value.scales.size() != 1) return value.axis == axis ? value.scales : std::vector<float>{};
  return std::vector<float>(static_cast<std::size_t>(value.dims.at(axis)), value.scales[0]);
}

ValueId Call::decoded(std::size_t i, const Codes& codes) const {
  const ValueId id = in(i);
  if (!codes_[i]) {
    throw Error(fmt::format("input {}: expected codes, of QuantizeLinear or a uint8 input", i));
  }
  std::optional<Codes> own = codes_[i]->codes;
  if (!own) {
    std::optional<Codes>& of_input = graph_.values[codes_[i]->input].codes;
    if (!of_input) of_input = codes;
    own = of_input;
  }
  if (*own != codes) {
    throw Error(
        fmt::format("input {}: scale {} and zero point {}, but it was made with {} and {}: "
                    "expected the same (zero points of int8 count from 128 here)",
                    i, codes.scale, codes.zero, own->scale, own->zero));
  }
  return id;
}

std::optional<Codes> Call::rounded_to(ValueId id) const {
  for (auto node = graph_.nodes.rbegin(); node != graph_.nodes.rend(); ++node) {
    if (node->output != id) continue;
    if (const auto codes = kpu::compiler::result_codes(*node)) return codes;
    const auto* pool = std::get_if<Pool>(&node->op);
    const bool moves =
        (pool != nullptr && pool->max) || std::holds_alternative<Reshape>(node->op) ||
        std::holds_alternative<Transpose>(node->op) || std::holds_alternative<Slice>(node->op);
    if (!moves) return std::nullopt;
    id = node->inputs[0];
  }
  return graph_.values[id].codes;
}

void Call::give_codes(ValueId id, const Codes& codes) {
  result_codes_[results_.size()] = codes;
  give(id);
}

std::vector<std::int64_t> Call::whole(std::size_t i, const char* what) const {
  std::vector<std::int64_t> numbers;
  for (float x : constant(i, what).data) {
    // Ends of slices may be the largest number there is.
    constexpr float kLimit = 1e12f;
    numbers.push_back(x != x ? 0 : static_cast<std::int64_t>(std::clamp(x, -kLimit, kLimit)));
  }
  return numbers;
}

const onnx::AttributeProto* Call::find(const char* name) {
  asked_.insert(name);
  for (const onnx::AttributeProto& attribute : proto_.attribute()) {
    if (attribute.name() == name) {
      if (!attribute.ref_attr_name().empty()) {
        throw Error(fmt::format("attribute {}: expected a value, not a reference", name));
      }
      return &attribute;
    }
  }
  return nullptr;
}

bool Call::has_attribute(const char* name) { return find(name) != nullptr; }

std::int64_t Call::integer(const char* name, std::int64_t missing) {
  const auto* attribute = find(name);
  return attribute != nullptr ? attribute->i() : missing;
}

float Call::real(const char* name, float missing) {
  const auto* attribute = find(name);
  return attribute != nullptr ? attribute->f() : missing;
}

std::string Call::text(const char* name, const char* missing) {
  const auto* attribute = find(name);
  return attribute != nullptr ? attribute->s() : missing;
}

std::vector<std::int64_t> Call::integers(const char* name, std::vector<std::int64_t> missing) {
  const auto* attribute = find(name);
  if (attribute == nullptr) return missing;
  return {attribute->ints().begin(), attribute->ints().end()};
}

std::vector<float> Call::reals(const char* name) {
  const auto* attribute = find(name);
  if (attribute == nullptr) return {};
  return {attribute->floats().begin(), attribute->floats().end()};
}

const onnx::TensorProto* Call::tensor(const char* name) {
  const auto* attribute = find(name);
  return attribute != nullptr ? &attribute->t() : nullptr;
}

void Call::ignore(std::initializer_list<const char*> names) {
  for (const char* name : names) asked_.insert(name);
}

std::string Call::unknown_attribute() const {
  for (const onnx::AttributeProto& attribute : proto_.attribute()) {
    if (!asked_.contains(attribute.name())) return attribute.name();
  }
  return {};
}

ValueId Call::add(Operation op, std::vector<ValueId> inputs) {
  Node node{proto_.name(), proto_.op_type(), std::move(op), std::move(inputs), -1};
  if (node.name.empty() && proto_.output_size() > 0) node.name = proto_.output(0);
  std::vector<const Tensor*> constants;
  for (ValueId input : node.inputs) {
    if (const auto& constant = graph_.values[input].constant) constants.push_back(&*constant);
  }
  if (constants.size() == node.inputs.size()) {
    const ValueId made = add_constant(run_node(graph_, node, constants));
    keep_scales(node, made);
    return made;
  }
  node.output = graph_.add_value(node.name, infer_dims(graph_, node));
  graph_.nodes.push_back(std::move(node));
  return graph_.nodes.back().output;
}

void Call::keep_scales(const Node& node, ValueId made) {
  const Value& from = graph_.values[node.inputs[0]];
  Value& to = graph_.values[made];
  const auto* transpose = std::get_if<Transpose>(&node.op);
  if (transpose != nullptr) {
    const auto& perm = transpose->perm;
    to.axis = static_cast<int>(std::find(perm.begin(), perm.end(), from.axis) - perm.begin());
  }
  const bool whole = from.scales.size() == 1 && std::holds_alternative<Reshape>(node.op);
  if (transpose != nullptr || whole) to.scales = from.scales;
}

ValueId Call::add_constant(Tensor tensor, int file_type) {
  const ValueId id =
      graph_.add_constant(proto_.output_size() > 0 ? proto_.output(0) : "", std::move(tensor));
  graph_.values[id].file_type = file_type;
  return id;
}

ValueId Call::add_scaled(Tensor reals, std::vector<float> scales, int axis) {
  const ValueId id = add_constant(std::move(reals));
  graph_.values[id].scales = std::move(scales);
  graph_.values[id].axis = axis;
  return id;
}

namespace {

constexpr std::int64_t kOldestOpset = 9;
constexpr int kUint8Type = 2, kInt8Type = 3;  ///< TensorProto.DataType of the schema

const Importer* find_importer(const std::string& type) {
  for (const auto importers : {elementwise_importers(), window_importers(), layout_importers(),
                               shape_importers(), quantised_importers()}) {
    for (const Importer& importer : importers) {
      if (type == importer.type) return &importer;
    }
  }
  return nullptr;
}

std::int64_t find_opset(const onnx::ModelProto& model) {
  for (const onnx::OperatorSetIdProto& set : model.opset_import()) {
    if (set.domain().empty() || set.domain() == "ai.onnx") {
      if (set.version() < kOldestOpset) {
        throw Error(
            fmt::format("opset {}: expected {} or newer (export again, or convert the file)",
                        set.version(), kOldestOpset));
      }
      return set.version();
    }
  }
  throw Error("opset_import: expected a version of the standard operators");
}

class Reader {
 public:
  /// Takes the model's tensors, so that they are not there twice.
  Reader(onnx::ModelProto& model, const std::string& folder)
      : proto_(*model.mutable_graph()), opset_(find_opset(model)), folder_(folder) {}

  Graph read() {
    for (onnx::TensorProto& initializer : *proto_.mutable_initializer()) {
      onnx::TensorProto tensor;
      tensor.Swap(&initializer);
      const ValueId id = graph_.add_constant(tensor.name(), read_tensor(tensor, folder_));
      graph_.values[id].file_type = tensor.data_type();
      define(tensor.name(), id);
    }
    for (const onnx::ValueInfoProto& input : proto_.input()) {
      // Up to IR version 3 initialisers are listed as inputs as well.
      if (!values_.contains(input.name())) read_input(input);
    }
    for (const onnx::NodeProto& node : proto_.node()) {
      try {
        read_node(node);
      } catch (const Error& error) {
        const std::string text = error.what();
        const std::string name =
            node.name().empty() && node.output_size() > 0 ? node.output(0) : node.name();
        throw Error(text.starts_with("node ")
                        ? text
                        : fmt::format("node '{}' ({}): {}", name, node.op_type(), text));
      }
    }
    for (const onnx::ValueInfoProto& output : proto_.output()) {
      graph_.outputs.push_back(value(output.name(), "output"));
      graph_.values[graph_.outputs.back()].name = output.name();
    }
    if (graph_.inputs.empty() || graph_.outputs.empty()) {
      throw Error(fmt::format("graph with {} inputs and {} outputs: expected one or more of each",
                              graph_.inputs.size(), graph_.outputs.size()));
    }
    remove_dead(graph_);
    return std::move(graph_);
  }

 private:
  void define(const std::string& name, ValueId id) {
    if (!values_.emplace(name, id).second) {
      throw Error(fmt::format("value '{}' is made twice", name));
    }
  }

  ValueId value(const std::string& name, const char* what) const {
    const auto found = values_.find(name);
    if (found == values_.end()) {
      throw Error(
          fmt::format("{} '{}': no node before makes it (nodes must be sorted, without "
                      "cycles)",
                      what, name));
    }
    return found->second;
  }

  void read_input(const onnx::ValueInfoProto& input) {
    if (!input.type().has_tensor_type() || !input.type().tensor_type().has_shape()) {
      throw Error(fmt::format("input '{}': expected a tensor with a shape", input.name()));
    }
    Dims dims;
    for (const onnx::Dimension& dim : input.type().tensor_type().shape().dim()) {
      // A symbolic or unknown axis (of the batch) is 1.
      const bool symbolic = !dim.has_dim_value() || dim.dim_value() == -1;
      dims.push_back(symbolic ? 1 : dim.dim_value());
      if (symbolic && dims.size() > 1) {
        throw Error(
            fmt::format("input '{}': axis {} is symbolic ('{}'): expected a fixed size for "
                        "every axis but the batch",
                        input.name(), dims.size() - 1, dim.dim_param()));
      }
      if (dims.back() < 1) {
        throw Error(
            fmt::format("input '{}': axis of {}: expected 1 or more", input.name(), dims.back()));
      }
    }
    if (dims.size() > 1 && dims[0] != 1) {
      throw Error(
          fmt::format("input '{}': batch of {}: expected 1 (the chip takes one picture at "
                      "a time)",
                      input.name(), dims[0]));
    }
    const ValueId id = graph_.add_value(input.name(), dims);
    graph_.inputs.push_back(id);
    define(input.name(), id);
    const int type = input.type().tensor_type().elem_type();
    if (type == kUint8Type || type == kInt8Type) {
      code_tensors_[input.name()] = {std::nullopt, id};
      if (type == kInt8Type) int8_inputs_.insert(id);
    }
  }

  void read_node(const onnx::NodeProto& node) {
    const Importer* importer = find_importer(node.op_type());
    // ONNX Runtime has its QLinear operators in a domain of its own.
    const bool standard = node.domain().empty() || node.domain() == "ai.onnx";
    if (!standard && (node.domain() != "com.microsoft" || importer == nullptr ||
                      importer->code_use != CodeUse::kKnows)) {
      throw Error(fmt::format("domain '{}': expected a standard operator", node.domain()));
    }
    if (importer == nullptr) {
      throw Error("operator is not implemented (docs/compiler.md lists those that are)");
    }
    std::vector<ValueId> inputs;
    std::vector<std::optional<CodeTensor>> codes;
    for (const std::string& name : node.input()) {
      inputs.push_back(name.empty() ? -1 : value(name, "input"));
      const auto found = code_tensors_.find(name);
      codes.push_back(found == code_tensors_.end() ? std::nullopt : std::optional(found->second));
    }
    const std::optional<CodeTensor> moved = moved_codes(*importer, node, codes);
    Call call(graph_, node, opset_, folder_, std::move(inputs), std::move(codes));
    importer->import(call);
    if (const std::string unknown = call.unknown_attribute(); !unknown.empty()) {
      throw Error(fmt::format("attribute {}: not known for this operator", unknown));
    }
    const std::vector<ValueId>& results = call.results();
    for (int i = 0; i < node.output_size(); ++i) {
      if (node.output(i).empty()) continue;
      if (static_cast<std::size_t>(i) >= results.size()) {
        throw Error(fmt::format("output {} '{}': not implemented", i, node.output(i)));
      }
      define(node.output(i), results[i]);
      const auto made = call.result_codes().find(i);
      if (made != call.result_codes().end()) code_tensors_[node.output(i)] = {made->second, -1};
      if (moved) code_tensors_[node.output(i)] = *moved;
    }
  }

  /// What the results are code tensors of, if the operator moves codes. Throws Error if it takes
  /// none.
  std::optional<CodeTensor> moved_codes(const Importer& importer, const onnx::NodeProto& node,
                                        const std::vector<std::optional<CodeTensor>>& codes) {
    if (importer.code_use == CodeUse::kKnows) return std::nullopt;
    std::optional<CodeTensor> first;
    for (std::size_t i = 0; i < codes.size(); ++i) {
      if (!codes[i]) continue;
      if (importer.code_use == CodeUse::kNone && !codes[i]->codes) {
        // Not quantised: the bytes of a picture as numbers.
        std::optional<Codes>& input = graph_.values[codes[i]->input].codes;
        const bool is_signed = int8_inputs_.contains(codes[i]->input);
        if (!input) input = Codes{1, is_signed ? 128 : 0};
        continue;
      }
      if (importer.code_use == CodeUse::kNone) {
        throw Error(fmt::format("input '{}' holds codes: expected DequantizeLinear in front",
                                node.input(static_cast<int>(i))));
      }
      if (first && (first->codes != codes[i]->codes || first->input != codes[i]->input)) {
        throw Error("codes of several scales: expected DequantizeLinear in front");
      }
      first = codes[i];
    }
    const bool resizes = node.op_type() == "Resize" || node.op_type() == "Upsample";
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      if (first && resizes && attribute.name() == "mode" && attribute.s() != "nearest") {
        throw Error("mode: expected nearest on codes, or DequantizeLinear in front");
      }
    }
    return first;
  }

  onnx::GraphProto& proto_;
  std::int64_t opset_;
  const std::string& folder_;
  Graph graph_;
  std::map<std::string, ValueId> values_;
  std::map<std::string, CodeTensor> code_tensors_;
  std::set<ValueId> int8_inputs_;
};

onnx::ModelProto parse(std::span<const std::uint8_t> bytes) {
  onnx::ModelProto model;
  if (bytes.size() > std::numeric_limits<int>::max() ||
      !model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    throw Error("no ONNX file: expected a protocol buffer of the ONNX schema");
  }
  if (!model.has_graph()) throw Error("no ONNX file: expected a graph");
  return model;
}

}  // namespace

Graph read_onnx(std::span<const std::uint8_t> bytes, const std::string& folder) {
  onnx::ModelProto model = parse(bytes);
  return Reader(model, folder).read();
}

Graph read_onnx(std::vector<std::uint8_t>&& bytes, const std::string& folder) {
  onnx::ModelProto model = parse(bytes);
  bytes = std::vector<std::uint8_t>();  // gives the memory back
  return Reader(model, folder).read();
}

}  // namespace kpu::compiler
