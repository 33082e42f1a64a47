// SPDX-License-Identifier: Apache-2.0
//
// The repository's own network and picture: the committed files are what the code makes, and the
// network's output on the golden model stays what it was when it was looked at.
#include <filesystem>
#include <string>

#include "common/files.h"
#include "common/fnv1a.h"
#include "examples/edge_network.h"
#include "examples/scene.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/network.h"
#include "golden/kpu/golden_backend.h"
#include "sim/vision/image_io.h"
#include "sim/vision/network_input.h"
#include "tests/support/catch2.h"

namespace golden = kpu::golden;

namespace {

std::string example(const char* name) { return std::string(KPU_SOURCE_DIR "/examples/") + name; }

}  // namespace

TEST_CASE("committed example files are those that make_examples writes") {
  CHECK(kpu::read_file(example("edges.kmodel")) == kpu::examples::make_edge_network());
  const kpu::sim::Image scene = kpu::sim::load_image(example("scene.png"), 3);
  CHECK(scene.data == kpu::examples::make_scene().data);
}

TEST_CASE("example network gives the output that was looked at") {
  const auto model = golden::load_model(kpu::examples::make_edge_network());
  const kpu::sim::Input input = kpu::sim::load_input(
      example("scene.png"), {3, static_cast<int>(kpu::examples::kEdgeInputHeight),
                             static_cast<int>(kpu::examples::kEdgeInputWidth), 1});
  golden::GoldenBackend backend;
  const golden::RunResult result = golden::run_network(*model, {input.bytes}, backend);
  REQUIRE(result.kpu_layers.size() == 5);
  for (const golden::KpuLayerResult& layer : result.kpu_layers) CHECK(layer.range.ok());
  REQUIRE(result.outputs.size() == 1);
  CHECK(kpu::fnv1a64(result.outputs[0]) == 0xb8dfd9869d1eae6full);
}
