// SPDX-License-Identifier: Apache-2.0
//
// The quantised convolutions of an ONNX file as golden/quantised takes them: each QLinearConv, and
// each Conv between DequantizeLinear and QuantizeLinear, with a Relu or Clip between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "golden/quantised/conv.h"

namespace kpu::compiler {

/// A tensor of codes, planar.
struct CodeTensor {
  std::uint32_t channels = 0, height = 0, width = 0;
  golden::quantised::CodeType type = golden::quantised::CodeType::kUint8;
  std::vector<std::int16_t> codes;
};

struct OnnxLayer {
  std::string name;        ///< the node's, or its output's
  std::string form;        ///< "QLinearConv", "QDQ"
  std::size_t node = 0;    ///< its place in the graph
  std::string input;       ///< the tensor of codes that it reads
  std::string output;      ///< the tensor of codes that it makes
  std::string activation;  ///< between Conv and QuantizeLinear: "none", "Relu", "Clip(0, 6)"
  /// The pads follow from the input's size: set_same_padding().
  std::optional<golden::quantised::SamePadding> same;
  /// All but height and width, which the file may not state. Nothing where it cannot be such a
  /// layer; `problem` says why then.
  std::optional<golden::quantised::QuantisedConv> conv;
  std::string problem;
  /// What the file says beyond the rule: that ONNX Runtime leaves the convolution in float.
  std::string note;
};

/// The layer's convolution for an input of this size.
golden::quantised::QuantisedConv sized(const OnnxLayer& layer, std::uint32_t height,
                                       std::uint32_t width);

/// A model's quantised convolutions.
class OnnxLayers {
 public:
  /// Reads an ONNX file whose convolutions have their outputs rounded by `rule`. Throws Error, in
  /// one line without the path, for bytes that are no ONNX file. External data lies in `folder`.
  OnnxLayers(std::span<const std::uint8_t> file, const std::string& folder,
             golden::quantised::Rule rule);

  /// In the file's order.
  const std::vector<OnnxLayer>& layers() const { return layers_; }

  /// The codes that each layer reads, by the name of the tensor, where they follow from `input`:
  /// the values of the model's first input, planar, of the batch's only image. Layers behind
  /// operators that are not reproduced to the bit (docs/from-your-layer.md lists those that are)
  /// have none. Throws Error if the model's input is no image of a fixed size, or `input` has
  /// another one.
  std::map<std::string, CodeTensor> run(std::span<const double> input) const;

 private:
  std::vector<std::uint8_t> file_;
  std::string folder_;
  golden::quantised::Rule rule_;
  std::vector<OnnxLayer> layers_;
};

}  // namespace kpu::compiler
