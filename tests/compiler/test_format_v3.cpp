// SPDX-License-Identifier: Apache-2.0
//
// kmodel v3 as output: a chain gives the same codes as the v4 file, 16-bit weights come nearer the
// float network, and what the format has no place for is refused in one line.
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "common/error.h"
#include "compiler/compile/compile.h"
#include "compiler/graph/executor.h"
#include "golden/fast/fast_backend.h"
#include "golden/kmodel/network.h"
#include "tests/compiler/onnx_file.h"
#include "tests/support/catch2.h"

using namespace kpu::compiler;

namespace {

/// Convolutions with a fused pool, a depthwise one and a 1x1, and a softmax over the last image.
OnnxFile chain(bool softmax) {
  OnnxFile file;
  file.input("x", {1, 3, 16, 16}).random("w1", {8, 3, 3, 3}, 0.3f).random("w2", {8, 1, 3, 3}, 0.4f);
  file.random("w3", {5, 8, 1, 1}, 0.4f).random("b", {5}, 0.2f).whole("flat", {1, 320});
  Attributes depthwise = kSame;
  depthwise.emplace_back("group", std::int64_t{8});
  file.node("Conv", {"x", "w1"}, "a", kSame).node("Relu", {"a"}, "r");
  file.node("MaxPool", {"r"}, "p", {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
  file.node("Conv", {"p", "w2"}, "d", depthwise).node("LeakyRelu", {"d"}, "e");
  file.node("Conv", {"e", "w3", "b"}, "f");
  if (!softmax) return file.output("f");
  file.node("Reshape", {"f", "flat"}, "g").node("Softmax", {"g"}, "s", {{"axis", std::int64_t{1}}});
  return file.output("s");
}

const std::vector<std::uint8_t> kPicture = [] {
  std::vector<std::uint8_t> bytes;
  for (float x : random_input({1, 3, 16, 16}, 3).data) {
    bytes.push_back(static_cast<std::uint8_t>(x * 255));
  }
  return bytes;
}();

struct Ran {
  Compiled compiled;
  std::vector<float> output;
  bool eight_bit;
};

Ran run(const OnnxFile& file, Format format, int bits) {
  CompileOptions options;
  options.format = format;
  options.weight_bits = bits;
  options.rule = RangeRule::kMinMax;
  const std::vector<std::vector<std::vector<std::uint8_t>>> pictures{{kPicture}};
  Ran ran{compile(file.graph(), pictures, options), {}, true};
  const auto model = kpu::golden::load_model(ran.compiled.emitted.file);
  ran.eight_bit = model->info().eight_bit;
  kpu::golden::fast::FastBackend backend;
  const auto result = kpu::golden::run_network(*model, {kPicture}, backend);
  ran.output.resize(result.outputs.at(0).size() / 4);
  std::memcpy(ran.output.data(), result.outputs[0].data(), result.outputs[0].size());
  for (const auto& layer : result.kpu_layers) CHECK(layer.range.ok());
  return ran;
}

std::string refusal(const OnnxFile& file, Format format, int bits) {
  try {
    run(file, format, bits);
  } catch (const kpu::Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a chain as v3 gives what it gives as v4") {
  for (const bool softmax : {false, true}) {
    const Ran v4 = run(chain(softmax), Format::kV4, 8), v3 = run(chain(softmax), Format::kV3, 8);
    CHECK(v3.compiled.emitted.file[0] == 3);
    CHECK(v3.eight_bit);
    REQUIRE(v3.output.size() == v4.output.size());
    CHECK(score(v4.output, v3.output).snr_db > 100);  // the formats dequantize in another order
    CHECK(v3.compiled.emitted.ai_ram_lines <= v4.compiled.emitted.ai_ram_lines);
  }
}

TEST_CASE("16-bit weights come nearer the float network") {
  const OnnxFile file = chain(false);
  const Ran narrow = run(file, Format::kV3, 8), wide = run(file, Format::kV3, 16);
  CHECK(!wide.eight_bit);
  const auto wanted =
      run_graph(file.graph(), std::vector{input_tensor(file.graph(), 0, kPicture, {})});
  const double before = score(wanted[0].data, narrow.output).snr_db;
  const double after = score(wanted[0].data, wide.output).snr_db;
  CAPTURE(before, after);
  CHECK(after > before + 0.5);
  CHECK(after > wide.compiled.network.output_snr_db - 0.5);
}

TEST_CASE("what v3 has no place for is refused") {
  OnnxFile two = chain(false);
  two.output("r");
  CHECK(refusal(two, Format::kV3, 8).find("2 outputs") != std::string::npos);
  OnnxFile sum;
  sum.input("x", {1, 3, 16, 16}).random("w", {3, 3, 3, 3}, 0.2f);
  sum.node("Conv", {"x", "w"}, "a", kSame).node("Add", {"a", "x"}, "y").output("y");
  CHECK(refusal(sum, Format::kV3, 8).find("chain of KPU layers") != std::string::npos);
  CHECK(refusal(chain(false), Format::kV4, 16).find("16-bit weights") != std::string::npos);
}
