// SPDX-License-Identifier: Apache-2.0
#include "tests/golden/quantised/recorded_layers.h"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <nlohmann/json.hpp>

#include "common/error.h"

namespace kpu::test {
namespace {

using golden::quantised::CodeType;
using golden::quantised::QuantisedConv;
using golden::quantised::Rule;

CodeType type_of(const std::string& name) {
  return name == "int8" ? CodeType::kInt8 : CodeType::kUint8;
}

std::vector<std::int16_t> codes_of(const std::string& text, CodeType type) {
  std::vector<std::int16_t> codes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int byte = std::stoi(text.substr(i, 2), nullptr, 16);
    const bool negative = type == CodeType::kInt8 && byte > 127;
    codes.push_back(static_cast<std::int16_t>(negative ? byte - 256 : byte));
  }
  return codes;
}

std::vector<RecordedLayer::Output> outputs_of(const nlohmann::json& entry, CodeType type) {
  std::vector<RecordedLayer::Output> outputs;
  for (const nlohmann::json& output : entry.at("outputs")) {
    for (const std::string& name : output.at("rules").get<std::vector<std::string>>()) {
      outputs.push_back({golden::quantised::rule_by_name(name), codes_of(output.at("y"), type)});
    }
  }
  return outputs;
}

RecordedLayer parse(const nlohmann::json& entry) {
  RecordedLayer layer;
  layer.name = entry.at("name");
  layer.activation = entry.at("activation");
  QuantisedConv& conv = layer.conv;
  const std::vector<std::uint32_t> shape = entry.at("shape");
  conv.in_channels = shape.at(0);
  conv.height = shape.at(1);
  conv.width = shape.at(2);
  conv.out_channels = entry.at("out_channels");
  conv.kernel = entry.at("kernel");
  conv.depthwise = entry.at("depthwise");
  conv.stride = entry.at("stride");
  const std::vector<std::uint32_t> pads = entry.at("pads");
  conv.pad_top = pads.at(0);
  conv.pad_left = pads.at(1);
  conv.pad_bottom = pads.at(2);
  conv.pad_right = pads.at(3);
  conv.x_type = type_of(entry.at("x_type"));
  conv.x_scale = entry.at("x_scale");
  conv.x_zero = entry.at("x_zero");
  conv.w_type = type_of(entry.at("w_type"));
  conv.w_scale = entry.at("w_scale").get<std::vector<float>>();
  conv.w_zero = entry.at("w_zero").get<std::vector<int>>();
  conv.w = codes_of(entry.at("w"), conv.w_type);
  conv.bias = entry.at("bias").get<std::vector<std::int32_t>>();
  conv.y_type = type_of(entry.at("y_type"));
  conv.y_scale = entry.at("y_scale");
  conv.y_zero = entry.at("y_zero");
  layer.x = codes_of(entry.at("x"), conv.x_type);
  layer.outputs = outputs_of(entry, conv.y_type);
  return layer;
}

golden::quantised::Affine affine_of(const nlohmann::json& entry, const std::string& tensor) {
  return {entry.at(tensor + "_scale"), entry.at(tensor + "_zero")};
}

RecordedElementwise parse_elementwise(const nlohmann::json& entry) {
  RecordedElementwise result;
  result.name = entry.at("name");
  result.is_add = entry.at("operator") == "Add";
  result.type = type_of(entry.at("kind"));
  result.a = affine_of(entry, result.is_add ? "a" : "x");
  result.c = affine_of(entry, result.is_add ? "c" : "y");
  result.a_codes = codes_of(entry.at(result.is_add ? "a" : "x"), result.type);
  if (result.is_add) {
    result.b = affine_of(entry, "b");
    result.b_codes = codes_of(entry.at("b"), result.type);
  } else {
    result.shape = entry.at("x_shape").get<std::vector<std::uint32_t>>();
    result.kernel = entry.at("kernel");
    result.stride = entry.at("stride");
    result.pads = entry.at("pads").get<std::vector<std::uint32_t>>();
  }
  result.outputs = outputs_of(entry, result.type);
  return result;
}

nlohmann::json cases_of(const std::string& file) {
  std::ifstream stream(std::string(KPU_SOURCE_DIR) + "/tests/golden/quantised/recorded/" + file);
  if (!stream) throw Error(file + ": cannot be read");
  return nlohmann::json::parse(stream).at("cases");
}

}  // namespace

QuantisedConv RecordedLayer::under(Rule rule) const {
  QuantisedConv result = conv;
  result.rule = rule;
  golden::quantised::set_activation(result, activation);
  return result;
}

std::vector<RecordedLayer> load_recorded_layers(const std::string& file) {
  std::vector<RecordedLayer> layers;
  for (const nlohmann::json& entry : cases_of(file)) layers.push_back(parse(entry));
  return layers;
}

std::vector<RecordedElementwise> load_recorded_elementwise(const std::string& file) {
  std::vector<RecordedElementwise> list;
  for (const nlohmann::json& entry : cases_of(file)) list.push_back(parse_elementwise(entry));
  return list;
}

}  // namespace kpu::test
