// SPDX-License-Identifier: Apache-2.0
//
// Quantised convolutions as `kpu check-onnx` reads them: activations between any bounds, padding by
// name, and what is refused.
#include "compiler/onnx_layers/onnx_layers.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "golden/kpu/golden_backend.h"
#include "golden/quantised/check.h"
#include "golden/quantised/rules.h"
#include "tests/compiler/onnx_file.h"
#include "tests/support/catch2.h"

using namespace kpu::compiler;
namespace quantised = kpu::golden::quantised;
using kpu::test::contains_text;

namespace {

/// DequantizeLinear, a 3x3 Conv of two channels, `activation` with these inputs behind the first,
/// QuantizeLinear to steps of 1/16 from -2 on.
OnnxFile qdq_file(const Attributes& conv, const std::string& activation = "",
                  const std::vector<std::string>& bounds = {}, const Attributes& attributes = {}) {
  OnnxFile file;
  std::mt19937 random(5);
  std::vector<std::int32_t> weights;
  for (int i = 0; i < 36; ++i) weights.push_back(static_cast<int>(random() % 255) - 127);
  file.input("x", {1, 2, 8, 8}).scheme("x", 1 / 128.F, 128, kUint8).scheme("w", 1 / 64.F, 0, kInt8);
  file.scheme("y", 1 / 16.F, 32, kUint8).codes("w", kInt8, {2, 2, 3, 3}, weights);
  file.constant("minus_one", {}, {-1}).constant("three", {}, {3}).constant("two", {2}, {1, 2});
  file.constant("nan", {}, {std::numeric_limits<float>::quiet_NaN()}).constant("six", {}, {6});
  file.constant("far", {}, {1e6F}).constant("zero", {}, {0});
  file.node("DequantizeLinear", {"w", "w_s", "w_z"}, "w_real");
  file.node("DequantizeLinear", {"x_q", "x_s", "x_z"}, "x_real");
  file.node("Conv", {"x_real", "w_real"}, "c", conv);
  std::vector<std::string> inputs{"c"};
  inputs.insert(inputs.end(), bounds.begin(), bounds.end());
  if (!activation.empty()) file.node(activation, inputs, "a", attributes);
  file.node("QuantizeLinear", {activation.empty() ? "c" : "a", "y_s", "y_z"}, "y");
  return file;
}

OnnxLayer only_layer(const OnnxFile& file, quantised::Rule rule = quantised::Rule::kOnnxRuntime) {
  const OnnxLayers model(file.bytes(), "", rule);
  REQUIRE(model.layers().size() == 1);
  return model.layers().front();
}

/// Outputs of random codes that differ between the KPU and the rule.
std::size_t differing(const OnnxLayer& layer) {
  const quantised::QuantisedConv conv = sized(layer, 8, 8);
  std::mt19937 random(7);
  std::vector<std::int16_t> x;
  for (int i = 0; i < 128; ++i) x.push_back(static_cast<std::int16_t>(random() % 256));
  kpu::golden::GoldenBackend golden;
  return check_conv(conv, x, {}, {&golden, nullptr}).differing;
}

}  // namespace

TEST_CASE("onnx layers: activations between any bounds") {
  struct Case {
    std::string type;
    std::vector<std::string> bounds;
    std::string name;
    int lowest;
    int highest;
  };
  // Code 32 is 0, and 16 codes are 1.
  const Case cases[] = {{"", {}, "none", 0, 255},
                        {"Relu", {}, "Relu", 32, 255},
                        {"Clip", {"zero", "six"}, "Clip(0, 6)", 32, 128},
                        {"Clip", {"minus_one", "three"}, "Clip(-1, 3)", 16, 80},
                        {"Clip", {"three", "six"}, "Clip(3, 6)", 80, 128},
                        {"Clip", {"minus_one"}, "Clip(-1, inf)", 16, 255},
                        {"Clip", {"", "three"}, "Clip(-inf, 3)", 0, 80},
                        {"Clip", {"three", "three"}, "Clip(3, 3)", 80, 80},
                        {"Clip", {"zero", "far"}, "Clip(0, 1e+06)", 32, 255}};
  for (const Case& one : cases) {
    CAPTURE(one.name);
    const OnnxLayer layer =
        only_layer(qdq_file({{"pads", std::vector<std::int64_t>(4, 1)}}, one.type, one.bounds));
    CHECK(layer.problem.empty());
    REQUIRE(layer.conv);
    CHECK(layer.activation == one.name);
    CHECK(layer.conv->lowest() == one.lowest);
    CHECK(layer.conv->highest() == one.highest);
    // ONNX Runtime leaves an activation that the codes do not do by themselves in float.
    const bool done_by_codes = one.lowest == 0 && one.highest == 255;
    CHECK(layer.note.empty() == done_by_codes);
    CHECK(differing(layer) == 0);
  }
  // Before version 11 the bounds were attributes.
  const OnnxLayer old = only_layer(qdq_file({}, "Clip", {}, {{"min", -1.F}, {"max", 3.F}}));
  CHECK(old.activation == "Clip(-1, 3)");
}

TEST_CASE("onnx layers: a bound's code is the rule's") {
  const auto highest = [](quantised::Rule rule) {
    OnnxFile file = qdq_file({}, "Clip", {"zero", "six"});
    // 6 is 62.5 codes above 32.
    file.scheme("y", 0.096F, 32, kUint8);
    return only_layer(file, rule).conv->highest();
  };
  CHECK(highest(quantised::Rule::kOnnxRuntime) == 32 + 62);
  CHECK(highest(quantised::Rule::kLiteRtReference) == 32 + 63);
}

TEST_CASE("onnx layers: padding by name") {
  struct Case {
    std::string name;
    std::int64_t stride;
    std::vector<std::uint32_t> pads;  ///< top, left, bottom, right
  };
  const Case cases[] = {{"SAME_UPPER", 1, {1, 1, 1, 1}}, {"SAME_LOWER", 1, {1, 1, 1, 1}},
                        {"SAME_UPPER", 2, {0, 0, 1, 1}}, {"SAME_LOWER", 2, {1, 1, 0, 0}},
                        {"VALID", 1, {0, 0, 0, 0}},      {"VALID", 2, {0, 0, 0, 0}}};
  for (const Case& one : cases) {
    CAPTURE(one.name, one.stride);
    const OnnxLayer layer = only_layer(
        qdq_file({{"auto_pad", one.name}, {"strides", std::vector<std::int64_t>(2, one.stride)}}));
    const quantised::QuantisedConv conv = sized(layer, 8, 8);
    CHECK(std::vector{conv.pad_top, conv.pad_left, conv.pad_bottom, conv.pad_right} == one.pads);
    CHECK(differing(layer) == 0);
  }
}

TEST_CASE("onnx layers: what is refused") {
  const auto problem = [](const OnnxFile& file) {
    const OnnxLayer layer = only_layer(file);
    CHECK_FALSE(layer.conv);
    return layer.problem;
  };
  CHECK(problem(qdq_file({{"auto_pad", "SAME"}})) ==
        "auto_pad=SAME: expected NOTSET, VALID, SAME_UPPER or SAME_LOWER");
  CHECK(problem(qdq_file({}, "Clip", {"three", "minus_one"})) ==
        "Clip(3, -1): expected a minimum that is not above the maximum");
  CHECK(problem(qdq_file({}, "Clip", {"x", "six"})) == "Clip: min='x': expected a constant");
  CHECK(problem(qdq_file({}, "Clip", {"zero", "two"})) == "Clip: max of 2 values: expected 1");
  CHECK(problem(qdq_file({}, "Clip", {"nan", "six"})) == "Clip: min=nan: expected a number");
  CHECK_THAT(problem(qdq_file({}, "Tanh")), contains_text("followed by Tanh"));
}
