// SPDX-License-Identifier: Apache-2.0
//
// The KPU has one activation table for all channels. An activation that is a straight line on
// either side of zero, with slopes of its own for each channel (PRelu), is the sum of the two
// rectified halves: a convolution that gives x and -x, and a 1x1 convolution that weighs them.
#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "common/error.h"
#include "compiler/lower/lower.h"
#include "compiler/lower/rewriter.h"

namespace kpu::compiler {
namespace {

bool close(float a, float b) { return std::fabs(a - b) <= 1e-5f * (std::fabs(a) + std::fabs(b)); }

/// The convolution that gives x and -x, rectified, of what `conv` gives.
Conv halves(const Conv& conv) {
  Conv both = conv;
  both.codes.reset();
  both.weight_scales.clear();
  Tensor& weights = both.weights.edit();
  for (float weight : conv.weights->data) weights.data.push_back(-weight);
  for (float bias : conv.bias) both.bias.push_back(-bias);
  weights.dims[0] *= 2;
  both.function = Function::relu();
  return both;
}

Conv identity(std::int64_t channels) {
  Conv conv;
  Tensor weights{{channels, channels, 1, 1}, std::vector<float>(channels * channels), false};
  for (std::int64_t c = 0; c < channels; ++c) weights.data[c * channels + c] = 1;
  conv.weights = std::move(weights);
  conv.bias.assign(channels, 0.f);
  return conv;
}

}  // namespace

bool is_two_lines(const Function& f) {
  for (std::size_t c = 0; c < f.channels(); ++c) {
    if (f(0, c) != 0) return false;
    for (float x : {1.f, -1.f}) {
      if (!close(f(7 * x, c), 7 * f(x, c)) || !close(f(x / 7, c), f(x, c) / 7)) return false;
    }
  }
  return true;
}

Graph split_functions(const Graph& graph) {
  Rewriter to(graph);
  for (const Node& node : graph.nodes) {
    const auto* conv = std::get_if<Conv>(&node.op);
    const auto* elementwise = std::get_if<Elementwise>(&node.op);
    const Function* function = conv != nullptr          ? &conv->function
                               : elementwise != nullptr ? &elementwise->function
                                                        : nullptr;
    if (function == nullptr || function->channels() == 1) {
      to.copy(node);
      continue;
    }
    const Dims& dims = graph.dims(node.output);
    if (!is_two_lines(*function) || dims.size() != 4) {
      throw Error(
          fmt::format("{}: a function with constants for each channel that is not a line "
                      "on either side of zero: expected PRelu, or one constant for all",
                      place(node)));
    }
    const auto channels = static_cast<std::int64_t>(function->channels());
    ValueId x = to.at(node.inputs[0]);
    Conv first = conv != nullptr ? *conv : identity(channels);
    if (first.groups > 1) {  // its outputs cannot be twice its inputs
      first.function = {};
      first.codes.reset();
      x = to.add(node, first, {x});
      first = identity(channels);
    }
    x = to.add(node, halves(first), {x});
    Conv sum;
    Tensor weights{
        {channels, 2 * channels, 1, 1}, std::vector<float>(2 * channels * channels), false};
    for (std::int64_t c = 0; c < channels; ++c) {
      weights.data[c * 2 * channels + c] = (*function)(1, c);
      weights.data[c * 2 * channels + channels + c] = (*function)(-1, c);
    }
    sum.weights = std::move(weights);
    sum.bias.assign(channels, 0.f);
    sum.codes = result_codes(node);
    to.replace(node.output, to.add(node, sum, {x}));
  }
  return to.finish();
}

}  // namespace kpu::compiler
