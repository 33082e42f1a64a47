// SPDX-License-Identifier: Apache-2.0
//
// Networks that are quantised already. The file that comes out runs on the golden model and its
// codes are compared with those of ONNX Runtime's arithmetic (golden/quantised, which other tests
// compare with recorded results of that library): equal where the compiler claims it, and within
// what it claims elsewhere. Then what is refused.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "common/error.h"
#include "compiler/compile/compile.h"
#include "compiler/onnx_layers/onnx_layers.h"
#include "golden/fast/fast_backend.h"
#include "golden/kmodel/network.h"
#include "tests/compiler/onnx_file.h"
#include "tests/support/catch2.h"

using namespace kpu::compiler;

namespace {

using Words = std::vector<std::int32_t>;

Words random_words(std::int64_t count, int low, int high, unsigned seed) {
  std::mt19937 random(seed);
  Words words;
  for (std::int64_t i = 0; i < count; ++i) {
    words.push_back(low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1)));
  }
  return words;
}

/// Weights NAME and bias NAME_b as codes with a scale for each output channel.
void add_weights(OnnxFile& file, const std::string& name, const Dims& dims, float x_scale,
                 unsigned seed) {
  std::vector<float> scales, bias_scales;
  for (std::int64_t oc = 0; oc < dims[0]; ++oc) {
    scales.push_back(0.004f + 0.0007f * static_cast<float>(oc % 5));
    bias_scales.push_back(scales.back() * x_scale);
  }
  file.codes(name, kInt8, dims, random_words(element_count(dims), -127, 127, seed));
  file.codes(name + "_b", kInt32, {dims[0]}, random_words(dims[0], -2000, 2000, seed + 1));
  file.constant(name + "_ws", {dims[0]}, scales).constant(name + "_bs", {dims[0]}, bias_scales);
  file.codes(name + "_wz", kInt8, {dims[0]}, Words(dims[0], 0));
  file.codes(name + "_bz", kInt32, {dims[0]}, Words(dims[0], 0));
}

/// DequantizeLinear of weights and bias, a Conv, the activation, QuantizeLinear: codes `to` from
/// the real numbers `from`.
void add_qdq_conv(OnnxFile& file, const std::string& from, const std::string& weights,
                  const std::string& to, const std::string& activation, Attributes attributes) {
  const Attributes axis0{{"axis", std::int64_t{0}}};
  const std::string w = weights;
  file.node("DequantizeLinear", {w, w + "_ws", w + "_wz"}, w + "_real", axis0);
  file.node("DequantizeLinear", {w + "_b", w + "_bs", w + "_bz"}, w + "_breal", axis0);
  file.node("Conv", {from, w + "_real", w + "_breal"}, to + "_c", attributes);
  if (!activation.empty()) file.node(activation, {to + "_c"}, to + "_a");
  file.node("QuantizeLinear", {to + (activation.empty() ? "_c" : "_a"), to + "_s", to + "_z"}, to);
}

struct Ran {
  Compiled compiled;
  std::vector<std::vector<float>> outputs;
};

/// Compiles with one picture and runs another one on the golden model.
Ran run(const OnnxFile& file, const std::vector<std::uint8_t>& bytes,
        kpu::golden::quantised::Rule rule = kpu::golden::quantised::Rule::kOnnxRuntime) {
  const Graph graph = file.graph();
  std::vector<std::uint8_t> other(bytes.rbegin(), bytes.rend());
  const std::vector<std::vector<std::vector<std::uint8_t>>> pictures{{other}};
  CompileOptions options;
  options.rounding = rule;
  Ran ran{compile(graph, pictures, options), {}};
  const auto model = kpu::golden::load_model(ran.compiled.emitted.file);
  kpu::golden::fast::FastBackend backend;
  const auto result = kpu::golden::run_network(*model, {bytes}, backend);
  for (const auto& output : result.outputs) {
    ran.outputs.emplace_back(output.size() / 4);
    std::memcpy(ran.outputs.back().data(), output.data(), output.size());
  }
  for (const auto& layer : result.kpu_layers) CHECK(layer.range.ok());
  return ran;
}

std::vector<std::uint8_t> random_bytes(std::int64_t count, unsigned seed) {
  std::vector<std::uint8_t> bytes;
  for (std::int32_t word : random_words(count, 0, 255, seed)) {
    bytes.push_back(static_cast<std::uint8_t>(word));
  }
  return bytes;
}

/// Codes by ONNX Runtime's arithmetic, by tensor. `value` makes the model's input of a byte.
std::map<std::string, CodeTensor> reference(
    const OnnxFile& file, const std::vector<std::uint8_t>& bytes, float scale,
    kpu::golden::quantised::Rule rule = kpu::golden::quantised::Rule::kOnnxRuntime) {
  std::vector<double> values;
  for (std::uint8_t byte : bytes) values.push_back(static_cast<float>(byte) * scale);
  const OnnxLayers layers(file.bytes(), ".", rule);
  return layers.run(values);
}

/// Largest distance, in codes, of real numbers from the codes of a tensor.
int largest_difference(const std::vector<float>& got, const CodeTensor& wanted, float scale,
                       int zero) {
  REQUIRE(got.size() == wanted.codes.size());
  int largest = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const int code = static_cast<int>(std::lround(got[i] / scale)) + zero;
    largest = std::max(largest, std::abs(code - wanted.codes[i]));
  }
  return largest;
}

/// The check of the node that makes codes and stands last.
const CodeCheck& last_check(const Compiled& compiled) {
  REQUIRE(!compiled.network.checks.empty());
  return compiled.network.checks.rbegin()->second;
}

struct OneLayer {
  const char* name;
  Dims weights;
  Attributes attributes;
  std::string activation;
  float y_scale;
  int y_zero, type;
  bool exact = true;  ///< else float32 or the KPU's multiplier is too short for some accumulators
  bool runs_by_rule = true;  ///< golden/quantised has the layer as it is
};

}  // namespace

TEST_CASE("a QDQ model of one layer is proven exact and runs exact") {
  const Attributes same{{"pads", Ints{1, 1, 1, 1}}};
  const Attributes half{{"pads", Ints{1, 1, 1, 1}}, {"strides", Ints{2, 2}}};
  const Attributes depthwise{{"pads", Ints{1, 1, 1, 1}}, {"group", std::int64_t{6}}};
  const Attributes wide{{"pads", Ints{2, 2, 2, 2}}};
  for (const OneLayer& layer : std::vector<OneLayer>{
           {"3x3", {5, 6, 3, 3}, same, "", 0.021f, 121, kUint8},
           {"3x3 int8", {5, 6, 3, 3}, same, "", 0.021f, -7, kInt8},
           {"3x3 relu", {5, 6, 3, 3}, same, "Relu", 0.017f, 0, kUint8},
           {"3x3 relu, clamped", {5, 6, 3, 3}, same, "Relu", 0.017f, 40, kUint8, true, false},
           {"3x3 stride 2", {4, 6, 3, 3}, half, "Relu", 0.03f, 0, kUint8, false},
           {"1x1", {9, 6, 1, 1}, {}, "", 0.013f, 128, kUint8},
           {"depthwise", {6, 1, 3, 3}, depthwise, "", 0.009f, 3, kInt8},
           {"5x5", {4, 6, 5, 5}, wide, "Relu", 0.05f, 0, kUint8, false, false}}) {
    CAPTURE(layer.name);
    const float x_scale = 1.f / 255;
    OnnxFile file;
    file.input("x", {1, 6, 12, 10}).scheme("q", x_scale, 0, kUint8);
    file.scheme("y", layer.y_scale, layer.y_zero, layer.type);
    add_weights(file, "w", layer.weights, x_scale, 3);
    file.node("QuantizeLinear", {"x", "q_s", "q_z"}, "q");
    file.node("DequantizeLinear", {"q", "q_s", "q_z"}, "xr");
    add_qdq_conv(file, "xr", "w", "y", layer.activation, layer.attributes);
    file.node("DequantizeLinear", {"y", "y_s", "y_z"}, "out").output("out");
    const auto bytes = random_bytes(6 * 12 * 10, 11);
    const Ran ran = run(file, bytes);
    CHECK(ran.compiled.share.cpu == 0);
    const CodeCheck& check = last_check(ran.compiled);
    CAPTURE(check.claim);
    CHECK(check.exact == layer.exact);
    CHECK(check.claim.find(layer.exact ? "exact for all" : "differ, by at most 1") !=
          std::string::npos);
    CHECK(check.differing == 0);
    if (!layer.runs_by_rule) continue;
    CHECK(largest_difference(ran.outputs[0], reference(file, bytes, x_scale).at("y"), layer.y_scale,
                             layer.y_zero) == 0);
  }
}

TEST_CASE("QLinearConv with uint8 input and weights with zero points") {
  OnnxFile file;
  file.input("x", {1, 4, 9, 9}).scheme("x", 0.02f, 100, kUint8).scheme("y", 0.04f, 90, kUint8);
  file.model.mutable_graph()
      ->mutable_input(0)
      ->mutable_type()
      ->mutable_tensor_type()
      ->set_elem_type(kUint8);
  file.codes("w", kUint8, {3, 4, 3, 3}, random_words(108, 0, 255, 5));
  file.scheme("w", 1.f / 512, 130, kUint8);
  file.codes("b", kInt32, {3}, {500, -900, 20});
  file.node("QLinearConv", {"x", "x_s", "x_z", "w", "w_s", "w_z", "y_s", "y_z", "b"}, "y",
            {{"pads", Ints{1, 1, 1, 1}}});
  file.node("DequantizeLinear", {"y", "y_s", "y_z"}, "out").output("out");
  const auto bytes = random_bytes(4 * 81, 2);
  const Ran ran = run(file, bytes);
  CAPTURE(last_check(ran.compiled).claim);
  CHECK(last_check(ran.compiled).exact);
  CHECK(largest_difference(ran.outputs[0], reference(file, bytes, 1).at("y"), 0.04f, 90) == 0);
}

TEST_CASE("a chain with a pool, a residual sum and a classifier keeps the file's codes") {
  const float x_scale = 1.f / 255;
  OnnxFile file;
  file.input("x", {1, 3, 16, 16}).scheme("q", x_scale, 0, kUint8).scheme("a", 0.02f, 0, kUint8);
  file.scheme("b", 0.05f, 120, kUint8).scheme("c", 0.055f, 0, kUint8);
  file.scheme("p", 0.05f, 0, kUint8).scheme("l", 0.06f, 110, kUint8);
  add_weights(file, "w1", {8, 3, 3, 3}, x_scale, 21);
  add_weights(file, "w2", {8, 8, 3, 3}, 0.02f, 22);
  add_weights(file, "w3", {10, 8}, 0.05f, 23);
  const Attributes same{{"pads", Ints{1, 1, 1, 1}}};
  file.node("QuantizeLinear", {"x", "q_s", "q_z"}, "q");
  file.node("DequantizeLinear", {"q", "q_s", "q_z"}, "xr");
  add_qdq_conv(file, "xr", "w1", "a", "Relu", same);
  file.node("DequantizeLinear", {"a", "a_s", "a_z"}, "ar");
  file.node("MaxPool", {"ar"}, "m", {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
  file.node("QuantizeLinear", {"m", "a_s", "a_z"}, "mq");
  file.node("DequantizeLinear", {"mq", "a_s", "a_z"}, "mr");
  add_qdq_conv(file, "mr", "w2", "b", "", same);
  file.node("DequantizeLinear", {"b", "b_s", "b_z"}, "br");
  file.node("Add", {"mr", "br"}, "s").node("QuantizeLinear", {"s", "c_s", "c_z"}, "c");
  file.node("DequantizeLinear", {"c", "c_s", "c_z"}, "cr");
  file.node("GlobalAveragePool", {"cr"}, "g");
  file.node("QuantizeLinear", {"g", "p_s", "p_z"}, "p");
  file.node("DequantizeLinear", {"p", "p_s", "p_z"}, "pr").node("Flatten", {"pr"}, "f");
  file.node("DequantizeLinear", {"w3", "w3_ws", "w3_wz"}, "w3r", {{"axis", std::int64_t{0}}});
  file.node("DequantizeLinear", {"w3_b", "w3_bs", "w3_bz"}, "w3b", {{"axis", std::int64_t{0}}});
  file.node("Gemm", {"f", "w3r", "w3b"}, "h", {{"transB", std::int64_t{1}}});
  file.node("QuantizeLinear", {"h", "l_s", "l_z"}, "l");
  file.node("DequantizeLinear", {"l", "l_s", "l_z"}, "out").output("out").output("cr");
  const auto bytes = random_bytes(3 * 256, 77);
  const Ran ran = run(file, bytes);
  // Convolutions and classifier are proven; the sum is compared for all pairs of codes.
  int proven = 0, pairs = 0;
  for (const auto& [node, check] : ran.compiled.network.checks) {
    CAPTURE(check.claim);
    proven += check.exact && check.claim.starts_with("exact for all");
    if (check.claim.find("pairs of codes") != std::string::npos) {
      ++pairs;
      CHECK(check.largest <= 1);
    }
  }
  CHECK(proven >= 3);
  CHECK(pairs == 1);
  const auto wanted = reference(file, bytes, x_scale);
  CHECK(largest_difference(ran.outputs[1], wanted.at("c"), 0.055f, 0) <= 1);
  CHECK(ran.compiled.network.graph.outputs.size() == 2);
  CHECK(ran.compiled.network.output_snr_db > 40);
  CHECK(ran.outputs[0].size() == 10);
}

TEST_CASE("a sum of equal scales is exact where ties go to even") {
  OnnxFile file;
  file.input("x", {1, 4, 8, 8}).scheme("q", 1.f / 255, 0, kUint8).scheme("a", 0.01f, 100, kUint8);
  file.scheme("c", 0.02f, 100, kUint8);
  add_weights(file, "w1", {4, 4, 3, 3}, 1.f / 255, 1);
  add_weights(file, "w2", {4, 4, 1, 1}, 1.f / 255, 2);
  file.node("QuantizeLinear", {"x", "q_s", "q_z"}, "q");
  file.node("DequantizeLinear", {"q", "q_s", "q_z"}, "xr");
  file.scheme("b", 0.01f, 100, kUint8);
  add_qdq_conv(file, "xr", "w1", "a", "", {{"pads", Ints{1, 1, 1, 1}}});
  add_qdq_conv(file, "xr", "w2", "b", "", {});
  file.node("DequantizeLinear", {"a", "a_s", "a_z"}, "ar");
  file.node("DequantizeLinear", {"b", "b_s", "b_z"}, "br");
  file.node("Add", {"ar", "br"}, "s").node("QuantizeLinear", {"s", "c_s", "c_z"}, "c");
  file.node("DequantizeLinear", {"c", "c_s", "c_z"}, "out").output("out");
  const auto bytes = random_bytes(256, 4);
  using kpu::golden::quantised::Rule;
  for (const Rule rule : {Rule::kExact, Rule::kOnnxRuntime}) {
    const Ran ran = run(file, bytes, rule);
    const CodeCheck& check = last_check(ran.compiled);
    CAPTURE(check.claim);
    CHECK(check.claim == "exact for all 65536 pairs of codes");
    CHECK(check.differing == 0);
    CHECK(largest_difference(ran.outputs[0], reference(file, bytes, 1.f / 255, rule).at("c"), 0.02f,
                             100) == 0);
  }
}

TEST_CASE("QLinear operators of ONNX Runtime's domain, parts with codes of their own") {
  OnnxFile file;
  file.input("x", {1, 4, 8, 8}).scheme("q", 1.f / 255, 0, kUint8).scheme("y", 0.02f, 10, kUint8);
  file.scheme("z", 0.008f, 0, kUint8).scheme("k", 0.02f, 12, kUint8).scheme("o", 0.03f, 60, kUint8);
  file.codes("w", kInt8, {4, 4, 1, 1}, random_words(16, -127, 127, 8)).scheme("w", 0.01f, 0, kInt8);
  file.codes("v", kInt8, {8, 6}, random_words(48, -127, 127, 9)).scheme("v", 0.01f, 0, kInt8);
  file.node("QuantizeLinear", {"x", "q_s", "q_z"}, "q");
  file.node("QLinearConv", {"q", "q_s", "q_z", "w", "w_s", "w_z", "y_s", "y_z"}, "y");
  file.node("QLinearSigmoid", {"y", "y_s", "y_z", "z_s", "z_z"}, "z").domain("com.microsoft");
  file.node("QLinearConcat", {"k_s", "k_z", "y", "y_s", "y_z", "z", "z_s", "z_z"}, "k",
            {{"axis", std::int64_t{1}}});
  file.domain("com.microsoft");
  file.node("MaxPool", {"k"}, "m", {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
  file.node("QLinearGlobalAveragePool", {"m", "k_s", "k_z", "k_s", "k_z"}, "g",
            {{"channels_last", std::int64_t{0}}});
  file.domain("com.microsoft").whole("flat", {1, 8}).node("Reshape", {"g", "flat"}, "f");
  file.node("QLinearMatMul", {"f", "k_s", "k_z", "v", "v_s", "v_z", "o_s", "o_z"}, "o");
  file.node("DequantizeLinear", {"o", "o_s", "o_z"}, "out").output("out");
  const Ran ran = run(file, random_bytes(256, 6));
  CHECK(ran.outputs[0].size() == 6);
  CHECK(last_check(ran.compiled).exact);
  CHECK(ran.compiled.network.output_snr_db > 35);
}

TEST_CASE("bytes that are cast are numbers") {
  OnnxFile file;
  file.input("x", {1, 3, 8, 8}).random("w", {4, 3, 1, 1}, 0.01f);
  file.model.mutable_graph()
      ->mutable_input(0)
      ->mutable_type()
      ->mutable_tensor_type()
      ->set_elem_type(kUint8);
  file.node("Cast", {"x"}, "f", {{"to", std::int64_t{1}}})
      .node("Conv", {"f", "w"}, "y")
      .output("y");
  const Graph graph = file.graph();
  const std::vector<std::uint8_t> bytes = random_bytes(192, 1);
  CHECK(input_tensor(graph, 0, bytes, {}).data[5] == static_cast<float>(bytes[5]));
}

namespace {

struct Damage {
  const char* what;
  void (*make)(OnnxFile&);
};

/// A good file whose parts a damage replaces: constants are taken from the back.
OnnxFile good_file() {
  OnnxFile file;
  file.input("x", {1, 2, 6, 6}).scheme("q", 0.01f, 3, kUint8).scheme("y", 0.02f, 9, kUint8);
  file.codes("w", kInt8, {2, 2, 1, 1}, {1, -5, 7, 9}).scheme("w", 0.01f, 0, kInt8);
  file.node("QuantizeLinear", {"x", "q_s", "q_z"}, "q");
  file.node("QLinearConv", {"q", "q_s", "q_z", "w", "w_s", "w_z", "y_s", "y_z"}, "y");
  file.node("DequantizeLinear", {"y", "y_s", "y_z"}, "out").output("out");
  return file;
}

kpu::onnx::NodeProto& node_of(OnnxFile& file, int i) {
  return *file.model.mutable_graph()->mutable_node(i);
}

}  // namespace

TEST_CASE("what a quantised file must not say ends in one line") {
  const Damage damages[] = {
      {"scale",
       [](OnnxFile& f) { f.constant("bad", {}, {-1}), node_of(f, 0).set_input(1, "bad"); }},
      {"scale",
       [](OnnxFile& f) { f.constant("bad", {}, {NAN}), node_of(f, 1).set_input(4, "bad"); }},
      {"scales",
       [](OnnxFile& f) {
         f.constant("bad", {3}, {1, 1, 1}).codes("zz", kInt8, {3}, {0, 0, 0});
         node_of(f, 1).set_input(4, "bad"), node_of(f, 1).set_input(5, "zz");
       }},
      {"zero points",
       [](OnnxFile& f) {
         f.codes("zz", kInt8, {3}, {0, 0, 0}), node_of(f, 1).set_input(5, "zz");
       }},
      {"element type",
       [](OnnxFile& f) {
         f.codes("zz", 5, {}, {0}), node_of(f, 1).set_input(7, "zz");  // int16
       }},
      {"was made with", [](OnnxFile& f) { node_of(f, 2).set_input(1, "q_s"); }},
      {"expected codes", [](OnnxFile& f) { node_of(f, 1).set_input(0, "x"); }},
      {"DequantizeLinear in front", [](OnnxFile& f) { f.node("Relu", {"q"}, "r").output("r"); }},
      {"codes of several scales",
       [](OnnxFile& f) {
         f.node("Concat", {"q", "y"}, "r", {{"axis", std::int64_t{1}}}).output("r");
       }},
      {"missing", [](OnnxFile& f) { node_of(f, 1).set_input(6, ""); }},
      {"depends on the network's inputs", [](OnnxFile& f) { node_of(f, 1).set_input(3, "q"); }},
      {"bias with",
       [](OnnxFile& f) {
         f.codes("b", kInt32, {3}, {1, 2, 3}), node_of(f, 1).add_input("b");
       }},
      {"block_size",
       [](OnnxFile& f) {
         auto* attribute = node_of(f, 0).add_attribute();
         attribute->set_name("block_size"), attribute->set_i(32);
       }},
      {"domain", [](OnnxFile& f) { node_of(f, 1).set_domain("org.example"); }},
  };
  const OnnxFile good = good_file();
  CHECK_NOTHROW(good.graph());
  for (const Damage& damage : damages) {
    CAPTURE(damage.what);
    OnnxFile file = good_file();
    damage.make(file);
    std::string text;
    try {
      file.graph();
    } catch (const kpu::Error& error) {
      text = error.what();
    }
    CAPTURE(text);
    CHECK(text.find(damage.what) != std::string::npos);
    CHECK(text.starts_with("node '"));
    CHECK(text.find('\n') == std::string::npos);
  }
}
