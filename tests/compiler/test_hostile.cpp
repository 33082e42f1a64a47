// SPDX-License-Identifier: Apache-2.0
//
// Files that are damaged, or say what the compiler does not do, end in one line that names the
// place; nothing crashes and nothing large is allocated. Truncations and random bytes besides.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "common/error.h"
#include "compiler/lower/lower.h"
#include "compiler/onnx/onnx_reader.h"
#include "tests/compiler/onnx_file.h"
#include "tests/support/catch2.h"

using namespace kpu::compiler;

namespace {

OnnxFile small() {
  OnnxFile file;
  file.input("x", {1, 3, 8, 8}).random("w", {4, 3, 3, 3}, 0.2f);
  return file;
}

std::string message(const OnnxFile& file) {
  try {
    lower(file.graph());
  } catch (const kpu::Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("every refusal is one line that names the node and the reason") {
  struct Case {
    std::function<void(OnnxFile&)> build;
    const char* expected;
  };
  const std::vector<Case> cases = {
      {[](OnnxFile& f) { f.node("Einsum", {"x"}, "y"); }, "node 'y' (Einsum): operator is not"},
      {[](OnnxFile& f) { f.node("Relu", {"z"}, "y"); }, "'z': no node before makes it"},
      {[](OnnxFile& f) { f.node("Relu", {"y"}, "y"); }, "'y': no node before makes it"},
      {[](OnnxFile& f) {
         f.node("Relu", {"b"}, "a").node("Relu", {"a"}, "b").node("Relu", {"b"}, "y");
       },
       "'b': no node before makes it"},
      {[](OnnxFile& f) {
         f.node("Add", {"x", "gone"}, "y");
       },
       "'gone': no node before makes it"},
      {[](OnnxFile& f) { f.node("Conv", {"x"}, "y"); }, "input 1 is missing"},
      {[](OnnxFile& f) {
         f.node("Conv", {"x", "x"}, "y");
       },
       "weights 'x' depends on"},
      {[](OnnxFile& f) {
         f.node("Conv", {"x", "w"}, "y", {{"strides", Ints{0, 1}}});
       },
       "strides=0"},
      {[](OnnxFile& f) {
         f.node("Conv", {"x", "w"}, "y", {{"strides", Ints{1, 1, 1}}});
       },
       "strides with 3 entries"},
      {[](OnnxFile& f) {
         f.node("Conv", {"x", "w"}, "y", {{"pads", Ints{-1, 0, 0, 0}}});
       },
       "pads=-1"},
      {[](OnnxFile& f) {
         f.node("Conv", {"x", "w"}, "y", {{"pads", Ints{1, 1, 1, 9999999999}}});
       },
       "pads=9999999999"},
      {[](OnnxFile& f) {
         f.node("Conv", {"x", "w"}, "y", {{"group", std::int64_t{2}}});
       },
       "group=2 for 3 input channels"},
      {[](OnnxFile& f) {
         f.node("Conv", {"x", "w"}, "y", {{"group", std::int64_t{0}}});
       },
       "group=0"},
      {[](OnnxFile& f) {
         f.node("Conv", {"x", "w"}, "y", {{"fancy", std::int64_t{1}}});
       },
       "attribute fancy"},
      {[](OnnxFile& f) {
         f.whole("s", {7, -1}).node("Reshape", {"x", "s"}, "y");
       },
       "does not divide"},
      {[](OnnxFile& f) {
         f.whole("s", {1LL << 40, 1LL << 40}).node("ConstantOfShape", {"s"}, "y");
       },
       "expected axes of 0 to"},
      {[](OnnxFile& f) {
         f.whole("s", {60000, 60000}).node("ConstantOfShape", {"s"}, "y");
       },
       "elements"},
      {[](OnnxFile& f) {
         f.constant("c", {2, 2}, {1}).node("Relu", {"c"}, "y");
       },
       "1 elements, expected 4"},
      {[](OnnxFile& f) { f.constant("x", {1}, {1}).node("Relu", {"x"}, "y"); },
       "graph with 0 inputs"},
      {[](OnnxFile& f) { f.constant("w", {1}, {1}).node("Relu", {"x"}, "y"); }, "made twice"},
      {[](OnnxFile& f) {
         f.node("Softmax", {"x"}, "y", {{"axis", std::int64_t{7}}});
       },
       "axis 7"},
      {[](OnnxFile& f) {
         f.node("MaxPool", {"x"}, "y", {{"kernel_shape", Ints{9, 9}}});
       },
       "expected a window that fits"},
      {[](OnnxFile& f) {
         f.model.mutable_opset_import(0)->set_version(7);
         f.node("Relu", {"x"}, "y");
       },
       "opset 7: expected 9 or newer"},
      {[](OnnxFile& f) {
         f.model.mutable_graph()
             ->mutable_input(0)
             ->mutable_type()
             ->mutable_tensor_type()
             ->mutable_shape()
             ->mutable_dim(0)
             ->set_dim_value(4);
         f.node("Relu", {"x"}, "y");
       },
       "batch of 4"},
      {[](OnnxFile& f) {
         f.model.mutable_graph()
             ->mutable_input(0)
             ->mutable_type()
             ->mutable_tensor_type()
             ->mutable_shape()
             ->mutable_dim(2)
             ->clear_dim_value();
         f.node("Relu", {"x"}, "y");
       },
       "axis 2 is symbolic"},
      {[](OnnxFile& f) {
         auto* tensor = f.model.mutable_graph()->mutable_initializer(0);
         tensor->set_data_location(1);
         auto* entry = tensor->add_external_data();
         entry->set_key("location");
         entry->set_value("../../etc/passwd");
         f.node("Relu", {"x"}, "y");
       },
       "expected a file beside the network"},
  };
  for (const Case& c : cases) {
    OnnxFile file = small();
    c.build(file);
    file.output("y");
    const std::string text = message(file);
    INFO(text);
    CHECK(text.find(c.expected) != std::string::npos);
    CHECK(text.find('\n') == std::string::npos);
  }
}

TEST_CASE("truncated and scrambled files end in an error or in a graph") {
  OnnxFile file = small();
  file.node("Conv", {"x", "w"}, "a", {{"pads", Ints{1, 1, 1, 1}}}).node("Relu", {"a"}, "y");
  const std::vector<std::uint8_t> whole = file.output("y").bytes();
  std::mt19937 random(11);
  std::size_t refused = 0;
  for (int i = 0; i < 600; ++i) {
    std::vector<std::uint8_t> bytes = whole;
    if (i % 2 == 0) bytes.resize(random() % whole.size());
    for (int k = 0; k < 1 + i % 4 && !bytes.empty(); ++k) {
      bytes[random() % std::min<std::size_t>(bytes.size(), 160)] =
          static_cast<std::uint8_t>(random());
    }
    try {
      lower(read_onnx(bytes, "."));
    } catch (const kpu::Error&) {
      ++refused;
    }
  }
  CHECK(refused > 300);
}
