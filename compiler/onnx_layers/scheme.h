// SPDX-License-Identifier: Apache-2.0
//
// An ONNX graph by names: constants, who makes a value, who reads it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "golden/quantised/conv.h"
#include "onnx.pb.h"

namespace kpu::compiler {

/// Scale and zero point of a tensor of codes.
struct Quantisation {
  float scale = 1;
  int zero = 0;
  golden::quantised::CodeType type = golden::quantised::CodeType::kUint8;
};

/// A view of the model, which must outlive it. Constants lie in `folder` where they are external.
class Scheme {
 public:
  using CodeType = golden::quantised::CodeType;

  Scheme(const onnx::ModelProto& model, std::string folder);

  const onnx::GraphProto& graph() const { return graph_; }

  /// Input `i` of a node; empty if it has none.
  static std::string input(const onnx::NodeProto& node, int i);
  /// The node's name, or its first output's.
  static std::string name_of(const onnx::NodeProto& node);

  bool is_constant(const std::string& name) const { return constants_.contains(name); }
  /// A constant as numbers; whole ones are exact. Throws Error if `name` is none.
  std::vector<double> numbers(const std::string& name) const;
  std::vector<std::int64_t> dims(const std::string& name) const;
  /// Type of a constant of codes. Throws Error if it is neither uint8 nor int8.
  CodeType code_type(const std::string& name) const;

  /// The node that makes `name`; nullptr if none does.
  const onnx::NodeProto* maker(const std::string& name) const;
  /// The DequantizeLinear that makes `name`. Throws Error if another node does.
  const onnx::NodeProto& dequantize(const std::string& name) const;
  /// The only node that reads the node's output. Throws Error if it is not the only one.
  const onnx::NodeProto& only_reader(const onnx::NodeProto& node) const;

  /// Constants `scale` and `zero` of one value each; without a zero point uint8's 0. Throws Error
  /// for others.
  Quantisation quantisation(const std::string& scale, const std::string& zero) const;

 private:
  const onnx::TensorProto& constant(const std::string& name) const;

  const onnx::GraphProto& graph_;
  std::string folder_;
  std::map<std::string, const onnx::TensorProto*> constants_;
  std::map<std::string, const onnx::NodeProto*> makers_;
  std::map<std::string, std::vector<const onnx::NodeProto*>> readers_;
};

/// An integer attribute, or a list of them; `missing` where the node has none.
std::int64_t attribute(const onnx::NodeProto& node, const std::string& name, std::int64_t missing);
std::vector<std::int64_t> attribute(const onnx::NodeProto& node, const std::string& name,
                                    std::vector<std::int64_t> missing);
std::string attribute(const onnx::NodeProto& node, const std::string& name, const char* missing);
/// A number; nothing where the node has none.
std::optional<double> attribute(const onnx::NodeProto& node, const std::string& name);

}  // namespace kpu::compiler
