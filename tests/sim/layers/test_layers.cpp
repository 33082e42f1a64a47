// SPDX-License-Identifier: Apache-2.0
//
// Layers and models from files: what .npz and .json may hold, what is refused and how, the
// verdicts; a whole recorded network, whose codes must be ONNX Runtime's between all of its layers;
// and each cause of a difference, with a layer made to have it.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/files.h"
#include "compiler/onnx_layers/onnx_layers.h"
#include "golden/kpu/golden_backend.h"
#include "golden/quantised/rules.h"
#include "onnx.pb.h"
#include "sim/layers/layer_verdict.h"
#include "sim/text/npy.h"
#include "tests/sim/temp_folder.h"
#include "tests/support/catch2.h"

namespace {

namespace onnx = kpu::onnx;
using namespace kpu::sim;
using kpu::test::contains_text;
using kpu::test::TempFolder;

const std::string kRecorded = std::string(KPU_SOURCE_DIR) + "/tests/golden/quantised/recorded/";

/// Two golden models in the place of the two engines.
struct Both {
  kpu::golden::GoldenBackend golden, second;

  kpu::golden::quantised::Engines one() { return {&golden, nullptr}; }
  kpu::golden::quantised::Engines two() { return {&golden, &second}; }
};

/// A quantised layer with one weight, 1x1, as JSON.
nlohmann::json small() {
  return {{"x", {{{0, 1, 2}, {3, 4, 255}}}},
          {"w", {{{{3}}}}},
          {"x_scale", 0.5},
          {"x_zero", 0},
          {"w_scale", 1},
          {"w_zero", 0},
          {"bias", {1}},
          {"y_scale", 1},
          {"y_zero", 0}};
}

std::string written(const TempFolder& folder, const nlohmann::json& spec) {
  const std::string path = folder / "layer.json";
  kpu::write_file(path, spec.dump());
  return path;
}

void add_constant(onnx::GraphProto& graph, const std::string& name, int type,
                  const std::vector<std::int64_t>& dims, const std::vector<double>& values) {
  onnx::TensorProto& tensor = *graph.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(type);
  for (std::int64_t dim : dims) tensor.add_dims(dim);
  for (double value : values) {
    if (type == 1) {
      tensor.add_float_data(static_cast<float>(value));
    } else {
      tensor.add_int32_data(static_cast<std::int32_t>(value));
    }
  }
}

/// A QLinearConv of one 1x1 weight (uint8 times int8) with these numbers.
std::string one_weight(const TempFolder& folder, std::vector<double> w, double x_scale,
                       double y_scale, double bias) {
  onnx::ModelProto model;
  onnx::GraphProto& graph = *model.mutable_graph();
  add_constant(graph, "xs", 1, {}, {x_scale});
  add_constant(graph, "xz", 2, {}, {0});
  add_constant(graph, "w", 3, {1, static_cast<std::int64_t>(w.size()), 1, 1}, w);
  add_constant(graph, "ws", 1, {}, {1});
  add_constant(graph, "wz", 3, {}, {0});
  add_constant(graph, "ys", 1, {}, {y_scale});
  add_constant(graph, "yz", 2, {}, {0});
  add_constant(graph, "b", 6, {1}, {bias});
  onnx::NodeProto& node = *graph.add_node();
  node.set_op_type("QLinearConv");
  node.set_name("only");
  for (const char* name : {"x", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"}) node.add_input(name);
  node.add_output("y");
  const std::string path = folder / "model.onnx";
  kpu::write_file(path, model.SerializeAsString());
  return path;
}

}  // namespace

TEST_CASE("a layer from a .json: verdicts") {
  const TempFolder folder;
  Both kpu;
  const std::string path = written(folder, small());
  const LayerVerdict alone = check_layer_file(path, "", "", kpu.one());
  CHECK(alone.match);
  CHECK_THAT(alone.text, contains_text("output 1x2x3\nexact: 0 of 6 outputs differ; exact for all "
                                       "766 accumulators of 1 channels\nverdict: not compared"));
  const LayerVerdict both = check_layer_file(path, "litert-reference", "", kpu.two());
  CHECK_THAT(both.text, contains_text("litert-reference: ") &&
                            contains_text("RTL and golden model agree") &&
                            contains_text("verdict: match"));
  // (3 x + 1) / 2, ties to even.
  std::vector<std::uint8_t> y{0, 2, 4, 5, 6, 255};
  const std::vector<std::size_t> shape{1, 2, 3};
  save_npy(folder / "y.npy", y, shape);
  CHECK(check_layer_file(path, "", folder / "y.npy", kpu.one()).match);
  y[4] = 9;
  save_npy(folder / "y.npy", y, shape);
  const LayerVerdict wrong = check_layer_file(path, "", folder / "y.npy", kpu.one());
  CHECK_FALSE(wrong.match);
  CHECK_THAT(wrong.text, contains_text("1 of 6 values differ from") &&
                             contains_text("the first: (0, 1, 1): 6, expected 9") &&
                             contains_text("verdict: mismatch"));
  save_npy(folder / "y.npy", y, std::vector<std::size_t>{1, 3, 2});
  CHECK_THROWS_WITH(check_layer_file(path, "", folder / "y.npy", kpu.one()),
                    contains_text("y.npy: shape (1, 3, 2), expected (1, 2, 3)"));
}

TEST_CASE("a layer in the KPU's own terms, arrays beside the .json") {
  const TempFolder folder;
  Both kpu;
  const std::vector<std::uint8_t> x{10, 20, 30, 40};
  save_npy(folder / "x.npy", x, std::vector<std::size_t>{1, 2, 2});
  const nlohmann::json spec{{"x", "x.npy"},          {"w", {{{{2}}}}}, {"norm", {1, 1, 5}},
                            {"act", {{0, 1, 0, 0}}}, {"pool", "max2"}, {"pad_nearest", false}};
  save_npy(folder / "y.npy", std::vector<std::uint8_t>{45}, std::vector<std::size_t>{1, 1, 1});
  const LayerVerdict verdict =
      check_layer_file(written(folder, spec), "", folder / "y.npy", kpu.two());
  CHECK(verdict.match);
  CHECK_THAT(verdict.text, contains_text("output 1x1x1") && contains_text("verdict: match"));
}

TEST_CASE("a layer file is refused in one line that names file and argument") {
  const TempFolder folder;
  Both kpu;
  const auto refused = [&](const char* name, const nlohmann::json& value) {
    nlohmann::json spec = small();
    spec[name] = value;
    if (value == "missing") spec.erase(name);
    try {
      check_layer_file(written(folder, spec), "", "", kpu.one());
    } catch (const kpu::Error& error) {
      const std::string text = error.what();
      CHECK_THAT(text, contains_text("layer.json: "));
      return text;
    }
    return std::string("no error");
  };
  CHECK_THAT(refused("x", {{1, 2}, {3, 4}}), contains_text("x: shape (2, 2), expected C x H x W"));
  CHECK_THAT(refused("x", {{{1, 2}, {3}}}), contains_text("x: lists of different lengths"));
  CHECK_THAT(refused("x", {{{1, "a"}}}), contains_text("x: neither a number nor a list"));
  CHECK_THAT(refused("x", {{{1, 300}}}), contains_text("x: 300: expected 0..255"));
  CHECK_THAT(refused("x", {{{1, 0.5}}}), contains_text("x: of type f8, expected u1 or i1"));
  CHECK_THAT(refused("w", {{{{1, 2}}}}), contains_text("w: shape (1, 1, 1, 2), expected (O, 1, K"));
  CHECK_THAT(refused("x_scale", "missing"), contains_text("x_scale: is missing"));
  CHECK_THAT(refused("x_scale", {1, 2}), contains_text("x_scale: 2 values, expected one"));
  CHECK_THAT(refused("x_scale", "a"), contains_text("x_scale: a text, expected numbers"));
  CHECK_THAT(refused("bias", {0.5}), contains_text("bias: 0.5: expected a whole number"));
  CHECK_THAT(refused("pads", "full"), contains_text("pads: full: expected same, valid"));
  CHECK_THAT(refused("pads", {1, 2}), contains_text("pads: 2 values, expected 4"));
  CHECK_THAT(refused("stripes", 2), contains_text("stripes: expected one of activation, bias"));
  CHECK_THAT(refused("activation", "gelu"), contains_text("activation=gelu"));
  CHECK_THAT(refused("rounding", "tflite"), contains_text("rounding=tflite"));
  CHECK_THAT(refused("depthwise", 2), contains_text("depthwise: 2, expected true or false"));
  for (const char* text : {"", "{", "[1]", "PK", "PK\x03\x04 no archive"}) {
    kpu::write_file(folder / "bad.npz", text);
    CHECK_THROWS_AS(check_layer_file(folder / "bad.npz", "", "", kpu.one()), kpu::Error);
  }
  CHECK_THROWS_WITH(check_layer_file(folder / "none.npz", "", "", kpu.one()),
                    contains_text("none.npz"));
}

TEST_CASE("a recorded network: ONNX Runtime's codes between all layers") {
  std::ifstream stream(kRecorded + "branch.json");
  const nlohmann::json record = nlohmann::json::parse(stream);
  const std::vector<std::uint8_t> file = kpu::read_file(kRecorded + "branch.onnx");
  const kpu::compiler::OnnxLayers model(file, "", kpu::golden::quantised::Rule::kOnnxRuntime);
  REQUIRE(model.layers().size() == 3);
  const std::vector<double> image = record.at("image");
  const std::map<std::string, kpu::compiler::CodeTensor> codes = model.run(image);
  CHECK(codes.size() == record.at("codes").size());
  for (const auto& [name, text] : record.at("codes").items()) {
    CAPTURE(name);
    std::string got;
    for (std::int16_t code : codes.at(name).codes) got += fmt::format("{:02x}", code);
    CHECK(got == text.get<std::string>());
  }
  CHECK_THROWS_WITH(model.run(std::vector<double>(5)), contains_text("5 values, expected 192"));
}

TEST_CASE("a recorded network: the table") {
  const TempFolder folder;
  Both kpu;
  std::ifstream stream(kRecorded + "branch.json");
  const std::vector<float> image = nlohmann::json::parse(stream).at("image");
  std::vector<std::uint8_t> bytes(4 * image.size());
  std::memcpy(bytes.data(), image.data(), bytes.size());
  save_npy(folder / "image.npy", bytes, std::vector<std::size_t>{1, 3, 8, 8}, "f4");
  const LayerVerdict verdict =
      check_onnx_file(kRecorded + "branch.onnx", "", folder / "image.npy", kpu.two());
  CHECK(verdict.match);
  CHECK_THAT(verdict.text,
             contains_text("3 of 3 convolutions are bit-exact with onnxruntime for all inputs") &&
                 contains_text("0 of 3 layers differ") && !contains_text("random"));
  CHECK_THAT(verdict.text, contains_text("0 of 512") && contains_text("0 of 16"));
}

TEST_CASE("a model's differences have a cause") {
  const TempFolder folder;
  Both kpu;
  const auto table = [&](const std::string& path, const char* rounding) {
    return check_onnx_file(path, rounding, "", kpu.one()).text;
  };
  // 0.5 per accumulator, whole on the KPU: ties are met by every rule.
  const std::string even = one_weight(folder, {3}, 0.5, 1, 0);
  CHECK_THAT(table(even, "onnxruntime"), contains_text("1 of 1 convolutions are bit-exact"));
  // Products of two large weights saturate where there is no VNNI.
  const std::string large = one_weight(folder, {127, 127}, 0.01, 1, 0);
  CHECK_THAT(table(large, "onnxruntime-avx2"),
             contains_text("saturation") && contains_text("0 of 1 convolutions are bit-exact"));
  CHECK_THAT(table(large, "onnxruntime"), contains_text("1 of 1 convolutions are bit-exact"));
  // A bias beyond 2^24, where float32 loses bits.
  const std::string wide = one_weight(folder, {1}, 1.0 / 131072, 1, 16777217);
  CHECK_THAT(table(wide, "exact"), contains_text("bit-exact"));
  kpu::write_file(folder / "none.onnx", "no model");
  CHECK_THROWS_WITH(check_onnx_file(folder / "none.onnx", "", "", kpu.one()),
                    contains_text("none.onnx: no ONNX file"));
}
