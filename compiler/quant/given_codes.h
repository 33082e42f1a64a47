// SPDX-License-Identifier: Apache-2.0
//
// Networks that are quantised already: their codes and weights are kept, and each layer is compared
// with the file's own arithmetic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compiler/quant/codes.h"
#include "compiler/quant/kpu_tables.h"
#include "golden/quantised/conv.h"

namespace kpu::compiler {

/// How the codes of a node's result compare with the file's own arithmetic.
struct CodeCheck {
  bool exact = false;     ///< for every input there is, not only for the pictures
  std::string claim;      ///< what is known about every input; empty if nothing is
  std::size_t codes = 0;  ///< on the pictures
  std::size_t differing = 0;
  int largest = 0;  ///< difference, in codes
};

/// "no code of 4096 differs", "12 of 4096 codes differ, by up to 1".
std::string seen_text(const CodeCheck& check);

/// Codes that values have by the file or as the network's inputs, by class (code_classes).
std::vector<std::optional<Codes>> given_by_class(const Graph& graph,
                                                 const std::vector<int>& classes,
                                                 const std::vector<bool>& as_codes,
                                                 std::span<const Codes> inputs);

/// Whether no codes are left to choose.
bool all_given(const Graph& graph, const std::vector<bool>& as_codes,
               std::span<const Codes> inputs);

/// Parts of a concatenation that have codes already (by the file, or as the network's input) which
/// differ from the others' get a rounding of their own in front, as all parts share codes.
void separate_codes(Graph& graph);

/// A KPU layer that the file gives in whole numbers, as a layer of codes with its tables.
struct GivenLayer {
  golden::quantised::QuantisedConv conv;
  WeightCodes weights;  ///< whole numbers, their zero taken off
  KpuTables tables;
  CodeCheck check;
};

/// The layer `conv` from codes `in` to codes `out` over an image of `in_dims`, with conv's rule
/// `rule` for rounding. Nothing, and `why`, where the file does not give it in whole numbers or the
/// KPU's format has no exact form for it.
std::optional<GivenLayer> given_layer(const Conv& conv, const Dims& in_dims, const Codes& in,
                                      const Codes& out, golden::quantised::Rule rule,
                                      std::string& why);

/// The codes of the file's own arithmetic for sums of integer_convolution(), in place.
void reference_codes(const golden::quantised::QuantisedConv& conv, Tensor& sums);

/// `conv` with the weights' whole numbers as the file's own, and in its bias what zeros other than
/// the first plane's add: `offsets`, by output channel, in units of the accumulator.
Conv in_whole_numbers(const Conv& conv, const WeightCodes& weights, const ValueCodes& in,
                      std::vector<float>& offsets);

/// The file's own arithmetic for a layer that adds two images.
struct SumCheck {
  CodeCheck check;
  std::vector<std::uint8_t> codes;  ///< for codes a and b: at a * 256 + b
};

/// For a layer that adds two images (two weights for each output channel, the same for all): every
/// pair of codes there is, by the arithmetic of `rule`, or real numbers rounded half to even where
/// it is no plain sum. Nothing for other layers.
std::optional<SumCheck> check_sum(const Conv& conv, const GivenLayer& layer,
                                  std::span<const float> offsets, const ValueCodes& in,
                                  const Codes& out, golden::quantised::Rule rule);

/// The sum of an image's two halves by `sum`: codes to codes.
Tensor sum_of_halves(const SumCheck& sum, const Tensor& codes);

}  // namespace kpu::compiler
