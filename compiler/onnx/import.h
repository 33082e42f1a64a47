// SPDX-License-Identifier: Apache-2.0
//
// What the operators' importers see: one node of the file, its inputs and attributes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "compiler/graph/graph.h"
#include "onnx.pb.h"

namespace kpu::compiler {

/// One node while it is imported. All failures throw Error; the driver adds the node's place.
class Call {
 public:
  Call(Graph& graph, const onnx::NodeProto& proto, std::int64_t opset, const std::string& folder,
       std::vector<ValueId> inputs)
      : graph_(graph), proto_(proto), opset_(opset), folder_(folder), inputs_(std::move(inputs)) {}

  std::int64_t opset() const { return opset_; }
  const std::string& folder() const { return folder_; }
  std::size_t input_count() const { return inputs_.size(); }
  std::size_t output_count() const { return proto_.output_size(); }

  /// Whether input `i` is there (an empty name is not).
  bool has(std::size_t i) const { return i < inputs_.size() && inputs_[i] >= 0; }
  /// Input `i`; throws if it is not there.
  ValueId in(std::size_t i = 0) const;
  const Dims& dims(std::size_t i = 0) const { return graph_.dims(in(i)); }
  std::int64_t rank() const { return static_cast<std::int64_t>(dims().size()); }
  bool is_constant(std::size_t i) const { return graph_.values[in(i)].constant.has_value(); }
  /// A constant input; throws, with `what` it is, if it depends on the network's inputs.
  const Tensor& constant(std::size_t i, const char* what) const;
  /// A constant list of whole numbers.
  std::vector<std::int64_t> whole(std::size_t i, const char* what) const;

  // Attributes. One that nothing asks for is an error in the end.
  bool has_attribute(const char* name);
  std::int64_t integer(const char* name, std::int64_t missing);
  float real(const char* name, float missing);
  std::string text(const char* name, const char* missing);
  std::vector<std::int64_t> integers(const char* name, std::vector<std::int64_t> missing = {});
  std::vector<float> reals(const char* name);
  const onnx::TensorProto* tensor(const char* name);
  /// Attributes without meaning for a network that only runs.
  void ignore(std::initializer_list<const char*> names);
  /// The first attribute that nothing asked for; empty if there is none.
  std::string unknown_attribute() const;

  /// Appends an operation; if all its inputs are constant its result is computed instead.
  ValueId add(Operation op, std::vector<ValueId> inputs);
  ValueId add_constant(Tensor tensor);
  /// The node's next result.
  void give(ValueId id) { results_.push_back(id); }
  void give(Operation op, std::vector<ValueId> inputs) { give(add(std::move(op), inputs)); }

  const std::vector<ValueId>& results() const { return results_; }

 private:
  const onnx::AttributeProto* find(const char* name);

  Graph& graph_;
  const onnx::NodeProto& proto_;
  std::int64_t opset_;
  const std::string& folder_;
  std::vector<ValueId> inputs_;
  std::vector<ValueId> results_;
  std::set<std::string> asked_;
};

/// Imports one operator.
struct Importer {
  const char* type;
  void (*import)(Call&);
};

std::span<const Importer> elementwise_importers();  ///< activations and arithmetic
std::span<const Importer> window_importers();       ///< convolutions, pools, norms, products
std::span<const Importer> layout_importers();       ///< operators that move elements
std::span<const Importer> shape_importers();        ///< arithmetic on shapes, constants, reductions

}  // namespace kpu::compiler
