// SPDX-License-Identifier: Apache-2.0
#include "compiler/fuzz/error_bound.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <variant>

namespace kpu::compiler {
namespace {

/// Fitting scales and biases can turn a layer's error round and add as much again.
constexpr double kFitted = 3;

float largest_scale(const ValueCodes& codes) {
  float scale = 0;
  for (const Codes& c : codes) scale = std::max(scale, c.scale);
  return scale;
}

/// Largest slope of the function between `low` and `high`.
double largest_slope(const Function& f, double low, double high) {
  if (f.is_identity()) return 1;
  constexpr int kPoints = 4096;
  const double step = std::max((high - low) / kPoints, 1e-6);
  double slope = 0;
  for (std::size_t c = 0; c < f.channels(); ++c) {
    float last = f(static_cast<float>(low), c);
    for (int i = 1; i <= kPoints; ++i) {
      const float next = f(static_cast<float>(low + i * step), c);
      slope = std::max(slope, std::fabs(double{next} - last) / step);
      last = next;
    }
  }
  return 1.1 * slope;
}

class Bounds {
 public:
  Bounds(const Quantised& network, std::span<const Observed> seen)
      : network_(network), graph_(network.graph), seen_(seen), error_(graph_.values.size(), 0.) {}

  std::vector<double> run() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const Node& node = graph_.nodes[i];
      error_[node.output] = of(i, node) + (network_.as_codes[node.output] ? step(node.output) : 0);
    }
    std::vector<double> bounds;
    for (ValueId output : graph_.outputs) bounds.push_back(error_[output] + 1e-4 * most(output));
    return bounds;
  }

 private:
  double step(ValueId id) const { return largest_scale(network_.codes[id]); }
  double most(ValueId id) const {
    if (const auto& constant = graph_.values[id].constant) {
      double largest = 0;
      for (float x : constant->data) largest = std::max(largest, std::fabs(double{x}));
      return largest;
    }
    return std::max(std::fabs(double{seen_[id].low}), std::fabs(double{seen_[id].high}));
  }
  /// Error of an operand: one that is made as floats and read as codes is rounded on the way.
  double in(const Node& node, std::size_t i, bool as_codes) const {
    const ValueId id = node.inputs[i];
    return error_[id] + (as_codes && !network_.as_codes[id] ? step(id) : 0);
  }

  double convolution(std::size_t index, const Node& node, const Conv& conv) const {
    const std::size_t outs = conv.out_channels(), per_out = conv.weights.size() / outs;
    const auto taps = static_cast<std::size_t>(conv.window.kernel[0] * conv.window.kernel[1]);
    const ValueCodes& codes = network_.codes[node.inputs[0]];
    double gain = 0, rounding = 0;
    for (std::size_t oc = 0; oc < outs; ++oc) {
      double sum = 0, largest = 0;
      for (std::size_t i = 0; i < per_out; ++i) {
        const double w = std::fabs(double{conv.weights->data[oc * per_out + i]});
        const std::size_t ic = conv.groups > 1 ? oc : i / taps;
        sum += w;
        if (conv.on_kpu) largest = std::max(largest, w * plane_codes(codes, ic).scale);
      }
      gain = std::max(gain, sum);
      // A weight is off by at most half a step of at least 1/64 of the largest.
      rounding = std::max(rounding, static_cast<double>(per_out) * largest / 128 * 255);
    }
    if (!conv.on_kpu) return gain * in(node, 0, false);
    const KpuTables& tables = network_.tables.at(index);
    const double argument = kFitted * (gain * in(node, 0, true) + rounding);
    const double slope =
        largest_slope(conv.function, tables.low - argument, tables.high + argument);
    const bool mean = conv.pool == FusedPool::kMean2 || conv.pool == FusedPool::kMean4;
    return slope * argument + (tables.fit.largest_error + (mean ? 1 : 0)) * step(node.output);
  }

  double of(std::size_t index, const Node& node) const {
    const bool as_codes = network_.as_codes[node.output];
    if (const auto* conv = std::get_if<Conv>(&node.op)) return convolution(index, node, *conv);
    if (const auto* elementwise = std::get_if<Elementwise>(&node.op)) {
      const double error = in(node, 0, as_codes);
      const Observed& range = seen_[node.inputs[0]];
      return error * largest_slope(elementwise->function, range.low - error, range.high + error);
    }
    if (const auto* binary = std::get_if<Binary>(&node.op)) {
      const double a = in(node, 0, as_codes), b = in(node, 1, as_codes);
      if (binary->op == FunctionOp::kMul) {
        return a * most(node.inputs[1]) + b * most(node.inputs[0]) + a * b;
      }
      return a + b;
    }
    if (std::holds_alternative<MatMul>(node.op)) {  // a resize: one side is constant
      const bool left = graph_.values[node.inputs[0]].constant.has_value();
      const Dims& dims = graph_.dims(node.inputs[1]);
      const double terms = static_cast<double>(dims[dims.size() - 2]);
      return terms * most(node.inputs[left ? 0 : 1]) * in(node, left ? 1 : 0, false);
    }
    double error = 0;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      error = std::max(error, in(node, i, as_codes));
    }
    return error;
  }

  const Quantised& network_;
  const Graph& graph_;
  std::span<const Observed> seen_;
  std::vector<double> error_;
};

}  // namespace

std::vector<double> error_bounds(const Quantised& network, std::span<const Observed> seen) {
  return Bounds(network, seen).run();
}

}  // namespace kpu::compiler
