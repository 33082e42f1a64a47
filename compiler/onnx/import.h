// SPDX-License-Identifier: Apache-2.0
//
// What the operators' importers see: one node of the file, its inputs and attributes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "compiler/graph/graph.h"
#include "onnx.pb.h"

namespace kpu::compiler {

/// A tensor of the file that holds codes; the graph has the real numbers they stand for.
struct CodeTensor {
  std::optional<Codes> codes;  ///< not known yet where it is an input of the network
  ValueId input = -1;          ///< that input then
};

/// One node while it is imported. All failures throw Error; the driver adds the node's place.
class Call {
 public:
  /// `codes` says which inputs are code tensors.
  Call(Graph& graph, const onnx::NodeProto& proto, std::int64_t opset, const std::string& folder,
       std::vector<ValueId> inputs, std::vector<std::optional<CodeTensor>> codes)
      : graph_(graph),
        proto_(proto),
        opset_(opset),
        folder_(folder),
        inputs_(std::move(inputs)),
        codes_(std::move(codes)) {}

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
  /// A constant by its number.
  const Tensor& value(ValueId id) const { return graph_.values[id].constant.value(); }
  /// ONNX's number of the element type of a constant input; 0 if the file does not say it.
  int file_type(std::size_t i) const { return graph_.values[in(i)].file_type; }
  /// Scales of a constant that is whole numbers times scales, one for each index of `axis`; empty
  /// if it is none.
  std::vector<float> scales(std::size_t i, int axis) const;
  /// The real numbers of input `i`, a code tensor with these codes; throws if it is none, or has
  /// others.
  ValueId decoded(std::size_t i, const Codes& codes) const;
  /// The codes that a value has been rounded to and only moved since, if so.
  std::optional<Codes> rounded_to(ValueId id) const;
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
  ValueId add_constant(Tensor tensor, int file_type = 0);
  /// A constant of whole numbers times `scales` (one, or one for each index of `axis`).
  ValueId add_scaled(Tensor reals, std::vector<float> scales, int axis);
  /// The node's next result.
  void give(ValueId id) { results_.push_back(id); }
  void give(Operation op, std::vector<ValueId> inputs) { give(add(std::move(op), inputs)); }
  /// The next result is a code tensor that stands for `id`.
  void give_codes(ValueId id, const Codes& codes);

  const std::vector<ValueId>& results() const { return results_; }
  /// Codes of the results that are code tensors, by their number.
  const std::map<std::size_t, Codes>& result_codes() const { return result_codes_; }

 private:
  const onnx::AttributeProto* find(const char* name);
  /// A constant that was only moved is still whole numbers times scales.
  void keep_scales(const Node& node, ValueId made);

  Graph& graph_;
  const onnx::NodeProto& proto_;
  std::int64_t opset_;
  const std::string& folder_;
  std::vector<ValueId> inputs_;
  std::vector<std::optional<CodeTensor>> codes_;
  std::vector<ValueId> results_;
  std::map<std::size_t, Codes> result_codes_;
  std::set<std::string> asked_;
};

/// What an operator does with code tensors.
enum class CodeUse {
  kNone,   ///< it takes none
  kMoves,  ///< it moves codes, or picks among them: its results are code tensors as well
  kKnows,  ///< its importer deals with them
};

/// Imports one operator.
struct Importer {
  const char* type;
  void (*import)(Call&);
  CodeUse code_use = CodeUse::kNone;
};

std::span<const Importer> elementwise_importers();  ///< activations and arithmetic
std::span<const Importer> window_importers();       ///< convolutions, pools, norms, products
std::span<const Importer> layout_importers();       ///< operators that move elements
std::span<const Importer> shape_importers();        ///< arithmetic on shapes, constants, reductions
std::span<const Importer> quantised_importers();    ///< codes to real numbers and back, QLinear ..

}  // namespace kpu::compiler
