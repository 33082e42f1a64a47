// SPDX-License-Identifier: Apache-2.0
//
// What the quantiser says of a network is what the file then gives: the KPU's arithmetic in its own
// loops equals the golden model's over random tables, and for one picture the signal to noise it
// predicts is the golden model's, in networks where channels have scales of their own and share
// them through concatenations, pools and resizes.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "compiler/compile/compile.h"
#include "compiler/graph/executor.h"
#include "compiler/quant/choose_codes.h"
#include "compiler/quant/two_lines.h"
#include "golden/fast/fast_backend.h"
#include "golden/kmodel/network.h"
#include "tests/compiler/onnx_file.h"
#include "tests/support/catch2.h"

using namespace kpu::compiler;

namespace {

const Attributes kPool2{{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}};

/// Compiles for one picture and compares what was predicted for it with the golden model.
Compiled check_prediction(const Graph& graph, RangeRule rule) {
  std::vector<std::uint8_t> bytes;
  const Dims& dims = graph.dims(graph.inputs[0]);
  for (float x : random_input(dims, 5).data) bytes.push_back(static_cast<std::uint8_t>(x * 255));
  const std::vector<std::vector<std::vector<std::uint8_t>>> pictures{{bytes}};
  CompileOptions options;
  options.rule = rule;
  Compiled compiled = compile(graph, pictures, options);
  const auto wanted = run_graph(graph, std::vector{input_tensor(graph, 0, bytes, {})});
  kpu::golden::fast::FastBackend backend;
  const auto model = kpu::golden::load_model(compiled.emitted.file);
  const auto result = kpu::golden::run_network(*model, pictures[0], backend);
  double snr = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    std::vector<float> got(result.outputs[i].size() / 4);
    std::memcpy(got.data(), result.outputs[i].data(), result.outputs[i].size());
    snr += score(wanted[i].data, got).snr_db / static_cast<double>(wanted.size());
  }
  CHECK(std::fabs(snr - compiled.network.output_snr_db) < 1e-3);
  CHECK(snr > 20);
  return compiled;
}

/// Values of images made by KPU layers whose channels have scales of their own.
std::size_t images_with_own_scales(const Quantised& network) {
  std::size_t count = 0;
  for (const auto& [index, tables] : network.tables) {
    std::set<float> scales;
    for (const Codes& codes : network.codes[network.graph.nodes[index].output]) {
      scales.insert(codes.scale);
    }
    count += scales.size() > 1;
  }
  return count;
}

}  // namespace

TEST_CASE("the quantiser's arithmetic is the golden model's") {
  std::mt19937 random(3);
  const auto below = [&](std::int64_t most) { return static_cast<std::int64_t>(random() % most); };
  for (int round = 0; round < 200; ++round) {
    KpuTables tables;
    std::vector<std::int64_t> starts;
    for (std::size_t i = 0; i < kpu::golden::kSegments; ++i) {
      starts.push_back(below(1 << 30) - (1 << 29));
    }
    std::sort(starts.begin(), starts.end());
    starts[0] = -(std::int64_t{1} << 35);
    if (round % 3 == 0) starts[6] = starts[5];
    for (std::size_t i = 0; i < kpu::golden::kSegments; ++i) {
      tables.act[i] = {.x_start = starts[i],
                       .y_mul = static_cast<std::int32_t>(below(65535) - 32767),
                       .shift = static_cast<std::uint32_t>(below(32)),
                       .bias = static_cast<std::uint8_t>(below(256))};
    }
    const kpu::golden::BatchNorm norm{.mul = static_cast<std::int32_t>(below(1 << 21)) - (1 << 20),
                                      .add = static_cast<std::int32_t>(below(1 << 28)),
                                      .shift = static_cast<std::uint32_t>(below(16))};
    std::vector<float> sums;
    for (int i = 0; i < 64; ++i) sums.push_back(static_cast<float>(below(1 << 22) - (1 << 21)));
    std::vector<float> codes = sums;
    kpu_codes(tables, norm, codes);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      const auto sum = static_cast<std::int64_t>(sums[i]);
      REQUIRE(codes[i] == kpu::golden::activate(tables.act, kpu::golden::normalize(sum, norm), {}));
    }
  }
}

TEST_CASE("codes round halves away from zero and stay inside") {
  std::mt19937 random(4);
  for (int i = 0; i < 20000; ++i) {
    const Codes codes{0.25f, static_cast<std::int32_t>(random() % 256)};
    const float x = (static_cast<float>(random() % 8001) - 4000) / 32;
    const float wanted = std::round(x / codes.scale + static_cast<float>(codes.zero));
    REQUIRE(codes.code(x) == std::clamp(wanted, 0.f, 255.f));
  }
}

TEST_CASE("functions of two lines are found and fitted without error") {
  CHECK(two_lines(Function(), -1, 1)->function().is_identity());
  CHECK(two_lines(Function::relu(), 0, 9));
  CHECK(std::fabs(two_lines(Function::leaky({0.1f}), -1, 9)->down - 0.1f) < 1e-6f);
  CHECK(two_lines(Function::clip(0, 6), 0, 6)->most == 6.f);
  CHECK(!two_lines(Function::clip(-1, 1), -1, 1));
  CHECK(!two_lines(Function::sigmoid(), 0, 1));
  CHECK(!two_lines(Function::hard_sigmoid(0.2f, 0.5f), 0, 1));
  CHECK(fit_two_lines(*two_lines(Function::clip(0, 6), 0, 6), -9, codes_for(0, 6)));
  CHECK(!fit_two_lines(*two_lines(Function::clip(0, 6), 0, 6), -9, codes_for(0, 8)));
}

TEST_CASE("a skip connection through pools, resizes and concatenations") {
  OnnxFile file;
  file.input("x", {1, 3, 16, 16}).random("w1", {8, 3, 3, 3}, 0.4f).random("w2", {8, 8, 3, 3}, 0.2f);
  file.random("w3", {8, 16, 3, 3}, 0.2f).random("w4", {8, 8, 1, 1}, 0.4f);
  file.random("w5", {4, 16, 1, 1}, 0.4f).constant("scales", {4}, {1, 1, 2, 2});
  file.node("Conv", {"x", "w1"}, "a", kSame).node("Relu", {"a"}, "b");
  file.node("Conv", {"b", "w4"}, "b1").node("Relu", {"b1"}, "b2");
  file.node("MaxPool", {"b"}, "c", kPool2).node("Conv", {"c", "w2"}, "d", kSame);
  file.node("Relu", {"d"}, "e").node("Resize", {"e", "", "scales"}, "f");
  file.node("Concat", {"f", "b"}, "g", {{"axis", std::int64_t{1}}});
  file.node("Conv", {"g", "w3"}, "h", kSame).node("LeakyRelu", {"h"}, "i");
  file.node("Concat", {"i", "b2"}, "j", {{"axis", std::int64_t{1}}});
  file.node("Conv", {"j", "w5"}, "k").output("k");
  for (RangeRule rule : kRangeRules) {
    CHECK(images_with_own_scales(check_prediction(file.graph(), rule).network) >= 2);
  }
}

TEST_CASE("channels of unlike size in front of depthwise layers, and a shuffle") {
  OnnxFile file;
  file.input("x", {1, 3, 16, 16}).random("w1", {8, 3, 1, 1}, 0.5f).random("w2", {8, 1, 3, 3}, 0.4f);
  file.random("w3", {4, 8, 1, 1}, 0.4f).constant("zero", {}, {0}).constant("six", {}, {6});
  std::vector<float> factors;
  for (int c = 0; c < 8; ++c) factors.push_back(std::ldexp(8.f, -c));
  file.constant("m", {1, 8, 1, 1}, factors)
      .whole("s", {1, 2, 4, 16, 16})
      .whole("t", {1, 8, 16, 16});
  file.node("Conv", {"x", "w1"}, "a").node("Mul", {"a", "m"}, "b");
  file.node("Clip", {"b", "zero", "six"}, "c");
  Attributes depthwise = kSame;
  depthwise.emplace_back("group", std::int64_t{8});
  file.node("Conv", {"c", "w2"}, "d", depthwise).node("Relu", {"d"}, "e");
  file.node("Reshape", {"e", "s"}, "f");
  file.node("Transpose", {"f"}, "g", {{"perm", Ints{0, 2, 1, 3, 4}}});
  file.node("Reshape", {"g", "t"}, "h").node("Conv", {"h", "w3"}, "i").output("i");
  const Compiled compiled = check_prediction(file.graph(), RangeRule::kMinMax);
  CHECK(images_with_own_scales(compiled.network) >= 1);
  // In front of the last layer the scales are those of the depthwise layer's result, shuffled.
  const Graph& graph = compiled.network.graph;
  const std::vector<bool> as_codes = made_as_codes(graph);
  const std::vector<std::vector<Tensor>> inputs{{random_input(graph.dims(graph.inputs[0]), 5)}};
  const std::vector<Codes> bytes{{1.f / 255, 0}};
  const auto codes =
      choose_all_codes(graph, observe(graph, inputs), as_codes, RangeRule::kMinMax, 1, bytes);
  const ValueCodes& shuffled = codes[graph.nodes.back().inputs[0]];
  REQUIRE(shuffled.size() == 8);
  const auto maker = std::find_if(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) {
    const auto* conv = std::get_if<Conv>(&node.op);
    return conv != nullptr && conv->depthwise();
  });
  REQUIRE(maker != graph.nodes.end());
  const ValueCodes& plain = codes[maker->output];
  REQUIRE(plain.size() == 8);
  for (std::size_t c = 0; c < 8; ++c) CHECK(shuffled[c] == plain[c % 2 * 4 + c / 2]);
}

TEST_CASE("the network's input beside signed values keeps no code for them") {
  OnnxFile file;
  file.input("x", {1, 2, 8, 8}).random("w", {3, 2, 3, 3}, 0.6f);
  file.node("Conv", {"x", "w"}, "a", kSame);
  file.node("Concat", {"x", "a"}, "b", {{"axis", std::int64_t{1}}}).output("b");
  CHECK(check_prediction(file.graph(), RangeRule::kMinMax).network.output_snr_db > 38);
}
