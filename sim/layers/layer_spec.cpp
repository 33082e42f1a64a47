// SPDX-License-Identifier: Apache-2.0
#include "sim/layers/layer_spec.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstddef>
#include <limits>
#include <utility>

#include "common/bits.h"
#include "common/error.h"
#include "golden/kpu/layer_numbers.h"
#include "golden/quantised/rules.h"
#include "sim/layers/spec_file.h"

namespace kpu::sim {
namespace {

using golden::quantised::CodeType;
using golden::quantised::QuantisedConv;

CodeType type_of(const NpyArray& array) {
  return array.type == "i1" ? CodeType::kInt8 : CodeType::kUint8;
}

/// An image C x H x W, a leading axis of 1 dropped.
NpyArray image(SpecFile& file, const std::vector<std::string>& types) {
  NpyArray x = file.array("x", types);
  if (x.shape.size() == 4 && x.shape.front() == 1) x.shape.erase(x.shape.begin());
  if (x.shape.size() != 3) {
    file.refuse("x", fmt::format("shape ({}), expected C x H x W", fmt::join(x.shape, ", ")));
  }
  return x;
}

/// Weights O x I x K x K for `inputs` channels; depthwise also C x K x K.
NpyArray weights(SpecFile& file, const std::vector<std::string>& types, std::size_t inputs) {
  NpyArray w = file.array("w", types);
  if (inputs == 1 && w.shape.size() == 3) w.shape.insert(w.shape.begin() + 1, 1);
  if (w.shape.size() != 4 || w.shape[1] != inputs || w.shape[2] != w.shape[3]) {
    file.refuse(
        "w", fmt::format("shape ({}), expected (O, {}, K, K)", fmt::join(w.shape, ", "), inputs));
  }
  return w;
}

template <class To>
std::vector<To> narrowed(SpecFile& file, const std::string& name) {
  std::vector<To> list;
  for (std::int64_t value : file.integers(name)) {
    using Limits = std::numeric_limits<To>;
    if (value < Limits::min() || value > Limits::max()) {
      file.refuse(name, fmt::format("{}: expected {}..{}", value, Limits::min(), Limits::max()));
    }
    list.push_back(static_cast<To>(value));
  }
  return list;
}

std::uint32_t natural(SpecFile& file, const std::string& name, std::int64_t value) {
  if (value < 0 || value > 1024) file.refuse(name, fmt::format("{}: expected 0..1024", value));
  return static_cast<std::uint32_t>(value);
}

void set_pads(SpecFile& file, QuantisedConv& conv) {
  const std::string name = file.text("pads").value_or(file.has("pads") ? "" : "same");
  if (name == "valid") return;
  if (name == "same") return golden::quantised::set_same_padding(conv);
  if (!name.empty()) file.refuse("pads", name + ": expected same, valid or four numbers");
  const std::vector<std::int64_t> pads = file.integers("pads");
  if (pads.size() != 4) file.refuse("pads", fmt::format("{} values, expected 4", pads.size()));
  conv.pad_top = natural(file, "pads", pads[0]);
  conv.pad_left = natural(file, "pads", pads[1]);
  conv.pad_bottom = natural(file, "pads", pads[2]);
  conv.pad_right = natural(file, "pads", pads[3]);
}

void set_activation(SpecFile& file, QuantisedConv& conv) {
  if (const auto name = file.text("activation")) {
    golden::quantised::set_activation(conv, *name);
  } else if (file.has("activation")) {
    const auto bounds = narrowed<std::int16_t>(file, "activation");
    if (bounds.size() != 2) file.refuse("activation", "expected a name or two codes");
    conv.y_lowest = bounds[0];
    conv.y_highest = bounds[1];
  }
}

QuantisedSpec read_quantised(SpecFile& file, const std::string& rounding) {
  QuantisedSpec spec;
  QuantisedConv& conv = spec.conv;
  const NpyArray x = image(file, {"u1", "i1"});
  conv.depthwise = file.flag("depthwise");
  const NpyArray w = weights(file, {"i1", "u1"}, conv.depthwise ? 1 : x.shape[0]);
  conv.in_channels = natural(file, "x", static_cast<std::int64_t>(x.shape[0]));
  conv.height = natural(file, "x", static_cast<std::int64_t>(x.shape[1]));
  conv.width = natural(file, "x", static_cast<std::int64_t>(x.shape[2]));
  conv.out_channels = natural(file, "w", static_cast<std::int64_t>(w.shape[0]));
  conv.kernel = natural(file, "w", static_cast<std::int64_t>(w.shape[2]));
  conv.stride = natural(file, "stride", file.integer("stride", 1));
  conv.x_type = conv.y_type = type_of(x);
  conv.w_type = type_of(w);
  conv.x_scale = file.real("x_scale");
  conv.y_scale = file.real("y_scale");
  conv.w_scale = file.reals("w_scale");
  const auto code = [&](const char* name) {
    return static_cast<int>(std::int64_t{natural(file, name, file.integer(name) + 512)}) - 512;
  };
  conv.x_zero = code("x_zero");
  conv.y_zero = code("y_zero");
  conv.w_zero = narrowed<int>(file, "w_zero");
  if (file.has("bias")) conv.bias = narrowed<std::int32_t>(file, "bias");
  conv.w = codes_of(w);
  spec.x = codes_of(x);
  const std::string rule = file.text("rounding").value_or("exact");
  conv.rule = golden::quantised::rule_by_name(rounding.empty() ? rule : rounding);
  set_pads(file, conv);
  set_activation(file, conv);
  if (file.has("fraction_bits")) {
    spec.options.fraction_bits = natural(file, "fraction_bits", file.integer("fraction_bits"));
  }
  spec.options.multiplier_bits =
      natural(file, "multiplier_bits", file.integer("multiplier_bits", 22));
  return spec;
}

KpuSpec read_kpu(SpecFile& file) {
  const NpyArray x = image(file, {"u1"});
  golden::LayerNumbers numbers;
  numbers.depthwise = file.flag("depthwise");
  const NpyArray w = weights(file, {"u1", "u2"}, numbers.depthwise ? 1 : x.shape[0]);
  const auto axis = [](const NpyArray& array, std::size_t i) {
    return static_cast<std::int64_t>(array.shape[i]);
  };
  numbers.in_channels = axis(x, 0);
  numbers.height = axis(x, 1);
  numbers.width = axis(x, 2);
  numbers.out_channels = axis(w, 0);
  numbers.kernel = axis(w, 2);
  numbers.eight_bit = w.type == "u1";
  for (double value : numbers_of(w)) numbers.weights.push_back(static_cast<std::uint16_t>(value));
  std::vector<std::int64_t> norm, act;
  if (file.has("norm")) norm = file.integers("norm");
  if (file.has("act")) act = file.integers("act");
  numbers.norm = norm;
  numbers.act = act;
  numbers.arg_x = file.integer("arg_x", 0);
  numbers.shr_x = file.integer("shr_x", 0);
  numbers.arg_w = file.integer("arg_w", 0);
  numbers.shr_w = file.integer("shr_w", 0);
  numbers.arg_add = file.integer("arg_add", 0);
  numbers.pad_value = file.integer("pad_value", 0);
  numbers.pad_nearest = file.flag("pad_nearest");
  numbers.pool_type = golden::pool_by_name(file.text("pool").value_or("none"));
  numbers.first_stride = file.flag("first_stride");
  return {golden::make_single_layer(std::move(numbers)), x.bytes};
}

}  // namespace

LayerSpec read_layer_spec(const std::string& path, const std::string& rounding) {
  SpecFile file(path);
  try {
    LayerSpec spec;
    if (file.has("y_scale")) {
      spec = read_quantised(file, rounding);
    } else {
      spec = read_kpu(file);
    }
    file.require_all_used();
    return spec;
  } catch (const Error& error) {
    const std::string text = error.what();
    throw Error(text.starts_with(path) ? text : fmt::format("{}: {}", path, text));
  }
}

}  // namespace kpu::sim
