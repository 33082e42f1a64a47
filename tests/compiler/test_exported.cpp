// SPDX-License-Identifier: Apache-2.0
//
// Files as today's exporters write them (exported/, with the scripts that made them): the graph
// that is read gives the exporting framework's own results, and the file compiles and stays near
// it.
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "compiler/compile/compile.h"
#include "compiler/graph/executor.h"
#include "golden/fast/fast_backend.h"
#include "golden/kmodel/network.h"
#include "tests/support/catch2.h"

using namespace kpu::compiler;

namespace {

const std::filesystem::path kFolder =
    std::filesystem::path(KPU_SOURCE_DIR) / "tests" / "compiler" / "exported";

/// Lines of numbers.
std::vector<std::vector<float>> read_lines(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<std::vector<float>> lines;
  for (std::string line; std::getline(file, line);) {
    std::istringstream text(line);
    lines.emplace_back();
    for (float value = 0; text >> value;) lines.back().push_back(value);
  }
  return lines;
}

void check_file(const std::string& name, const std::string& exporter, double least_db) {
  CAPTURE(name, exporter);
  const Graph graph = load_onnx((kFolder / (name + "." + exporter + ".onnx")).string());
  const std::int64_t count = element_count(graph.dims(graph.inputs[0]));
  std::vector<std::uint8_t> picture;
  for (std::int64_t i = 0; i < count; ++i) {
    picture.push_back(static_cast<std::uint8_t>(i * 7919 % 256));
  }
  const auto outputs = run_graph(graph, std::vector{input_tensor(graph, 0, picture, {})});
  const auto wanted = read_lines(kFolder / (name + ".txt"));
  REQUIRE(outputs.size() == wanted.size());
  for (std::size_t o = 0; o < wanted.size(); ++o) {
    REQUIRE(!wanted[o].empty());
    for (std::size_t i = 0; i < wanted[o].size(); ++i) {
      CHECK(std::fabs(outputs[o].data.at(i) - wanted[o][i]) <
            1e-4f + 1e-4f * std::fabs(wanted[o][i]));
    }
  }
  const std::vector<std::vector<std::vector<std::uint8_t>>> pictures{{picture}};
  const Compiled compiled = compile(graph, pictures, {});
  CHECK(compiled.share.kpu > 20 * compiled.share.cpu);
  const auto model = kpu::golden::load_model(compiled.emitted.file);
  kpu::golden::fast::FastBackend backend;
  const auto result = kpu::golden::run_network(*model, pictures[0], backend);
  REQUIRE(result.outputs.size() == outputs.size());
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    std::vector<float> got(result.outputs[o].size() / 4);
    std::memcpy(got.data(), result.outputs[o].data(), result.outputs[o].size());
    CHECK(score(outputs[o].data, got).snr_db > least_db);
  }
}

}  // namespace

TEST_CASE("PyTorch's exporters: depthwise layers, a residual sum, a classifier") {
  for (const char* exporter : {"dynamo", "torchscript"}) check_file("classifier", exporter, 30);
}

TEST_CASE("PyTorch's exporters: gates, a shuffle, functions of many kinds") {
  for (const char* exporter : {"dynamo", "torchscript"}) check_file("gates", exporter, 30);
}

TEST_CASE("PyTorch's exporters: heads, resizes, a wide and a dilated kernel") {
  for (const char* exporter : {"dynamo", "torchscript"}) check_file("heads", exporter, 28);
}

TEST_CASE("tf2onnx: channels last, with transposes around convolutions") {
  check_file("keras", "tf2onnx", 28);
}
