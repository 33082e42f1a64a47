// SPDX-License-Identifier: Apache-2.0
//
// Every rewrite keeps what the network computes: random graphs, the float reference of the graph
// against the float reference of the lowered graph, to rounding. Convolutions of every kernel,
// stride, dilation, padding and group a KPU layer can be made of, and some it cannot.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "compiler/graph/executor.h"
#include "compiler/lower/lower.h"
#include "compiler/quant/quantise.h"
#include "tests/compiler/onnx_file.h"
#include "tests/support/catch2.h"

using namespace kpu::compiler;

namespace {

/// Signal to noise of the lowered graph against the graph itself.
double lowered_snr(const Graph& graph, const Graph& lowered) {
  std::vector<Tensor> inputs;
  for (ValueId id : graph.inputs) inputs.push_back(random_input(graph.dims(id), 3));
  const auto wanted = run_graph(graph, inputs), got = run_graph(lowered, inputs);
  double least = 200;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    REQUIRE(wanted[i].dims == got[i].dims);
    least = std::min(least, score(wanted[i].data, got[i].data).snr_db);
  }
  return least;
}

std::size_t kpu_layers(const Graph& graph) {
  std::size_t count = 0;
  for (const Node& node : graph.nodes) {
    const auto* conv = std::get_if<Conv>(&node.op);
    count += conv != nullptr && conv->on_kpu;
  }
  return count;
}

struct ConvCase {
  std::string name;
  Dims in;
  Dims weights;
  Attributes attributes;
  std::size_t layers = 1;  ///< KPU layers expected
};

OnnxFile conv_file(const ConvCase& c) {
  OnnxFile file;
  file.input("x", c.in).random("w", c.weights, 0.2f).random("b", {c.weights[0]}, 0.2f);
  file.node("Conv", {"x", "w", "b"}, "y", c.attributes).node("Relu", {"y"}, "z").output("z");
  return file;
}

}  // namespace

TEST_CASE("convolutions of every form keep their result on the KPU") {
  const std::vector<ConvCase> cases = {
      {"3x3", {1, 5, 9, 11}, {7, 5, 3, 3}, {{"pads", Ints{1, 1, 1, 1}}}},
      {"3x3 valid", {1, 5, 9, 11}, {7, 5, 3, 3}, {}},
      {"3x3 full", {1, 5, 9, 11}, {7, 5, 3, 3}, {{"pads", Ints{2, 2, 2, 2}}}},
      {"3x3 stride 2",
       {1, 4, 10, 12},
       {6, 4, 3, 3},
       {{"pads", Ints{1, 1, 1, 1}}, {"strides", Ints{2, 2}}}},
      {"3x3 stride 2 odd",
       {1, 4, 11, 13},
       {6, 4, 3, 3},
       {{"pads", Ints{1, 1, 1, 1}}, {"strides", Ints{2, 2}}}},
      {"3x3 stride 2 after",
       {1, 4, 10, 12},
       {6, 4, 3, 3},
       {{"pads", Ints{0, 0, 1, 1}}, {"strides", Ints{2, 2}}}},
      {"3x3 stride 2 valid", {1, 4, 11, 12}, {6, 4, 3, 3}, {{"strides", Ints{2, 2}}}},
      {"3x3 stride 3",
       {1, 4, 13, 14},
       {6, 4, 3, 3},
       {{"pads", Ints{1, 1, 1, 1}}, {"strides", Ints{3, 3}}}},
      {"3x3 strides 2, 1",
       {1, 4, 13, 14},
       {6, 4, 3, 3},
       {{"pads", Ints{1, 1, 1, 1}}, {"strides", Ints{2, 1}}}},
      {"4x4 stride 4", {1, 3, 16, 20}, {8, 3, 4, 4}, {{"strides", Ints{4, 4}}}},
      {"1x1", {1, 5, 9, 11}, {7, 5, 1, 1}, {}},
      {"1x1 stride 2 odd", {1, 5, 9, 11}, {7, 5, 1, 1}, {{"strides", Ints{2, 2}}}},
      {"1x1 stride 3", {1, 5, 13, 14}, {7, 5, 1, 1}, {{"strides", Ints{3, 3}}}},
      {"1x1 padded", {1, 5, 9, 11}, {7, 5, 1, 1}, {{"pads", Ints{1, 2, 1, 2}}}},
      {"2x2", {1, 5, 9, 11}, {7, 5, 2, 2}, {{"pads", Ints{0, 0, 1, 1}}}},
      {"5x5", {1, 4, 9, 11}, {6, 4, 5, 5}, {{"pads", Ints{2, 2, 2, 2}}}},
      {"5x5 stride 2",
       {1, 4, 12, 14},
       {6, 4, 5, 5},
       {{"pads", Ints{2, 2, 2, 2}}, {"strides", Ints{2, 2}}}},
      {"7x7 stride 2",
       {1, 3, 20, 22},
       {6, 3, 7, 7},
       {{"pads", Ints{3, 3, 3, 3}}, {"strides", Ints{2, 2}}}},
      {"dilation 2",
       {1, 4, 12, 14},
       {6, 4, 3, 3},
       {{"pads", Ints{2, 2, 2, 2}}, {"dilations", Ints{2, 2}}}},
      {"dilation 3",
       {1, 4, 12, 14},
       {6, 4, 3, 3},
       {{"pads", Ints{3, 3, 3, 3}}, {"dilations", Ints{3, 3}}}},
      {"1x7", {1, 4, 9, 11}, {6, 4, 1, 7}, {{"pads", Ints{0, 3, 0, 3}}}},
      {"7x1", {1, 4, 9, 11}, {6, 4, 7, 1}, {{"pads", Ints{3, 0, 3, 0}}}},
      {"1x3", {1, 4, 9, 11}, {6, 4, 1, 3}, {{"pads", Ints{0, 1, 0, 1}}}},
      {"groups",
       {1, 8, 9, 11},
       {6, 4, 3, 3},
       {{"pads", Ints{1, 1, 1, 1}}, {"group", std::int64_t{2}}}},
      {"depthwise",
       {1, 6, 9, 11},
       {6, 1, 3, 3},
       {{"pads", Ints{1, 1, 1, 1}}, {"group", std::int64_t{6}}}},
      {"depthwise stride 2",
       {1, 6, 10, 12},
       {6, 1, 3, 3},
       {{"pads", Ints{1, 1, 1, 1}}, {"strides", Ints{2, 2}}, {"group", std::int64_t{6}}}},
      {"depthwise 5x5",
       {1, 6, 9, 11},
       {6, 1, 5, 5},
       {{"pads", Ints{2, 2, 2, 2}}, {"group", std::int64_t{6}}}},
      {"depthwise multiplied",
       {1, 3, 9, 11},
       {6, 1, 3, 3},
       {{"pads", Ints{1, 1, 1, 1}}, {"group", std::int64_t{3}}}},
      {"one pixel", {1, 6, 1, 1}, {7, 6, 1, 1}, {}},
      {"3 rows", {1, 6, 3, 3}, {7, 6, 3, 3}, {{"pads", Ints{1, 1, 1, 1}}}},
      {"many outputs", {1, 6, 4, 4}, {1100, 6, 1, 1}, {}, 2},
      {"large image", {1, 16, 160, 200}, {16, 16, 3, 3}, {{"pads", Ints{1, 1, 1, 1}}}, 1},
      {"larger than AI RAM", {1, 64, 160, 200}, {16, 64, 3, 3}, {{"pads", Ints{1, 1, 1, 1}}}, 2},
      {"too many inputs", {1, 1100, 4, 4}, {6, 1100, 1, 1}, {}, 0},
  };
  for (const ConvCase& c : cases) {
    INFO(c.name);
    const Graph graph = conv_file(c).graph();
    const Graph lowered = lower(graph);
    CHECK(lowered_snr(graph, lowered) > 110);
    CHECK(kpu_layers(lowered) == c.layers);
  }
}

TEST_CASE("a chain of layers needs nothing in between") {
  OnnxFile file;
  file.input("x", {1, 3, 32, 32}).random("w", {8, 3, 3, 3}, 0.2f).random("v", {12, 8, 1, 1}, 0.2f);
  file.constant("scale", {8}, {1, 2, 3, 4, 5, 6, 7, 8}).random("beta", {8}, 0.1f);
  file.random("mean", {8}, 0.1f).constant("var", {8}, {1, 1, 2, 2, 3, 3, 4, 4});
  file.node("Conv", {"x", "w"}, "a", {{"pads", Ints{1, 1, 1, 1}}});
  file.node("BatchNormalization", {"a", "scale", "beta", "mean", "var"}, "b");
  file.node("MaxPool", {"b"}, "c", {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
  file.node("LeakyRelu", {"c"}, "d").node("Conv", {"d", "v"}, "e").node("Sigmoid", {"e"}, "f");
  file.output("f");
  const Graph graph = file.graph(), lowered = lower(graph);
  CHECK(lowered_snr(graph, lowered) > 110);
  CHECK(lowered.nodes.size() == 2);
  CHECK(kpu_layers(lowered) == 2);
}

TEST_CASE("hard-swish as four nodes, sums and depthwise strides become KPU layers") {
  OnnxFile file;
  file.input("x", {1, 8, 16, 16}).random("w", {8, 8, 3, 3}, 0.1f).random("v", {8, 1, 3, 3}, 0.3f);
  file.random("u", {8, 8, 1, 1}, 0.3f);
  file.constant("three", {}, {3}).constant("zero", {}, {0}).constant("six", {}, {6});
  file.node("Conv", {"x", "w"}, "a", {{"pads", Ints{1, 1, 1, 1}}});
  file.node("Add", {"a", "three"}, "b").node("Clip", {"b", "zero", "six"}, "c");
  file.node("Mul", {"a", "c"}, "d").node("Div", {"d", "six"}, "e");
  file.node("Add", {"e", "x"}, "f").node("Relu", {"f"}, "g");
  file.node("Conv", {"g", "v"}, "h",
            {{"pads", Ints{1, 1, 1, 1}}, {"strides", Ints{2, 2}}, {"group", std::int64_t{8}}});
  file.node("Conv", {"h", "u"}, "i").output("i");
  const Graph graph = file.graph(), lowered = lower(graph);
  CHECK(lowered_snr(graph, lowered) > 110);
  // Convolution, sum, depthwise, 1x1 with the subsampling; besides them only the concatenation.
  CHECK(kpu_layers(lowered) == 4);
  CHECK(lowered.nodes.size() == 5);
}

TEST_CASE("PRelu becomes two halves and their sum") {
  OnnxFile file;
  file.input("x", {1, 3, 8, 8}).random("w", {6, 3, 3, 3}, 0.3f).random("s", {6, 1, 1}, 0.3f);
  file.node("Conv", {"x", "w"}, "a", {{"pads", Ints{1, 1, 1, 1}}}).node("PRelu", {"a", "s"}, "b");
  file.output("b");
  const Graph graph = file.graph(), lowered = lower(graph);
  CHECK(lowered_snr(graph, lowered) > 100);
  CHECK(kpu_layers(lowered) == 2);
}

TEST_CASE("operators for the CPU keep their result in the runtime's operations") {
  const auto check = [](OnnxFile& file, double least = 100) {
    file.output("y");
    const Graph graph = file.graph();
    CHECK(lowered_snr(graph, lower(graph)) > least);
  };
  const auto image = [](std::int64_t opset = 13) {
    OnnxFile file(opset);
    file.input("x", {1, 4, 6, 8});
    return file;
  };
  SECTION("softmax over channels") {
    OnnxFile file = image();
    check(file.node("Softmax", {"x"}, "y", {{"axis", std::int64_t{1}}}));
  }
  SECTION("depth to space and back") {
    OnnxFile file = image();
    file.node("DepthToSpace", {"x"}, "a", {{"blocksize", std::int64_t{2}}});
    check(file.node("SpaceToDepth", {"a"}, "y", {{"blocksize", std::int64_t{2}}}));
  }
  SECTION("channel shuffle") {
    OnnxFile file = image();
    file.whole("s", {1, 2, 2, 6, 8}).whole("t", {1, 4, 6, 8});
    file.node("Reshape", {"x", "s"}, "a")
        .node("Transpose", {"a"}, "b", {{"perm", Ints{0, 2, 1, 3, 4}}});
    check(file.node("Reshape", {"b", "t"}, "y"));
  }
  SECTION("resizes") {
    for (const char* mode : {"nearest", "linear", "cubic"}) {
      for (const char* coordinates : {"half_pixel", "asymmetric", "align_corners"}) {
        OnnxFile file = image();
        file.constant("scales", {4}, {1, 1, 2, 1.5f});
        check(file.node("Resize", {"x", "", "scales"}, "y",
                        {{"mode", std::string(mode)},
                         {"coordinate_transformation_mode", std::string(coordinates)}}));
      }
    }
  }
  SECTION("borders") {
    for (const char* mode : {"edge", "reflect", "constant"}) {
      OnnxFile file = image();
      file.whole("pads", {0, 0, 2, 1, 0, 0, 1, 3});
      check(file.node("Pad", {"x", "pads"}, "y", {{"mode", std::string(mode)}}));
    }
  }
  SECTION("mean with its padding counted") {
    OnnxFile file = image();
    check(file.node("AveragePool", {"x"}, "y",
                    {{"kernel_shape", Ints{3, 3}},
                     {"pads", Ints{1, 1, 1, 1}},
                     {"count_include_pad", std::int64_t{1}}}));
  }
  SECTION("transposed convolution with a bias") {
    OnnxFile file = image();
    file.random("w", {4, 5, 3, 3}, 0.3f).random("b", {5}, 0.3f);
    check(file.node(
        "ConvTranspose", {"x", "w", "b"}, "y",
        {{"strides", Ints{2, 2}}, {"pads", Ints{1, 1, 1, 1}}, {"output_padding", Ints{1, 1}}}));
  }
}
