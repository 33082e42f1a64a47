// SPDX-License-Identifier: Apache-2.0
//
// What the reader makes of operators whose attributes moved or changed between opsets, and of
// arithmetic on shapes, against values worked out by hand.
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "common/error.h"
#include "compiler/graph/executor.h"
#include "tests/compiler/onnx_file.h"
#include "tests/support/catch2.h"

using namespace kpu::compiler;

namespace {

/// The single output for an input 0, 1, 2, ..
Tensor run(const OnnxFile& file) {
  const Graph graph = file.graph();
  Tensor input{graph.dims(graph.inputs[0]), {}, false};
  for (std::int64_t i = 0; i < element_count(input.dims); ++i) {
    input.data.push_back(static_cast<float>(i));
  }
  return run_graph(graph, std::vector<Tensor>{input})[0];
}

}  // namespace

TEST_CASE("shapes computed by the network are constants") {
  OnnxFile file;
  file.input("x", {1, 2, 3, 4}).whole("zero", {0}).whole("axes", {0}).whole("rest", {-1});
  file.node("Shape", {"x"}, "s").node("Gather", {"s", "zero"}, "n", {{"axis", std::int64_t{0}}});
  file.node("Concat", {"n", "rest"}, "to", {{"axis", std::int64_t{0}}});
  file.node("Reshape", {"x", "to"}, "y").output("y");
  CHECK(run(file).dims == Dims{1, 24});
}

TEST_CASE("a tile is copies side by side") {
  OnnxFile file;
  file.input("x", {1, 2, 2}).whole("r", {1, 2, 3}).node("Tile", {"x", "r"}, "y").output("y");
  CHECK(run(file).dims == Dims{1, 4, 6});
  CHECK(run(file).data ==
        std::vector<float>{0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3});
}

TEST_CASE("a symbolic batch is one picture") {
  OnnxFile file;
  file.input("x", {1, 2}).node("Relu", {"x"}, "y").output("y");
  auto* dim = file.model.mutable_graph()
                  ->mutable_input(0)
                  ->mutable_type()
                  ->mutable_tensor_type()
                  ->mutable_shape()
                  ->mutable_dim(0);
  dim->clear_dim_value();
  dim->set_dim_param("batch");
  CHECK(run(file).dims == Dims{1, 2});
}

TEST_CASE("slices by attribute, by input, backwards") {
  OnnxFile old(9);
  old.input("x", {1, 5})
      .node("Slice", {"x"}, "y", {{"starts", Ints{1}}, {"ends", Ints{-1}}, {"axes", Ints{1}}});
  CHECK(run(old.output("y")).data == std::vector<float>{1, 2, 3});
  OnnxFile now;
  now.input("x", {1, 5})
      .whole("b", {-1})
      .whole("e", {-9999999999})
      .whole("a", {1})
      .whole("s", {-2});
  now.node("Slice", {"x", "b", "e", "a", "s"}, "y").output("y");
  CHECK(run(now).data == std::vector<float>{4, 2, 0});
}

TEST_CASE("pools that round up count what lies inside") {
  OnnxFile file;
  file.input("x", {1, 1, 3, 3});
  file.node(
      "AveragePool", {"x"}, "y",
      {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}, {"ceil_mode", std::int64_t{1}}});
  CHECK(run(file.output("y")).data == std::vector<float>{2, 3.5f, 6.5f, 8});
}

TEST_CASE("automatic padding puts the odd row behind, or in front") {
  for (const bool upper : {true, false}) {
    const std::string mode = upper ? "SAME_UPPER" : "SAME_LOWER";
    OnnxFile file;
    file.input("x", {1, 1, 1, 4}).constant("w", {1, 1, 1, 2}, {1, 10});
    file.node("Conv", {"x", "w"}, "y", {{"auto_pad", mode}}).output("y");
    CHECK(run(file).data ==
          (upper ? std::vector<float>{10, 21, 32, 3} : std::vector<float>{0, 10, 21, 32}));
  }
}

TEST_CASE("split, with and without sizes") {
  OnnxFile file;
  file.input("x", {1, 5}).whole("sizes", {2, 3});
  file.node("Split", {"x", "sizes"}, "a", {{"axis", std::int64_t{1}}});
  file.more_output("b");
  CHECK(run(file.output("b")).data == std::vector<float>{2, 3, 4});
}

TEST_CASE("products with matrices on either side of a transpose") {
  OnnxFile file;
  file.input("x", {1, 2, 3}).constant("w", {3, 2}, {1, 0, 0, 1, 1, 1});
  file.node("MatMul", {"x", "w"}, "y").output("y");
  CHECK(run(file).data == std::vector<float>{2, 3, 8, 9});
}

TEST_CASE("softmax before opset 13 runs over all axes behind its own") {
  OnnxFile old(11);
  old.input("x", {1, 2, 2}).node("Softmax", {"x"}, "y", {{"axis", std::int64_t{1}}}).output("y");
  float sum = 0;
  for (float x : run(old).data) sum += x;
  CHECK(std::fabs(sum - 1) < 1e-5f);
}

TEST_CASE("half floats and external data are read") {
  OnnxFile file;
  file.input("x", {1, 2});
  kpu::onnx::TensorProto* half = file.model.mutable_graph()->add_initializer();
  half->set_name("h");
  half->set_data_type(10);
  half->add_dims(1);
  half->set_raw_data("\x00\xC1", 2);  // -2.5
  file.node("Add", {"x", "h"}, "y").output("y");
  CHECK(run(file).data == std::vector<float>{-2.5f, -1.5f});
}
