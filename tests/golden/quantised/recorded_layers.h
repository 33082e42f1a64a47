// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "golden/quantised/conv.h"

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

/// The layers of a file in tests/golden/quantised/recorded.
std::vector<RecordedLayer> load_recorded_layers(const std::string& file);

}  // namespace kpu::test
