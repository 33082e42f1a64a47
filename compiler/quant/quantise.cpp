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
#include <limits>
#include <utility>
#include <variant>

#include "common/error.h"
#include "compiler/graph/convolve.h"
#include "compiler/graph/executor.h"
#include "compiler/graph/parallel.h"
#include "compiler/quant/choose_codes.h"
#include "compiler/quant/two_lines.h"

namespace kpu::compiler {
namespace {

/// Least squares of y = a x + b.
class LineSum {
 public:
  void add(std::span<const float> x, std::span<const float> y) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      x_ += x[i];
      y_ += y[i];
      xx_ += double{x[i]} * x[i];
      xy_ += double{x[i]} * y[i];
    }
    n_ += static_cast<double>(x.size());
  }
  void add(const LineSum& other) {
    n_ += other.n_;
    x_ += other.x_;
    y_ += other.y_;
    xx_ += other.xx_;
    xy_ += other.xy_;
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

/// `count` of the pictures, or all, evenly picked.
std::vector<const std::vector<Tensor>*> pick(std::span<const std::vector<Tensor>> pictures,
                                             std::size_t count) {
  std::vector<const std::vector<Tensor>*> picked;
  count = std::min(count, pictures.size());
  for (std::size_t i = 0; i < count; ++i) picked.push_back(&pictures[i * pictures.size() / count]);
  return picked;
}

/// How ranges are chosen, and what the outputs then are like.
struct Choice {
  RangeRule rule;
  double even;  ///< as choose_all_codes() has it
  double snr_db = 0;
};

class Quantiser {
 public:
  Quantiser(const Graph& graph, std::vector<const std::vector<Tensor>*> pictures,
            std::vector<bool> as_codes, std::vector<ValueCodes> codes,
            const QuantiseOptions& options)
      : graph_(graph),
        options_(options),
        pictures_(std::move(pictures)),
        real_(pictures_.size()),
        coded_(pictures_.size()) {
    result_.as_codes = std::move(as_codes);
    result_.codes = std::move(codes);
  }

  /// Everything of the result but the graph and the rule.
  Quantised run() {
    std::vector<int> left(graph_.values.size(), 0);
    for (const Node& node : graph_.nodes) {
      for (ValueId input : node.inputs) ++left[input];
    }
    for (ValueId output : graph_.outputs) ++left[output];
    for (std::size_t p = 0; p < pictures_.size(); ++p) {
      real_[p].resize(graph_.values.size());
      coded_[p].resize(graph_.values.size());
      for (std::size_t i = 0; i < graph_.inputs.size(); ++i) {
        const ValueId id = graph_.inputs[i];
        real_[p][id] = coded_[p][id] = (*pictures_[p])[i];
        to_codes(coded_[p][id], result_.codes[id]);
      }
    }
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const Node& node = graph_.nodes[i];
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
    for (ValueId output : graph_.outputs) result_.output_snr_db += value_score(output).snr_db;
    result_.output_snr_db /= static_cast<double>(graph_.outputs.size());
    return std::move(result_);
  }

 private:
  /// What the value stands for on the side of the codes.
  Tensor real_of(std::size_t picture, ValueId id) const {
    const Value& value = graph_.values[id];
    if (value.constant) return *value.constant;
    Tensor tensor = coded_[picture][id];
    if (result_.as_codes[id]) to_reals(tensor, result_.codes[id]);
    return tensor;
  }

  /// The value as codes, rounded if it is made as floats.
  Tensor codes_of(std::size_t picture, ValueId id) const {
    Tensor tensor = coded_[picture][id];
    if (!result_.as_codes[id]) to_codes(tensor, result_.codes[id]);
    return tensor;
  }

  Tensor run_on(const Node& node, std::size_t picture, bool real) const {
    std::vector<Tensor> held;
    held.reserve(node.inputs.size());
    std::vector<const Tensor*> inputs;
    for (ValueId input : node.inputs) {
      const auto& constant = graph_.values[input].constant;
      if (constant || real) {
        inputs.push_back(constant ? &*constant : &real_[picture][input]);
      } else {
        held.push_back(real_of(picture, input));
        if (result_.as_codes[node.output] && !result_.as_codes[input]) {
          to_codes(held.back(), result_.codes[input]);
          to_reals(held.back(), result_.codes[input]);
        }
        inputs.push_back(&held.back());
      }
    }
    return run_node(graph_, node, inputs);
  }

  void run_node_everywhere(std::size_t index, const Node& node) {
    const auto* conv = std::get_if<Conv>(&node.op);
    if (conv != nullptr && conv->on_kpu) {
      run_layer(index, node, *conv);
    } else {
      for_each_index(pictures_.size(), [&](std::size_t p) {
        real_[p][node.output] = run_on(node, p, true);
        Tensor& coded = coded_[p][node.output] = run_on(node, p, false);
        if (result_.as_codes[node.output]) to_codes(coded, result_.codes[node.output]);
      });
    }
    result_.scores[index] = value_score(node.output);
    if (result_codes(node) && result_.as_codes[node.output]) compare_codes(index, node);
  }

  /// Adds to the node's check what the pictures show.
  void compare_codes(std::size_t index, const Node& node) {
    CodeCheck& check = result_.checks[index];
    const auto* elementwise = std::get_if<Elementwise>(&node.op);
    if (elementwise != nullptr && result_.as_codes[node.inputs[0]]) {
      check.exact = true;
      check.claim = "exact for all 256 codes";
    }
    for (std::size_t p = 0; p < pictures_.size(); ++p) {
      Tensor wanted = real_[p][node.output];
      to_codes(wanted, result_.codes[node.output]);
      const Tensor& got = coded_[p][node.output];
      check.codes += got.size();
      for (std::size_t i = 0; i < got.size(); ++i) {
        const int off = std::abs(static_cast<int>(got.data[i]) - static_cast<int>(wanted.data[i]));
        check.differing += off > 0;
        check.largest = std::max(check.largest, off);
      }
    }
  }

  void run_layer(std::size_t index, const Node& node, const Conv& conv) {
    const ValueId in = node.inputs[0];
    const ValueCodes &from = result_.codes[in], &to = result_.codes[node.output];
    if (conv.codes && options_.weight_bits == 8 && run_in_whole_numbers(index, node, conv)) return;
    const WeightCodes weights = quantise_weights(conv, from, options_.weight_bits);
    const std::size_t outs = conv.out_channels(), count = pictures_.size();
    std::vector<Tensor> sums(count);
    std::vector<std::vector<LineSum>> lines_of(count, std::vector<LineSum>(outs));
    for_each_index(count, [&](std::size_t p) {
      sums[p] = integer_convolution(conv, weights, from, codes_of(p, in));
      Tensor wanted = convolve(conv, real_[p][in]);
      for (std::size_t oc = 0; oc < outs; ++oc) {
        lines_of[p][oc].add(channel(sums[p], oc), channel(wanted, oc));
      }
      conv.function.apply(wanted.data);
      round_to_codes(wanted.data, conv.codes);
      real_[p][node.output] = fused_pool(wanted, conv.pool);
    });
    std::vector<ChannelScale> scales;
    for (std::size_t oc = 0; oc < outs; ++oc) {
      if (conv.codes) {  // the file's own numbers: nothing is fitted
        scales.push_back({weights.scales[oc] * from[0].scale, conv.bias[oc]});
        continue;
      }
      LineSum line;
      for (const auto& of_picture : lines_of) line.add(of_picture[oc]);
      scales.push_back(line.fit(double{weights.scales[oc]} * from[0].scale));
    }
    // Where channels have scales of their own the function's argument is in units of the largest.
    Codes out = to[0];
    Function function = conv.function;
    if (to.size() > 1) {
      const auto lines = two_lines(conv.function, 0, 1);
      if (lines) function = lines->function();
      for (const Codes& codes : to) out.scale = std::max(out.scale, codes.scale);
      for (std::size_t oc = 0; oc < outs; ++oc) {
        scales[oc].scale *= out.scale / to[oc].scale;
        scales[oc].bias *= out.scale / to[oc].scale;
      }
    }
    const std::vector<float> seen = arguments(sums, scales);
    KpuTables tables = make_tables(conv, function, weights, from, scales, seen, out);
    // integer_convolution() has taken each plane's own zero off already.
    std::vector<golden::BatchNorm> centred = tables.batch_norm;
    for (std::size_t oc = 0; oc < outs; ++oc) {
      centred[oc].add = static_cast<std::int32_t>(std::lround(scales[oc].bias * tables.units));
    }
    for_each_index(count, [&](std::size_t p) {
      for (std::size_t oc = 0; oc < outs; ++oc) {
        kpu_codes(tables, centred[oc], channel(sums[p], oc));
      }
      coded_[p][node.output] = kpu_pool(sums[p], conv.pool);
    });
    result_.tables[index] = std::move(tables);
  }

  /// A layer whose codes the file says, in whole numbers: its own, or, where its weights are none
  /// or planes of the input differ, the nearest. False if it has no such form.
  bool run_in_whole_numbers(std::size_t index, const Node& node, const Conv& conv) {
    const ValueId in = node.inputs[0];
    const ValueCodes &from = result_.codes[in], &to = result_.codes[node.output];
    const Dims& dims = graph_.dims(in);
    std::string why;
    std::vector<float> offsets;
    std::optional<GivenLayer> layer;
    std::optional<SumCheck> sum;
    if (from.size() == 1) layer = given_layer(conv, dims, from[0], to[0], options_.rounding, why);
    const bool given = layer.has_value();
    if (!given) {
      const WeightCodes weights = quantise_weights(conv, from);
      const Conv whole = in_whole_numbers(conv, weights, from, offsets);
      std::string unused;
      layer = given_layer(whole, dims, from[0], to[0], golden::quantised::Rule::kExact, unused);
      if (!layer) {
        result_.checks[index].claim = "not proven: " + (why.empty() ? unused : why);
        return false;
      }
      sum = check_sum(conv, *layer, offsets, from, to[0], options_.rounding);
      layer->check = sum ? sum->check : CodeCheck{};
      if (layer->check.claim.empty() && !why.empty()) layer->check.claim = "not proven: " + why;
    }
    for_each_index(pictures_.size(), [&](std::size_t p) {
      const Tensor codes = codes_of(p, in);
      Tensor sums = integer_convolution(conv, layer->weights, from, codes);
      if (given) {
        real_[p][node.output] = given_result(p, node, conv, *layer, codes, sums);
      } else if (sum) {
        Tensor own = real_[p][in];
        to_codes(own, from);
        Tensor result = fused_pool(sum_of_halves(*sum, own), conv.pool);
        to_reals(result, to);
        real_[p][node.output] = std::move(result);
      } else {
        real_[p][node.output] = run_on(node, p, true);
      }
      for (std::size_t oc = 0; oc < layer->tables.batch_norm.size(); ++oc) {
        const std::span<float> plane = channel(sums, oc);
        for (float& x : plane) x -= given ? 0.f : offsets[oc];
        kpu_codes(layer->tables, layer->tables.batch_norm[oc], plane);
      }
      coded_[p][node.output] = kpu_pool(sums, conv.pool);
    });
    result_.checks[index] = std::move(layer->check);
    result_.tables[index] = std::move(layer->tables);
    return true;
  }

  /// What the file's own arithmetic makes of the codes on its side; `sums` are those of `codes`.
  Tensor given_result(std::size_t picture, const Node& node, const Conv& conv,
                      const GivenLayer& layer, const Tensor& codes, const Tensor& sums) const {
    const ValueCodes& from = result_.codes[node.inputs[0]];
    Tensor own = real_[picture][node.inputs[0]];
    to_codes(own, from);
    Tensor wanted =
        own.data == codes.data ? sums : integer_convolution(conv, layer.weights, from, own);
    reference_codes(layer.conv, wanted);
    Tensor result = fused_pool(wanted, conv.pool);
    to_reals(result, result_.codes[node.output]);
    return result;
  }

  /// The pixels of one channel.
  static std::span<float> channel(Tensor& image, std::size_t index) {
    const std::size_t pixels = image.size() / image.dims[1];
    return std::span(image.data).subspan(index * pixels, pixels);
  }

  /// Values of the function's argument as they occur, the least and the largest among them.
  static std::vector<float> arguments(std::vector<Tensor>& sums,
                                      const std::vector<ChannelScale>& scales) {
    constexpr std::size_t kSamples = 32768;
    const std::size_t all = sums.size() * sums[0].size();
    const std::size_t step = all <= kSamples ? 1 : all / kSamples | 1;
    std::vector<float> seen;
    std::size_t skip = 0;
    float low = std::numeric_limits<float>::max(), high = -low;
    for (Tensor& image : sums) {
      for (std::size_t oc = 0; oc < scales.size(); ++oc) {
        const std::span<const float> pixels = channel(image, oc);
        const auto [least, most] = std::minmax_element(pixels.begin(), pixels.end());
        for (float sum : {*least, *most}) {
          low = std::min(low, sum * scales[oc].scale + scales[oc].bias);
          high = std::max(high, sum * scales[oc].scale + scales[oc].bias);
        }
        for (; skip < pixels.size(); skip += step) {
          seen.push_back(pixels[skip] * scales[oc].scale + scales[oc].bias);
        }
        skip -= pixels.size();
      }
    }
    seen.push_back(low);
    seen.push_back(high);
    return seen;
  }

  Score value_score(ValueId id) const {
    std::vector<ScoreSum> sums(pictures_.size());
    for_each_index(pictures_.size(), [&](std::size_t p) {
      const Tensor got = real_of(p, id);
      const Tensor& wanted = real_[p][id];
      const bool coded = result_.as_codes[id];
      const ValueCodes& codes = result_.codes[id];
      const std::size_t plane = got.size() / codes.size();
      for (std::size_t i = 0; i < codes.size(); ++i) {
        constexpr float kNoEnd = std::numeric_limits<float>::infinity();
        sums[p].add(std::span(wanted.data).subspan(i * plane, plane),
                    std::span(got.data).subspan(i * plane, plane),
                    coded ? codes[i].real(-0.5f) : -kNoEnd, coded ? codes[i].real(255.5f) : kNoEnd);
      }
    });
    for (std::size_t p = 1; p < sums.size(); ++p) sums[0].add(sums[p]);
    return sums[0].score();
  }

  const Graph& graph_;
  const QuantiseOptions& options_;
  std::vector<const std::vector<Tensor>*> pictures_;
  std::vector<std::vector<Tensor>> real_, coded_;  ///< by picture and value
  Quantised result_;
};

/// The inputs' codes; those of the rounding that reads an input, if they are the same but for the
/// last digits.
std::vector<Codes> input_codes(const Graph& graph, std::vector<Codes> inputs) {
  for (const Node& node : graph.nodes) {
    const auto codes = result_codes(node);
    for (std::size_t i = 0; codes && i < inputs.size(); ++i) {
      const auto* elementwise = std::get_if<Elementwise>(&node.op);
      const bool reads = elementwise != nullptr && elementwise->function.is_identity() &&
                         node.inputs[0] == graph.inputs[i] && codes->zero == inputs[i].zero;
      if (reads && std::fabs(codes->scale - inputs[i].scale) <= 1e-5f * codes->scale) {
        inputs[i] = *codes;
      }
    }
  }
  return inputs;
}

}  // namespace

Quantised quantise(Graph graph, std::span<const std::vector<Tensor>> pictures,
                   const QuantiseOptions& options) {
  if (pictures.empty()) throw Error("calibration: expected one picture or more");
  if (options.inputs.size() != graph.inputs.size()) {
    throw Error("calibration: expected codes for every input");
  }
  separate_codes(graph);
  const std::vector<Codes> inputs = input_codes(graph, options.inputs);
  const std::vector<Observed> seen = observe(graph, pictures);
  const std::vector<bool> as_codes = made_as_codes(graph);
  const auto run = [&](const Choice& choice, std::size_t count) {
    return Quantiser(graph, pick(pictures, count), as_codes,
                     choose_all_codes(graph, seen, as_codes, choice.rule, choice.even, inputs),
                     options)
        .run();
  };
  // The rule first, then how far channels have scales of their own.
  std::optional<Choice> best;
  const auto try_out = [&](const Choice& choice) {
    const double snr = run(choice, kTrialPictures).output_snr_db;
    if (!best || snr > best->snr_db) best = Choice{choice.rule, choice.even, snr};
  };
  if (all_given(graph, as_codes, inputs)) {
    best = Choice{RangeRule::kMinMax, 0};
  } else {
    for (RangeRule rule : kRangeRules) {
      if (!options.rule || rule == *options.rule) try_out({rule, 1});
    }
    for (double even : {0.5, 0.}) try_out({best->rule, even});
  }
  Quantised result = run(*best, kFitPictures);
  result.graph = std::move(graph);
  result.rule = best->rule;
  return result;
}

}  // namespace kpu::compiler
