// SPDX-License-Identifier: Apache-2.0
#include "compiler/quant/given_codes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <variant>

#include "common/error.h"
#include "golden/quantised/elementwise.h"
#include "golden/quantised/kpu_mapping.h"
#include "golden/quantised/proof.h"

namespace kpu::compiler {
namespace {

using golden::quantised::QuantisedConv;

/// Largest bias, in units of the accumulator, that its real number still tells exactly.
constexpr double kMostBias = 1 << 21;
constexpr float kFar = 1e30f;

const Elementwise* plain_rounding(const Node& node) {
  const auto* elementwise = std::get_if<Elementwise>(&node.op);
  const bool plain =
      elementwise != nullptr && elementwise->codes && elementwise->function.is_identity();
  return plain ? elementwise : nullptr;
}

/// Weights as whole numbers; nothing if they are none of 9 bits.
std::optional<std::vector<float>> whole_weights(const Conv& conv) {
  if (conv.weight_scales.size() != static_cast<std::size_t>(conv.out_channels())) {
    return std::nullopt;
  }
  std::vector<float> codes;
  codes.reserve(conv.weights.size());
  const std::size_t per_out = conv.weights.size() / conv.weight_scales.size();
  for (std::size_t i = 0; i < conv.weights.size(); ++i) {
    const float at = conv.weights->data[i] / conv.weight_scales[i / per_out];
    codes.push_back(std::nearbyint(at));
    if (!(std::fabs(at - codes.back()) < 0.01f) || std::fabs(codes.back()) > 255) {
      return std::nullopt;
    }
  }
  return codes;
}

/// Sets the weights' codes and zero points; false if a channel's take more than 8 bits.
bool set_weights(const std::vector<float>& whole, QuantisedConv& conv) {
  const std::size_t per_out = whole.size() / conv.out_channels;
  const auto [least, most] = std::minmax_element(whole.begin(), whole.end());
  const bool is_signed = *least >= -128 && *most <= 127;
  conv.w_type =
      is_signed ? golden::quantised::CodeType::kInt8 : golden::quantised::CodeType::kUint8;
  conv.w_zero.assign(conv.out_channels, 0);
  for (std::size_t oc = 0; oc < conv.out_channels; ++oc) {
    const auto begin = whole.begin() + static_cast<std::ptrdiff_t>(oc * per_out);
    const auto end = begin + static_cast<std::ptrdiff_t>(per_out);
    const float low = is_signed ? 0.f : std::min(0.f, *std::min_element(begin, end));
    if (!is_signed && *std::max_element(begin, end) - low > 255) return false;
    conv.w_zero[oc] = -static_cast<int>(low);
    for (auto code = begin; code != end; ++code) {
      conv.w.push_back(static_cast<std::int16_t>(*code - low));
    }
  }
  return true;
}

/// Sets the bias in units of the accumulator; false if it is no whole number of them.
bool set_bias(const Conv& given, QuantisedConv& conv) {
  for (std::uint32_t oc = 0; oc < conv.out_channels; ++oc) {
    const double unit = double{conv.x_scale} * conv.w_scale[oc];
    const double at = given.bias[oc] / unit, whole = std::nearbyint(at);
    if (std::fabs(whole) > kMostBias || std::fabs(at - whole) > 1e-3 + std::fabs(at) / (1 << 23)) {
      return false;
    }
    conv.bias.push_back(static_cast<std::int32_t>(whole));
  }
  return true;
}

/// Sets the bounds of a function that clamps and nothing else; false for any other.
bool set_bounds(const Function& function, const Codes& out, QuantisedConv& conv) {
  if (function.is_identity()) return true;
  if (function.channels() > 1) return false;
  const float low = function(-kFar), high = function(kFar);
  for (int i = -64; i <= 64 + 255; ++i) {
    const float x = out.real(static_cast<float>(i));
    if (function(x) != std::clamp(x, low, high)) return false;
  }
  const auto bound = [&](float real) {
    return std::clamp(golden::quantised::bound_code(double{real}, out.scale, out.zero, conv.rule),
                      0, 255);
  };
  if (low > -kFar) conv.y_lowest = bound(low);
  if (high < kFar) conv.y_highest = bound(high);
  return conv.lowest() <= conv.highest();
}

KpuTables tables_of(const QuantisedConv& conv, const golden::quantised::MappedConv& mapped,
                    const Codes& out) {
  KpuTables tables;
  tables.weights = mapped.layer.weights;
  tables.batch_norm = mapped.layer.batch_norm;
  tables.act = mapped.layer.act;
  tables.conv = mapped.layer.args.conv;
  tables.pad_value = mapped.layer.args.pad_value;
  tables.units = std::ldexp(1., static_cast<int>(mapped.fraction_bits)) / out.scale;
  tables.low = out.real(-16);
  tables.high = out.real(255 + 16);
  double largest = 1;
  for (std::uint32_t oc = 0; oc < conv.out_channels; ++oc) {
    const auto range = golden::quantised::accumulator_range(conv, oc);
    const auto most = static_cast<double>(std::max(std::abs(range.first), std::abs(range.last)));
    largest = std::max(largest, most * conv.scales_of(oc).ratio() * out.scale * tables.units);
  }
  tables.accumulator_bits = 2 + static_cast<int>(std::ceil(std::log2(largest)));
  return tables;
}

}  // namespace

std::string seen_text(const CodeCheck& check) {
  if (check.differing == 0) return fmt::format("no code of {} differs", check.codes);
  return fmt::format("{} of {} codes differ, by up to {}", check.differing, check.codes,
                     check.largest);
}

std::vector<std::optional<Codes>> given_by_class(const Graph& graph,
                                                 const std::vector<int>& classes,
                                                 const std::vector<bool>& as_codes,
                                                 std::span<const Codes> inputs) {
  std::vector<std::optional<Codes>> given(graph.values.size());
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    given[classes[graph.inputs[i]]] = inputs[i];
  }
  for (const Node& node : graph.nodes) {
    if (const auto codes = result_codes(node)) given[classes[node.output]] = codes;
  }
  // What is made as floats is rounded to the codes of the rounding that reads it.
  for (const Node& node : graph.nodes) {
    if (plain_rounding(node) == nullptr || as_codes[node.inputs[0]]) continue;
    auto& before = given[classes[node.inputs[0]]];
    if (!before) before = result_codes(node);
  }
  return given;
}

bool all_given(const Graph& graph, const std::vector<bool>& as_codes,
               std::span<const Codes> inputs) {
  const std::vector<int> classes = code_classes(graph);
  const auto given = given_by_class(graph, classes, as_codes, inputs);
  const auto is_open = [&](ValueId id) {
    return !graph.values[id].constant && !given[classes[id]].has_value();
  };
  const auto read_by = readers(graph);
  return std::none_of(graph.nodes.begin(), graph.nodes.end(), [&](const Node& node) {
    // The codes of such a concatenation are those of its parts.
    if (!as_codes[node.output] || keeps_own_codes(graph, read_by, node)) return false;
    return is_open(node.output) ||
           std::any_of(node.inputs.begin(), node.inputs.end(), [&](auto id) {
             const bool side_by_side =
                 std::any_of(graph.nodes.begin(), graph.nodes.end(), [&](const Node& maker) {
                   return maker.output == id && keeps_own_codes(graph, read_by, maker);
                 });
             return is_open(id) && !side_by_side;
           });
  });
}

void separate_codes(Graph& graph) {
  const auto read_by = readers(graph);
  const auto made_by = makers(graph);
  // Back over operations that only move codes.
  const auto origin = [&](ValueId id) {
    while (made_by[id] >= 0 && moves_codes(graph, graph.nodes[made_by[id]])) {
      id = graph.nodes[made_by[id]].inputs[0];
    }
    return id;
  };
  const auto codes_of = [&](ValueId id) {
    id = origin(id);
    return made_by[id] >= 0 ? result_codes(graph.nodes[made_by[id]]) : graph.values[id].codes;
  };
  const auto is_input = [&](ValueId id) {
    return std::find(graph.inputs.begin(), graph.inputs.end(), origin(id)) != graph.inputs.end();
  };
  std::vector<Node> nodes;
  for (Node node : graph.nodes) {
    const bool shares =
        std::holds_alternative<Concat>(node.op) && !keeps_own_codes(graph, read_by, node);
    std::optional<Codes> wanted;
    if (shares) {
      for (int reader : read_by[node.output]) {
        if (reader >= 0 && plain_rounding(graph.nodes[reader]) != nullptr && !wanted) {
          wanted = result_codes(graph.nodes[reader]);
        }
      }
      for (ValueId input : node.inputs) {
        if (!wanted) wanted = codes_of(input);
      }
    }
    // The network's input has the codes of bytes, which must not become those of other parts.
    const bool mixed = shares && std::any_of(node.inputs.begin(), node.inputs.end(), is_input) &&
                       !std::all_of(node.inputs.begin(), node.inputs.end(), is_input);
    for (ValueId& input : node.inputs) {
      const auto own = wanted ? codes_of(input) : std::nullopt;
      const bool differs = own && *own != *wanted;
      if (!differs && !(mixed && !wanted && is_input(input))) continue;
      Node rounding{node.name, node.type, Elementwise{{}, wanted}, {input}, -1};
      rounding.output = graph.add_value(graph.values[input].name, Dims(graph.dims(input)));
      input = rounding.output;
      nodes.push_back(std::move(rounding));
    }
    nodes.push_back(std::move(node));
  }
  graph.nodes = std::move(nodes);
}

std::optional<GivenLayer> given_layer(const Conv& given, const Dims& in_dims, const Codes& in,
                                      const Codes& out, golden::quantised::Rule rule,
                                      std::string& why) try {
  const auto no = [&](const char* reason) {
    why = reason;
    return std::nullopt;
  };
  const auto whole = whole_weights(given);
  if (!whole) return no("weights that are no whole numbers of 8 bits");
  GivenLayer layer;
  QuantisedConv& conv = layer.conv;
  conv.depthwise = given.groups > 1;
  conv.out_channels = static_cast<std::uint32_t>(given.out_channels());
  conv.in_channels = static_cast<std::uint32_t>(in_dims[1]);
  conv.height = static_cast<std::uint32_t>(in_dims[2]);
  conv.width = static_cast<std::uint32_t>(in_dims[3]);
  conv.kernel = static_cast<std::uint32_t>(given.window.kernel[0]);
  conv.pad_top = conv.pad_left = conv.pad_bottom = conv.pad_right = conv.kernel == 3 ? 1 : 0;
  conv.x_scale = in.scale;
  conv.x_zero = in.zero;
  conv.w_scale = given.weight_scales;
  conv.y_scale = out.scale;
  conv.y_zero = out.zero;
  conv.rule = rule;
  if (!set_weights(*whole, conv)) return no("weights of more than 8 bits");
  if (!set_bias(given, conv)) return no("a bias that is no whole number of accumulator units");
  if (!set_bounds(given.function, out, conv)) return no("a function that is no clamp");
  const auto mapped = golden::quantised::map_to_kpu(conv);
  if (!mapped.layer.eight_bit) return no("zero points of weights that need 16 bits");
  const auto proof = golden::quantised::prove(conv, mapped);
  layer.weights = {*whole, given.weight_scales};
  layer.tables = tables_of(conv, mapped, out);
  layer.check.exact = proof.exact();
  layer.check.claim = proof.summary();
  if (const std::string causes = proof.causes(); !causes.empty()) {
    layer.check.claim += " (" + causes + ")";
  }
  return layer;
} catch (const Error& error) {
  why = error.what();
  return std::nullopt;
}

void reference_codes(const QuantisedConv& conv, Tensor& sums) {
  const std::size_t plane = sums.size() / conv.out_channels;
  for (std::uint32_t oc = 0; oc < conv.out_channels; ++oc) {
    const auto rule = golden::quantised::requantiser_of(conv, oc);
    for (float& x : std::span(sums.data).subspan(oc * plane, plane)) {
      x = static_cast<float>(rule(static_cast<std::int32_t>(x) + conv.bias_of(oc)));
    }
  }
}

Conv in_whole_numbers(const Conv& conv, const WeightCodes& weights, const ValueCodes& in,
                      std::vector<float>& offsets) {
  Conv whole = conv;
  whole.weight_scales = weights.scales;
  Tensor& reals = whole.weights.edit();
  const std::size_t outs = weights.scales.size(), per_out = conv.weights.size() / outs;
  const auto taps = static_cast<std::size_t>(conv.window.kernel[0] * conv.window.kernel[1]);
  offsets.assign(outs, 0.f);
  for (std::size_t oc = 0; oc < outs; ++oc) {
    for (std::size_t i = 0; i < per_out; ++i) {
      const float code = weights.codes[oc * per_out + i];
      reals.data[oc * per_out + i] = code * weights.scales[oc];
      const Codes& of_input = plane_codes(in, conv.groups > 1 ? oc : i / taps);
      offsets[oc] += code * static_cast<float>(in[0].zero - of_input.zero);
    }
    whole.bias[oc] += static_cast<float>(double{offsets[oc]} * in[0].scale * weights.scales[oc]);
  }
  return whole;
}

std::optional<SumCheck> check_sum(const Conv& conv, const GivenLayer& layer,
                                  std::span<const float> offsets, const ValueCodes& in,
                                  const Codes& out, golden::quantised::Rule rule) {
  const KpuTables& tables = layer.tables;
  const auto outs = static_cast<std::size_t>(conv.out_channels());
  const std::size_t ins = conv.weights.size() / outs;
  if (conv.groups > 1 || ins != 2 * outs || conv.window.kernel[0] != 1) return std::nullopt;
  struct Term {
    float weight, real;
    Codes codes;
    bool operator==(const Term&) const = default;
  };
  const auto term = [&](std::size_t oc, std::size_t ic) {
    return Term{layer.weights.codes[oc * ins + ic], conv.weights->data[oc * ins + ic],
                plane_codes(in, ic)};
  };
  const Term first = term(0, 0), second = term(0, outs);
  const auto same = [](const golden::BatchNorm& a, const golden::BatchNorm& b) {
    return a.mul == b.mul && a.add == b.add && a.shift == b.shift;
  };
  for (std::size_t oc = 0; oc < outs; ++oc) {
    const auto begin = conv.weights->data.begin() + static_cast<std::ptrdiff_t>(oc * ins);
    const auto zeros = std::count(begin, begin + static_cast<std::ptrdiff_t>(ins), 0.f);
    if (term(oc, oc) != first || term(oc, outs + oc) != second ||
        zeros != static_cast<std::ptrdiff_t>(ins) - 2 ||
        !same(tables.batch_norm[oc], tables.batch_norm[0])) {
      return std::nullopt;
    }
  }
  const auto affine = [](const Codes& codes) {
    return golden::quantised::Affine{codes.scale, codes.zero};
  };
  const golden::quantised::QuantisedAdd plain(affine(first.codes), affine(second.codes),
                                              affine(out),
                                              {layer.conv.lowest(), layer.conv.highest()}, rule);
  const bool is_plain = first.real == 1 && second.real == 1;
  SumCheck result;
  std::size_t differing = 0;
  int largest = 0;
  std::vector<float> sums(256);
  for (int a = 0; a < 256; ++a) {
    const auto x = static_cast<float>(a);
    for (int b = 0; b < 256; ++b) {
      sums[b] = (x - static_cast<float>(first.codes.zero)) * first.weight +
                static_cast<float>(b - second.codes.zero) * second.weight - offsets[0];
    }
    kpu_codes(tables, tables.batch_norm[0], sums);
    for (int b = 0; b < 256; ++b) {
      const float real =
          first.real * first.codes.real(x) + second.real * second.codes.real(static_cast<float>(b));
      const int code =
          is_plain ? plain(a, b) : static_cast<int>(out.code_to_even(conv.function(real)));
      result.codes.push_back(static_cast<std::uint8_t>(code));
      const int off = std::abs(code - static_cast<int>(sums[b]));
      differing += off > 0;
      largest = std::max(largest, off);
    }
  }
  result.check.exact = differing == 0;
  result.check.claim =
      differing == 0
          ? "exact for all 65536 pairs of codes"
          : fmt::format("{} of 65536 pairs of codes differ, by up to {}", differing, largest);
  return result;
}

Tensor sum_of_halves(const SumCheck& sum, const Tensor& codes) {
  Tensor result{codes.dims, {}, false};
  result.dims[1] /= 2;
  const std::size_t half = codes.size() / 2;
  for (std::size_t i = 0; i < half; ++i) {
    const auto a = static_cast<std::size_t>(codes.data[i]);
    const auto b = static_cast<std::size_t>(codes.data[half + i]);
    result.data.push_back(static_cast<float>(sum.codes[a * 256 + b]));
  }
  return result;
}

}  // namespace kpu::compiler
