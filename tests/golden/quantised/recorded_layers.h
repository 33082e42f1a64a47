// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "golden/quantised/conv.h"
#include "golden/quantised/elementwise.h"

namespace kpu::test {

/// A convolution that real libraries ran (scripts/record_peers), and what they gave.
struct RecordedLayer {
  struct Output {
    golden::quantised::Rule rule;
    std::vector<std::int16_t> codes;  ///< planar
  };

  std::string name;
  std::string activation;                 ///< none, relu, relu6
  golden::quantised::QuantisedConv conv;  ///< without rule and activation, which differ by library
  std::vector<std::int16_t> x;            ///< planar
  std::vector<Output> outputs;

  /// The convolution under one of the rules, with its activation's codes.
  golden::quantised::QuantisedConv under(golden::quantised::Rule rule) const;
};

/// A sum or an average that real libraries computed.
struct RecordedElementwise {
  std::string name;
  bool is_add = false;
  golden::quantised::CodeType type = golden::quantised::CodeType::kUint8;
  golden::quantised::Affine a, b, c;  ///< of an average: a is the input, c the output
  std::vector<std::int16_t> a_codes, b_codes;
  /// Of an average.
  std::vector<std::uint32_t> shape;  ///< channels, height, width
  std::uint32_t kernel = 0;          ///< 0: the whole plane
  std::uint32_t stride = 1;
  std::vector<std::uint32_t> pads;  ///< top, left, bottom, right
  std::vector<RecordedLayer::Output> outputs;
};

std::vector<RecordedElementwise> load_recorded_elementwise(const std::string& file);

/// The layers of a file in tests/golden/quantised/recorded.
std::vector<RecordedLayer> load_recorded_layers(const std::string& file);

}  // namespace kpu::test
