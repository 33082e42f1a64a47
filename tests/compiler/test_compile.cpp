// SPDX-License-Identifier: Apache-2.0
//
// The whole way: networks of each family compiled, loaded by the kmodel reader and run on the
// golden model. The file's result equals what the quantiser predicted, and is near the float
// network: 8-bit codes of every layer leave more than 25 dB in networks this shallow.
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
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

using Picture = std::vector<std::vector<std::uint8_t>>;

const Attributes kHalf{{"pads", Ints{1, 1, 1, 1}}, {"strides", Ints{2, 2}}};
const Attributes kPool2{{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}};

std::vector<Picture> pictures_for(const Graph& graph, int count) {
  std::vector<Picture> pictures;
  for (int i = 0; i < count; ++i) {
    Picture picture;
    for (ValueId id : graph.inputs) {
      std::vector<std::uint8_t> bytes;
      for (float x : random_input(graph.dims(id), 100 + i).data) {
        bytes.push_back(static_cast<std::uint8_t>(x * 255 + 0.5f));
      }
      picture.push_back(std::move(bytes));
    }
    pictures.push_back(std::move(picture));
  }
  return pictures;
}

std::vector<float> as_floats(const std::vector<std::uint8_t>& bytes) {
  std::vector<float> values(bytes.size() / 4);
  std::memcpy(values.data(), bytes.data(), values.size() * 4);
  return values;
}

/// Compiles, runs on the golden model, and compares with the float network.
void check_network(const Graph& graph, double least_db, bool all_on_kpu = true) {
  const auto pictures = pictures_for(graph, 3);
  const Compiled compiled = compile(graph, pictures, {});
  CHECK(compile(graph, pictures, {}).emitted.file == compiled.emitted.file);
  if (all_on_kpu) CHECK(compiled.share.cpu == 0);
  const auto model = kpu::golden::load_model(compiled.emitted.file);
  kpu::golden::fast::FastBackend backend;
  for (const Picture& picture : pictures) {
    std::vector<Tensor> inputs;
    for (std::size_t i = 0; i < picture.size(); ++i) {
      inputs.push_back(input_tensor(graph, i, picture[i], {}));
    }
    const auto wanted = run_graph(graph, inputs);
    const auto result = kpu::golden::run_network(*model, picture, backend);
    REQUIRE(result.outputs.size() == wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const std::vector<float> got = as_floats(result.outputs[i]);
      REQUIRE(got.size() == wanted[i].size());
      const double snr = score(wanted[i].data, got).snr_db;
      CHECK(snr > least_db);
      CHECK(snr > compiled.network.output_snr_db - 6);  // the mean over pictures and outputs
    }
    for (const auto& layer : result.kpu_layers) CHECK(layer.range.ok());
  }
}

}  // namespace

TEST_CASE("a plain chain with pools and a classifier") {
  OnnxFile file;
  file.input("x", {1, 3, 32, 32}).random("w1", {8, 3, 3, 3}, 0.3f).random("b1", {8}, 0.1f);
  file.random("w2", {16, 8, 3, 3}, 0.2f).random("w3", {10, 16}, 0.3f).random("b3", {10}, 0.1f);
  file.node("Conv", {"x", "w1", "b1"}, "a", kSame).node("Relu", {"a"}, "b");
  file.node("MaxPool", {"b"}, "c", kPool2).node("Conv", {"c", "w2"}, "d", kHalf);
  file.node("LeakyRelu", {"d"}, "e").node("GlobalAveragePool", {"e"}, "f");
  file.node("Flatten", {"f"}, "g");
  file.node("Gemm", {"g", "w3", "b3"}, "h", {{"transB", std::int64_t{1}}});
  file.node("Softmax", {"h"}, "i", {{"axis", std::int64_t{1}}}).output("i").output("h");
  check_network(file.graph(), 28);
}

TEST_CASE("a residual block and a depthwise block") {
  OnnxFile file;
  file.input("x", {1, 3, 32, 32})
      .random("w1", {16, 3, 3, 3}, 0.3f)
      .random("w2", {16, 16, 3, 3}, 0.15f);
  file.random("w3", {16, 1, 3, 3}, 0.5f).random("w4", {24, 16, 1, 1}, 0.3f);
  file.constant("zero", {}, {0}).constant("six", {}, {6});
  file.node("Conv", {"x", "w1"}, "a", kHalf).node("Relu", {"a"}, "b");
  file.node("Conv", {"b", "w2"}, "c", kSame).node("Add", {"b", "c"}, "d").node("Relu", {"d"}, "e");
  Attributes depthwise = kHalf;
  depthwise.emplace_back("group", std::int64_t{16});
  file.node("Conv", {"e", "w3"}, "f", depthwise).node("Clip", {"f", "zero", "six"}, "g");
  file.node("Conv", {"g", "w4"}, "h").output("h");
  check_network(file.graph(), 26);
}

TEST_CASE("two heads with an upsampling and a concatenation") {
  OnnxFile file;
  file.input("x", {1, 3, 32, 32})
      .random("w1", {16, 3, 3, 3}, 0.3f)
      .random("w2", {32, 16, 3, 3}, 0.15f);
  file.random("w3", {8, 32, 1, 1}, 0.2f)
      .random("w4", {12, 24, 3, 3}, 0.1f)
      .random("w5", {6, 32, 1, 1}, 0.2f);
  file.constant("scales", {4}, {1, 1, 2, 2});
  file.node("Conv", {"x", "w1"}, "a", kHalf).node("LeakyRelu", {"a"}, "b");
  file.node("MaxPool", {"b"}, "c", kPool2).node("Conv", {"c", "w2"}, "d", kSame);
  file.node("Sigmoid", {"d"}, "s").node("Mul", {"d", "s"}, "e");
  file.node("Conv", {"e", "w3"}, "f").node("Resize", {"f", "", "scales"}, "g");
  file.node("Concat", {"g", "b"}, "h", {{"axis", std::int64_t{1}}});
  file.node("Conv", {"h", "w4"}, "i", kSame).node("Conv", {"e", "w5"}, "j").output("i").output("j");
  check_network(file.graph(), 26);
}

TEST_CASE("squeeze and excite, a 5x5 kernel and a shuffle") {
  OnnxFile file;
  file.input("x", {1, 4, 16, 16})
      .random("w1", {8, 4, 5, 5}, 0.15f)
      .random("w2", {4, 8, 1, 1}, 0.5f);
  file.random("w3", {8, 4, 1, 1}, 0.7f).random("w4", {6, 8, 3, 3}, 0.2f);
  file.whole("s", {1, 2, 4, 16, 16}).whole("t", {1, 8, 16, 16});
  file.node("Conv", {"x", "w1"}, "a", {{"pads", Ints{2, 2, 2, 2}}}).node("Relu", {"a"}, "b");
  file.node("GlobalAveragePool", {"b"}, "c")
      .node("Conv", {"c", "w2"}, "d")
      .node("Relu", {"d"}, "e");
  file.node("Conv", {"e", "w3"}, "f").node("HardSigmoid", {"f"}, "g").node("Mul", {"b", "g"}, "h");
  file.node("Reshape", {"h", "s"}, "i")
      .node("Transpose", {"i"}, "j", {{"perm", Ints{0, 2, 1, 3, 4}}});
  file.node("Reshape", {"j", "t"}, "k").node("Conv", {"k", "w4"}, "l", kSame).output("l");
  check_network(file.graph(), 24);
}

TEST_CASE("slopes for each channel behind another function") {
  OnnxFile file;
  file.input("x", {1, 3, 16, 16}).random("w", {6, 3, 3, 3}, 0.3f).random("v", {4, 6, 1, 1}, 0.4f);
  file.constant("slopes", {6, 1, 1}, {0.1f, 0.2f, 0.3f, 0.05f, 0.5f, 0.25f});
  file.node("Conv", {"x", "w"}, "a", kSame).node("HardSwish", {"a"}, "b");
  file.node("PRelu", {"b", "slopes"}, "c").node("Conv", {"c", "v"}, "d").output("d");
  check_network(file.graph(), 28);
}

TEST_CASE("operators that run on the CPU in float") {
  OnnxFile file;
  file.input("x", {1, 4, 12, 12}).random("w", {4, 6, 2, 2}, 0.3f).random("b", {6}, 0.2f);
  file.random("v", {6, 6, 3, 3}, 0.2f).constant("scales", {4}, {1, 1, 0.5f, 0.5f});
  file.node("MaxPool", {"x"}, "a",
            {{"kernel_shape", Ints{3, 3}}, {"strides", Ints{2, 2}}, {"pads", Ints{1, 1, 1, 1}}});
  file.node("ConvTranspose", {"a", "w", "b"}, "c", {{"strides", Ints{2, 2}}});
  file.node("Conv", {"c", "v"}, "d", kSame);
  file.node("Resize", {"d", "", "scales"}, "e", {{"mode", std::string("linear")}}).output("e");
  check_network(file.graph(), 26, false);
}

TEST_CASE("two inputs, a tensor constant, and a picture with a mean") {
  OnnxFile file;
  file.input("x", {1, 4, 8, 8}).input("z", {1, 4, 8, 8}).random("w", {4, 4, 3, 3}, 0.3f);
  file.random("grid", {1, 1, 8, 8}, 1.f);
  file.node("Conv", {"x", "w"}, "a", kSame).node("Sub", {"a", "z"}, "b");
  file.node("Add", {"b", "grid"}, "c").output("c").output("b");
  check_network(file.graph(), 30);
}
