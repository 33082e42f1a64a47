// SPDX-License-Identifier: Apache-2.0
//
// The repository's own detector: the committed kmodel is what the compiler makes of the committed
// ONNX file, and at the default threshold the golden model finds most of what was drawn into the
// held-back scenes and nothing else. Files come from train/, which this test does not need.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "common/files.h"
#include "compiler/compile/compile.h"
#include "golden/fast/fast_backend.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/network.h"
#include "sim/vision/image.h"
#include "sim/vision/image_io.h"
#include "sim/vision/post.h"
#include "sim/vision/presets.h"
#include "tests/support/catch2.h"

namespace golden = kpu::golden;
namespace sim = kpu::sim;

namespace {

std::string file(const std::string& name) { return KPU_SOURCE_DIR "/examples/detector/" + name; }

std::string text(const std::string& path) {
  const std::vector<std::uint8_t> bytes = kpu::read_file(path);
  return {bytes.begin(), bytes.end()};
}

/// A picture as the network takes it: planes R, G, B.
std::vector<std::uint8_t> planes(const std::string& path) {
  const sim::Image image = sim::load_image(path, 3);
  const std::size_t pixels = image.data.size() / 3;
  std::vector<std::uint8_t> bytes(image.data.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i % 3 * pixels + i / 3] = image.data[i];
  return bytes;
}

/// What was drawn: picture, then class and box of each object (truth.csv).
std::map<std::string, std::vector<sim::Detection>> read_truth(
    const std::vector<std::string>& labels) {
  std::map<std::string, std::vector<sim::Detection>> truth;
  std::istringstream lines(text(file("scenes/truth.csv")));
  std::string line;
  std::getline(lines, line);  // names of the columns
  while (std::getline(lines, line)) {
    std::vector<std::string> cells;
    std::istringstream row(line);
    for (std::string cell; std::getline(row, cell, ',');) cells.push_back(cell);
    REQUIRE(cells.size() == 6);
    const auto label = std::find(labels.begin(), labels.end(), cells[1]);
    REQUIRE(label != labels.end());
    sim::Detection object;
    object.class_index = static_cast<std::size_t>(label - labels.begin());
    object.x = std::stof(cells[2]);
    object.y = std::stof(cells[3]);
    object.width = std::stof(cells[4]);
    object.height = std::stof(cells[5]);
    truth[cells[0]].push_back(object);
  }
  return truth;
}

std::vector<sim::Detection> detect(const golden::Model& model, const std::string& picture) {
  golden::fast::FastBackend backend;
  const golden::RunResult result = golden::run_network(model, {planes(picture)}, backend);
  REQUIRE(result.outputs.size() == 1);
  std::vector<float> values(result.outputs[0].size() / sizeof(float));
  std::memcpy(values.data(), result.outputs[0].data(), values.size() * sizeof(float));
  const sim::Yolo2Spec spec{.channels = static_cast<int>(values.size() / (15 * 20)),
                            .height = 15,
                            .width = 20,
                            .anchors = sim::parse_anchors(text(file("anchors.txt")))};
  return sim::decode_yolo2(values, spec);
}

}  // namespace

TEST_CASE("the detector's kmodel is what the compiler makes of its ONNX file") {
  const kpu::compiler::Graph graph = kpu::compiler::load_onnx(file("detector.onnx"));
  std::vector<std::vector<std::vector<std::uint8_t>>> pictures;
  for (int i = 0; i < 8; ++i) {
    pictures.push_back({planes(file(fmt::format("calibration/scene_{:04}.png", i)))});
  }
  const kpu::compiler::Compiled compiled = kpu::compiler::compile(graph, pictures, {});
  CHECK(compiled.share.cpu == 0);
  INFO(
      "after a change of the compiler: make detector-update, and make detector-map for the README");
  CHECK((compiled.emitted.file == kpu::read_file(file("detector.kmodel"))));
}

TEST_CASE("the detector finds most objects of the held-back scenes, and nothing else") {
  const std::vector<std::string> labels = sim::read_labels(file("labels.txt"));
  const auto model = golden::load_model(kpu::read_file(file("detector.kmodel")));
  const auto truth = read_truth(labels);
  REQUIRE(truth.size() == 4);
  std::size_t objects_seen = 0;
  for (const auto& [name, objects] : truth) {
    INFO(name);
    const std::vector<sim::Detection> found = detect(*model, file("scenes/" + name));
    for (const sim::Detection& box : found) {
      INFO(fmt::format("{} at {:.2f} {:.2f}", labels[box.class_index], box.x, box.y));
      CHECK(std::any_of(objects.begin(), objects.end(), [&](const sim::Detection& object) {
        return box.class_index == object.class_index &&
               sim::intersection_over_union(box, object) > 0.5f;
      }));
    }
    objects_seen += found.size();
  }
  CHECK(objects_seen >= 16);  // of 22; 18 when the scenes were committed
}
