// SPDX-License-Identifier: Apache-2.0
//
// Small ONNX networks for tests, written here.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/graph/graph.h"
#include "onnx.pb.h"

namespace kpu::compiler {

using AttributeValue = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>>;
using Attributes = std::vector<std::pair<std::string, AttributeValue>>;
using Ints = std::vector<std::int64_t>;

/// ONNX element types.
constexpr int kUint8 = 2, kInt8 = 3, kInt32 = 6;
/// Of a 3x3 convolution whose output is as large as its input.
inline const Attributes kSame{{"pads", Ints{1, 1, 1, 1}}};

/// Builds a file node by node; `model` may be changed at will before bytes().
class OnnxFile {
 public:
  explicit OnnxFile(std::int64_t opset = 13);

  OnnxFile& input(const std::string& name, const Dims& dims);
  OnnxFile& constant(const std::string& name, const Dims& dims, const std::vector<float>& values);
  /// A constant of random values with about the given deviation.
  OnnxFile& random(const std::string& name, const Dims& dims, float deviation);
  /// A constant of whole numbers of an ONNX element type (2 uint8, 3 int8, 6 int32).
  OnnxFile& codes(const std::string& name, int type, const Dims& dims,
                  const std::vector<std::int32_t>& values);
  /// Constants NAME_s and NAME_z, one scale and zero point.
  OnnxFile& scheme(const std::string& name, float scale, int zero, int type);
  OnnxFile& whole(const std::string& name, const std::vector<std::int64_t>& values);
  OnnxFile& node(const std::string& type, const std::vector<std::string>& inputs,
                 const std::string& output, const Attributes& attributes = {});
  /// Names the domain of the last node.
  OnnxFile& domain(const std::string& name);
  /// Another result of the last node.
  OnnxFile& more_output(const std::string& name);
  OnnxFile& output(const std::string& name);

  std::vector<std::uint8_t> bytes() const;
  Graph graph() const;

  onnx::ModelProto model;

 private:
  std::mt19937 random_{7};
};

/// A tensor of random values 0 .. 1, as pictures are.
Tensor random_input(const Dims& dims, unsigned seed);

}  // namespace kpu::compiler
