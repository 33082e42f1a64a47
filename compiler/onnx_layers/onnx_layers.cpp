// SPDX-License-Identifier: Apache-2.0
#include "compiler/onnx_layers/onnx_layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "common/error.h"
#include "compiler/onnx_layers/parse.h"
#include "compiler/onnx_layers/scheme.h"

namespace kpu::compiler {
namespace {

using golden::quantised::QuantisedConv;
using golden::quantised::Rule;
using golden::quantised::SamePadding;
using Ints = std::vector<std::int64_t>;

std::uint32_t small(const char* field, std::int64_t value, std::int64_t most) {
  if (value < 0 || value > most) {
    throw Error(fmt::format("{}={}: expected 0..{}", field, value, most));
  }
  return static_cast<std::uint32_t>(value);
}

template <class T>
std::vector<T> as(const std::vector<double>& numbers) {
  std::vector<T> result;
  for (double value : numbers) result.push_back(static_cast<T>(value));
  return result;
}

/// Shape, stride and padding from the convolution's attributes.
void set_geometry(const Scheme& scheme, const onnx::NodeProto& node, const std::string& weights,
                  OnnxLayer& layer, QuantisedConv& conv) {
  const Ints dims = scheme.dims(weights);
  if (dims.size() != 4 || dims[2] != dims[3]) {
    throw Error(
        fmt::format("weights '{}' with {} axes: expected O x I x K x K", weights, dims.size()));
  }
  const std::int64_t group = attribute(node, "group", std::int64_t{1});
  conv.depthwise = group != 1;
  if (conv.depthwise && (group != dims[0] || dims[1] != 1)) {
    throw Error(fmt::format("group={}: expected 1 or depthwise", group));
  }
  conv.out_channels = small("out_channels", dims[0], 1024);
  conv.in_channels = conv.depthwise ? conv.out_channels : small("in_channels", dims[1], 1024);
  conv.kernel = small("kernel", dims[2], 1024);
  for (std::int64_t dilation : attribute(node, "dilations", Ints{})) {
    if (dilation != 1) throw Error(fmt::format("dilations={}: expected 1", dilation));
  }
  const Ints strides = attribute(node, "strides", Ints{1, 1});
  if (strides.size() != 2 || strides[0] != strides[1]) throw Error("strides: expected equal ones");
  conv.stride = small("stride", strides[0], 1024);
  const std::string automatic = attribute(node, "auto_pad", "NOTSET");
  if (automatic == "SAME_UPPER") {
    layer.same = SamePadding::kUpper;
  } else if (automatic == "SAME_LOWER") {
    layer.same = SamePadding::kLower;
  } else if (automatic != "NOTSET" && automatic != "VALID") {
    throw Error(
        fmt::format("auto_pad={}: expected NOTSET, VALID, SAME_UPPER or SAME_LOWER", automatic));
  }
  const Ints pads = automatic == "NOTSET" ? attribute(node, "pads", Ints(4, 0)) : Ints(4, 0);
  if (pads.size() != 4) throw Error(fmt::format("pads: {} values, expected 4", pads.size()));
  conv.pad_top = small("pad_top", pads[0], 1024);
  conv.pad_left = small("pad_left", pads[1], 1024);
  conv.pad_bottom = small("pad_bottom", pads[2], 1024);
  conv.pad_right = small("pad_right", pads[3], 1024);
}

void set_input(const Quantisation& q, QuantisedConv& conv) {
  conv.x_scale = q.scale;
  conv.x_zero = q.zero;
  conv.x_type = q.type;
}

void set_output(const Quantisation& q, QuantisedConv& conv) {
  conv.y_scale = q.scale;
  conv.y_zero = q.zero;
  conv.y_type = q.type;
}

void set_weights(const Scheme& scheme, const std::string& codes, const std::string& scale,
                 const std::string& zero, QuantisedConv& conv) {
  conv.w_type = scheme.code_type(codes);
  conv.w = as<std::int16_t>(scheme.numbers(codes));
  conv.w_scale = as<float>(scheme.numbers(scale));
  if (!zero.empty()) conv.w_zero = as<int>(scheme.numbers(zero));
}

QuantisedConv read_qlinear(const Scheme& scheme, const onnx::NodeProto& node, OnnxLayer& layer) {
  const auto in = [&](int i) { return Scheme::input(node, i); };
  QuantisedConv conv;
  set_geometry(scheme, node, in(3), layer, conv);
  set_input(scheme.quantisation(in(1), in(2)), conv);
  set_weights(scheme, in(3), in(4), in(5), conv);
  set_output(scheme.quantisation(in(6), in(7)), conv);
  if (!in(8).empty()) conv.bias = as<std::int32_t>(scheme.numbers(in(8)));
  return conv;
}

/// An activation between two bounds; without one, as far as numbers go.
struct Bounds {
  std::optional<double> low, high;
};

/// A constant bound of a Clip: an input, or before version 11 an attribute. Nothing where it has
/// none.
std::optional<double> clip_bound(const Scheme& scheme, const onnx::NodeProto& clip, int input,
                                 const char* name) {
  const std::string constant = Scheme::input(clip, input);
  if (constant.empty()) return attribute(clip, name);
  if (!scheme.is_constant(constant)) {
    throw Error(fmt::format("Clip: {}='{}': expected a constant", name, constant));
  }
  const std::vector<double> values = scheme.numbers(constant);
  if (values.size() != 1) {
    throw Error(fmt::format("Clip: {} of {} values: expected 1", name, values.size()));
  }
  if (std::isnan(values.front())) throw Error(fmt::format("Clip: {}=nan: expected a number", name));
  constexpr double kMost = std::numeric_limits<float>::max();
  return std::clamp(values.front(), -kMost, kMost);
}

/// The activation behind a Conv, and the node behind that.
const onnx::NodeProto& behind_activation(const Scheme& scheme, const onnx::NodeProto& node,
                                         std::string& activation, Bounds& bounds) {
  const onnx::NodeProto& next = scheme.only_reader(node);
  if (next.op_type() == "Relu") {
    bounds.low = 0;
    activation = "Relu";
  } else if (next.op_type() == "Clip") {
    bounds = {clip_bound(scheme, next, 1, "min"), clip_bound(scheme, next, 2, "max")};
    activation = fmt::format("Clip({:g}, {:g})", bounds.low.value_or(-INFINITY),
                             bounds.high.value_or(INFINITY));
    if (bounds.low && bounds.high && *bounds.low > *bounds.high) {
      throw Error(activation + ": expected a minimum that is not above the maximum");
    }
  } else {
    return next;
  }
  return scheme.only_reader(next);
}

/// Whether the codes themselves already do what the activation does, so that ONNX Runtime drops it.
bool is_in_the_codes(const QuantisedConv& conv, const Bounds& bounds) {
  const auto value = [&](int code) {
    return static_cast<float>(code - conv.y_zero) * conv.y_scale;
  };
  const auto low = static_cast<float>(bounds.low.value_or(-INFINITY));
  const auto high = static_cast<float>(bounds.high.value_or(INFINITY));
  return value(golden::quantised::lowest_code(conv.y_type)) >= low &&
         value(golden::quantised::highest_code(conv.y_type)) <= high;
}

QuantisedConv read_qdq(const Scheme& scheme, const onnx::NodeProto& node, OnnxLayer& layer,
                       Rule rule) {
  const onnx::NodeProto& x = scheme.dequantize(Scheme::input(node, 0));
  const onnx::NodeProto& w = scheme.dequantize(Scheme::input(node, 1));
  layer.input = Scheme::input(x, 0);
  QuantisedConv conv;
  set_geometry(scheme, node, Scheme::input(w, 0), layer, conv);
  set_input(scheme.quantisation(Scheme::input(x, 1), Scheme::input(x, 2)), conv);
  set_weights(scheme, Scheme::input(w, 0), Scheme::input(w, 1), Scheme::input(w, 2), conv);
  if (const std::string bias = Scheme::input(node, 2); !bias.empty()) {
    const onnx::NodeProto& codes = scheme.dequantize(bias);
    conv.bias = as<std::int32_t>(scheme.numbers(Scheme::input(codes, 0)));
  }
  Bounds bounds;
  const onnx::NodeProto& last = behind_activation(scheme, node, layer.activation, bounds);
  if (last.op_type() != "QuantizeLinear") {
    throw Error(
        fmt::format("followed by {}: expected Relu, Clip or QuantizeLinear", last.op_type()));
  }
  layer.output = last.output_size() > 0 ? last.output(0) : "";
  set_output(scheme.quantisation(Scheme::input(last, 1), Scheme::input(last, 2)), conv);
  conv.rule = rule;
  golden::quantised::set_bounds(conv, bounds.low, bounds.high);
  const bool onnx_runtime = rule == Rule::kOnnxRuntime || rule == Rule::kOnnxRuntimeAvx2;
  if (onnx_runtime && !is_in_the_codes(conv, bounds)) {
    layer.note = "clamp bound: ONNX Runtime leaves conv and " + layer.activation + " in float";
  }
  return conv;
}

OnnxLayer read_layer(const Scheme& scheme, const onnx::NodeProto& node, std::size_t index,
                     Rule rule) {
  OnnxLayer layer;
  layer.name = Scheme::name_of(node);
  layer.node = index;
  layer.activation = "none";
  const bool linear = node.op_type() == "QLinearConv";
  layer.form = linear ? "QLinearConv" : "QDQ";
  layer.input = Scheme::input(node, 0);
  layer.output = node.output_size() > 0 ? node.output(0) : "";
  try {
    QuantisedConv conv =
        linear ? read_qlinear(scheme, node, layer) : read_qdq(scheme, node, layer, rule);
    conv.rule = rule;
    layer.conv = std::move(conv);
  } catch (const Error& error) {
    layer.problem = error.what();
  }
  return layer;
}

}  // namespace

QuantisedConv sized(const OnnxLayer& layer, std::uint32_t height, std::uint32_t width) {
  QuantisedConv conv = layer.conv.value();
  conv.height = height;
  conv.width = width;
  if (layer.same) golden::quantised::set_same_padding(conv, *layer.same);
  return conv;
}

onnx::ModelProto parse_onnx(std::span<const std::uint8_t> file) {
  onnx::ModelProto model;
  if (file.size() > std::numeric_limits<int>::max() ||
      !model.ParseFromArray(file.data(), static_cast<int>(file.size())) || !model.has_graph()) {
    throw Error("no ONNX file: expected a protocol buffer of the ONNX schema with a graph");
  }
  return model;
}

OnnxLayers::OnnxLayers(std::span<const std::uint8_t> file, const std::string& folder, Rule rule)
    : file_(file.begin(), file.end()), folder_(folder), rule_(rule) {
  const onnx::ModelProto model = parse_onnx(file);
  const Scheme scheme(model, folder);
  for (int i = 0; i < model.graph().node_size(); ++i) {
    const onnx::NodeProto& node = model.graph().node(i);
    if (node.op_type() != "QLinearConv" && node.op_type() != "Conv") continue;
    layers_.push_back(read_layer(scheme, node, static_cast<std::size_t>(i), rule));
  }
}

}  // namespace kpu::compiler
