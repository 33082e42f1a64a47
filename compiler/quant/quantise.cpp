// SPDX-License-Identifier: Apache-2.0
//
// Node by node over all pictures at once: the float network on one side, the network in codes on
// the other. A KPU layer's scale and bias are fitted, for each output channel, so that its sums
// over the codes it really gets are closest to the float network's values: this takes out what
// rounding the weights and the layers before have shifted.
#include "compiler/quant/quantise.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <variant>

#include "common/error.h"
#include "compiler/graph/convolve.h"
#include "compiler/graph/executor.h"

namespace kpu::compiler {
namespace {

constexpr double kMostSnr = 200;

class ScoreSum {
 public:
  void add(float wanted, float got) {
    const double error = double{got} - wanted;
    signal_ += double{wanted} * wanted;
    noise_ += error * error;
    other_ += double{got} * got;
    product_ += double{wanted} * got;
    largest_ = std::max(largest_, std::fabs(error));
    ++count_;
  }
  void saturate() { ++saturated_; }

  Score score() const {
    Score result;
    result.snr_db = noise_ <= 0    ? kMostSnr
                    : signal_ <= 0 ? 0
                                   : std::min(kMostSnr, 10 * std::log10(signal_ / noise_));
    result.cosine = signal_ > 0 && other_ > 0 ? product_ / std::sqrt(signal_ * other_) : 1;
    result.largest_error = largest_;
    result.saturated = count_ > 0 ? double(saturated_) / double(count_) : 0;
    return result;
  }

 private:
  double signal_ = 0, noise_ = 0, other_ = 0, product_ = 0, largest_ = 0;
  std::size_t count_ = 0, saturated_ = 0;
};

/// Least squares of y = a x + b.
class LineSum {
 public:
  void add(double x, double y) {
    ++n_;
    x_ += x;
    y_ += y;
    xx_ += x * x;
    xy_ += x * y;
  }
  /// Slope near `expected` only: a channel that hardly varies says nothing about it.
  ChannelScale fit(double expected) const {
    if (n_ == 0) return {static_cast<float>(expected), 0};
    const double mean_x = x_ / n_, mean_y = y_ / n_;
    const double variance = xx_ / n_ - mean_x * mean_x;
    double slope = expected;
    if (variance > 1e-9 * (1 + xx_ / n_)) slope = (xy_ / n_ - mean_x * mean_y) / variance;
    if (!(std::fabs(slope - expected) < 0.1 * std::fabs(expected))) slope = expected;
    return {static_cast<float>(slope), static_cast<float>(mean_y - slope * mean_x)};
  }

 private:
  double n_ = 0, x_ = 0, y_ = 0, xx_ = 0, xy_ = 0;
};

/// Codes of every value by the rule; the inputs' are given.
std::vector<ValueCodes> choose_all(const Graph& graph, const std::vector<Observed>& seen,
                                   RangeRule rule, std::span<const Codes> inputs) {
  const std::vector<int> classes = code_classes(graph);
  std::vector<Observed> of_class(graph.values.size());
  for (std::size_t i = 0; i < seen.size(); ++i) of_class[classes[i]].add(seen[i]);
  std::vector<std::optional<Codes>> chosen(graph.values.size());
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    chosen[classes[graph.inputs[i]]] = inputs[i];
  }
  std::vector<ValueCodes> codes(graph.values.size());
  for (std::size_t i = 0; i < codes.size(); ++i) {
    std::optional<Codes>& own = chosen[classes[i]];
    if (!own) own = choose_codes(of_class[classes[i]], rule);
    const Dims& dims = graph.values[i].dims;
    codes[i] = {{dims.size() > 1 ? dims[1] : 1, *own}};
  }
  const auto read_by = readers(graph);
  for (const Node& node : graph.nodes) {
    if (!keeps_own_codes(graph, read_by, node)) continue;
    codes[node.output].clear();
    for (ValueId input : node.inputs) {
      codes[node.output].insert(codes[node.output].end(), codes[input].begin(), codes[input].end());
    }
  }
  return codes;
}

class Quantiser {
 public:
  Quantiser(const Graph& graph, std::span<const std::vector<Tensor>> pictures,
            const std::vector<Observed>& seen, RangeRule rule, std::span<const Codes> inputs)
      : pictures_(pictures), real_(pictures.size()), coded_(pictures.size()) {
    result_.graph = graph;
    result_.rule = rule;
    result_.as_codes = made_as_codes(graph);
    result_.codes = choose_all(graph, seen, rule, inputs);
  }

  Quantised run() {
    const Graph& graph = result_.graph;
    std::vector<int> left(graph.values.size(), 0);
    for (const Node& node : graph.nodes) {
      for (ValueId input : node.inputs) ++left[input];
    }
    for (ValueId output : graph.outputs) ++left[output];
    for (std::size_t p = 0; p < pictures_.size(); ++p) {
      real_[p].resize(graph.values.size());
      coded_[p].resize(graph.values.size());
      for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
        const ValueId id = graph.inputs[i];
        real_[p][id] = pictures_[p][i];
        coded_[p][id] = to_codes(pictures_[p][i], result_.codes[id][0].codes);
      }
    }
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      const Node& node = graph.nodes[i];
      try {
        run_node_everywhere(i, node);
      } catch (const Error& error) {
        const std::string text = error.what();
        throw Error(text.starts_with("node ") ? text : fmt::format("{}: {}", place(node), text));
      }
      for (ValueId input : node.inputs) {
        if (--left[input] > 0) continue;
        for (std::size_t p = 0; p < pictures_.size(); ++p) {
          real_[p][input] = {};
          coded_[p][input] = {};
        }
      }
    }
    for (ValueId output : graph.outputs) result_.output_snr_db += value_score(output).snr_db;
    result_.output_snr_db /= static_cast<double>(graph.outputs.size());
    return std::move(result_);
  }

 private:
  static Tensor to_codes(Tensor tensor, const Codes& codes) {
    for (float& x : tensor.data) x = codes.code(x);
    return tensor;
  }

  /// What the value stands for on the side of the codes.
  Tensor real_of(std::size_t picture, ValueId id) const {
    const Value& value = result_.graph.values[id];
    if (value.constant) return *value.constant;
    Tensor tensor = coded_[picture][id];
    if (!result_.as_codes[id]) return tensor;
    std::size_t at = 0;
    const ValueCodes& runs = result_.codes[id];
    for (const ChannelCodes& run : runs) {
      const std::size_t end =
          runs.size() == 1 ? tensor.size() : at + run.channels * tensor.dims[2] * tensor.dims[3];
      for (; at < end; ++at) tensor.data[at] = run.codes.real(tensor.data[at]);
    }
    return tensor;
  }

  /// The value as codes, rounded if it is made as floats.
  Tensor codes_of(std::size_t picture, ValueId id) const {
    const Tensor& tensor = coded_[picture][id];
    return result_.as_codes[id] ? tensor : to_codes(tensor, result_.codes[id][0].codes);
  }

  Tensor run_on(const Node& node, std::size_t picture, bool real) const {
    std::vector<Tensor> held;
    held.reserve(node.inputs.size());
    std::vector<const Tensor*> inputs;
    for (ValueId input : node.inputs) {
      const auto& constant = result_.graph.values[input].constant;
      if (constant || real) {
        inputs.push_back(constant ? &*constant : &real_[picture][input]);
      } else {
        held.push_back(real_of(picture, input));
        if (result_.as_codes[node.output] && !result_.as_codes[input]) {
          const Codes& codes = result_.codes[input][0].codes;
          for (float& x : held.back().data) x = codes.real(codes.code(x));
        }
        inputs.push_back(&held.back());
      }
    }
    return run_node(result_.graph, node, inputs);
  }

  void run_node_everywhere(std::size_t index, const Node& node) {
    const auto* conv = std::get_if<Conv>(&node.op);
    if (conv != nullptr && conv->on_kpu) {
      run_layer(index, node, *conv);
    } else {
      for (std::size_t p = 0; p < pictures_.size(); ++p) {
        real_[p][node.output] = run_on(node, p, true);
        if (result_.codes[node.output].size() > 1) {
          concatenate_codes(p, node);
          continue;
        }
        coded_[p][node.output] = run_on(node, p, false);
        if (result_.as_codes[node.output]) {
          coded_[p][node.output] =
              to_codes(std::move(coded_[p][node.output]), result_.codes[node.output][0].codes);
        }
      }
    }
    result_.scores[index] = value_score(node.output);
  }

  void concatenate_codes(std::size_t picture, const Node& node) {
    std::vector<Tensor> parts;
    std::vector<const Tensor*> inputs;
    for (ValueId input : node.inputs) parts.push_back(codes_of(picture, input));
    for (const Tensor& part : parts) inputs.push_back(&part);
    coded_[picture][node.output] = run_node(result_.graph, node, inputs);
  }

  void run_layer(std::size_t index, const Node& node, const Conv& conv) {
    const ValueId in = node.inputs[0];
    ValueCodes runs = result_.codes[in];
    const WeightCodes weights = quantise_weights(conv, runs);
    const std::size_t outs = conv.out_channels();
    std::vector<LineSum> lines(outs);
    std::vector<Tensor> sums;
    for (std::size_t p = 0; p < pictures_.size(); ++p) {
      sums.push_back(integer_convolution(conv, weights, runs, codes_of(p, in)));
      const Tensor wanted = convolve(conv, real_[p][in]);
      const std::size_t pixels = wanted.size() / outs;
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        lines[i / pixels].add(sums[p].data[i], wanted.data[i]);
      }
      Tensor real = wanted;
      for (float& x : real.data) x = conv.function(x);
      real_[p][node.output] = fused_pool(real, conv.pool);
    }
    std::vector<ChannelScale> scales;
    for (std::size_t oc = 0; oc < outs; ++oc) {
      scales.push_back(lines[oc].fit(double{weights.scales[oc]} * runs[0].codes.scale));
    }
    Observed arguments;
    for (const Tensor& sum : sums) {
      Tensor real = sum;
      const std::size_t pixels = sum.size() / outs;
      for (std::size_t i = 0; i < sum.size(); ++i) {
        real.data[i] = sum.data[i] * scales[i / pixels].scale + scales[i / pixels].bias;
      }
      arguments.add(real);
    }
    arguments.samples.push_back(arguments.low);
    arguments.samples.push_back(arguments.high);
    KpuTables tables = make_tables(conv, weights, runs, scales, arguments.samples,
                                   result_.codes[node.output][0].codes);
    // integer_convolution() has taken each run's own zero off already.
    KpuTables centred = tables;
    for (std::size_t oc = 0; oc < outs; ++oc) {
      centred.batch_norm[oc].add =
          static_cast<std::int32_t>(std::lround(scales[oc].bias * tables.units));
    }
    for (std::size_t p = 0; p < pictures_.size(); ++p) {
      const std::size_t pixels = sums[p].size() / outs;
      for (std::size_t i = 0; i < sums[p].size(); ++i) {
        sums[p].data[i] = kpu_code(centred, i / pixels, sums[p].data[i]);
      }
      coded_[p][node.output] = kpu_pool(sums[p], conv.pool);
    }
    result_.tables[index] = std::move(tables);
  }

  Score value_score(ValueId id) const {
    ScoreSum sum;
    const Codes& codes = result_.codes[id][0].codes;
    const float low = codes.real(-0.5f), high = codes.real(255.5f);
    for (std::size_t p = 0; p < pictures_.size(); ++p) {
      const Tensor got = real_of(p, id);
      const Tensor& wanted = real_[p][id];
      for (std::size_t i = 0; i < got.size(); ++i) {
        sum.add(wanted.data[i], got.data[i]);
        if (result_.as_codes[id] && (wanted.data[i] < low || wanted.data[i] > high)) {
          sum.saturate();
        }
      }
    }
    return sum.score();
  }

  std::span<const std::vector<Tensor>> pictures_;
  std::vector<std::vector<Tensor>> real_, coded_;  ///< by picture and value
  Quantised result_;
};

}  // namespace

Score score(std::span<const float> wanted, std::span<const float> got) {
  ScoreSum sum;
  for (std::size_t i = 0; i < wanted.size(); ++i) sum.add(wanted[i], got[i]);
  return sum.score();
}

Quantised quantise(const Graph& graph, std::span<const std::vector<Tensor>> pictures,
                   const QuantiseOptions& options) {
  if (pictures.empty()) throw Error("calibration: expected one picture or more");
  if (options.inputs.size() != graph.inputs.size()) {
    throw Error("calibration: expected codes for every input");
  }
  const std::vector<Observed> seen = observe(graph, pictures);
  std::optional<Quantised> best;
  for (RangeRule rule : kRangeRules) {
    if (options.rule && rule != *options.rule) continue;
    Quantised next = Quantiser(graph, pictures, seen, rule, options.inputs).run();
    if (!best || next.output_snr_db > best->output_snr_db) best = std::move(next);
  }
  return std::move(*best);
}

}  // namespace kpu::compiler
