// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compiler/quant/given_codes.h"
#include "compiler/quant/kpu_tables.h"
#include "compiler/quant/ranges.h"
#include "compiler/quant/score.h"
#include "golden/quantised/rules.h"

namespace kpu::compiler {

/// Most pictures that scales, biases and roundings are fitted on, and that rules are compared on.
inline constexpr std::size_t kFitPictures = 16, kTrialPictures = 4;

/// A network in codes.
struct Quantised {
  Graph graph;  ///< lowered
  std::vector<bool> as_codes;
  std::vector<ValueCodes> codes;            ///< of every value that is made or used as codes
  std::map<std::size_t, KpuTables> tables;  ///< by index of the node
  std::map<std::size_t, Score> scores;      ///< by index of the node
  std::map<std::size_t, CodeCheck> checks;  ///< of nodes whose codes the file gives
  RangeRule rule = RangeRule::kMinMax;
  double output_snr_db = 0;  ///< mean over the outputs
};

struct QuantiseOptions {
  /// Codes of the network's inputs, fixed by how pictures are handed over.
  std::vector<Codes> inputs;
  /// One of the rules; without it all are tried and the one with the best outputs is kept.
  std::optional<RangeRule> rule;
  int weight_bits = 8;  ///< or 16, in all layers
  /// Whose arithmetic the layers of an already quantised network are compared with.
  golden::quantised::Rule rounding = golden::quantised::Rule::kOnnxRuntime;
};

/// Chooses codes and tables for a lowered graph from pictures (each one tensor for each input, at
/// least one picture). The layers' codes are computed as the KPU computes them, so what a layer
/// sees is what it will see on the chip. Ranges come from all pictures, the rest from at most
/// kFitPictures of them, evenly picked. Codes and weights that the file gives in whole numbers are
/// kept; scores then compare with the file's own arithmetic, which rounds as well. Throws Error
/// naming the node if a layer does not fit.
Quantised quantise(Graph graph, std::span<const std::vector<Tensor>> pictures,
                   const QuantiseOptions& options);

}  // namespace kpu::compiler
