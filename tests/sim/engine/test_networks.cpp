// SPDX-License-Identifier: Apache-2.0
//
// Whole networks on the RTL: every KPU layer to the bit, by the example network against the golden
// model and, with the optional data, by real networks and 80 random ones against the vendor's own
// simulators. Single modes are the business of the RTL's own tests; here they meet in the
// sequences, layouts and sizes that compilers produce. The same runs check the counters.
#include <cstddef>
#include <cstdint>
#include <string>

#include "common/files.h"
#include "common/fnv1a.h"
#include "examples/edge_network.h"
#include "examples/scene.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/network.h"
#include "golden/kpu/golden_backend.h"
#include "sim/engine/counters.h"
#include "sim/engine/engine_run.h"
#include "sim/engine/rtl_backend.h"
#include "sim/engine/traffic_check.h"
#include "sim/model/configuration.h"
#include "sim/model/schedule.h"
#include "sim/vision/image_io.h"
#include "sim/vision/network_input.h"
#include "tests/support/catch2.h"
#include "tests/support/expected_data.h"
#include "tests/support/shared_data.h"

using namespace kpu::sim;
namespace golden = kpu::golden;
using kpu::test::ExpectedRun;

namespace {

/// Every cycle of a layer is in one state, and the array is busy for as many cycles as the products
/// need at least; of layers that have the hardware's counters.
void check_counters(const golden::KpuLayerResult& layer, bool eight_bit) {
  CHECK(counter_value(layer.counters, "cycles") > 0);
  if (!layer.counters.contains("array_busy")) return;
  std::uint64_t sum = 0;
  for (const CycleState& state : kCycleStates) sum += counter_value(layer.counters, state.counter);
  CHECK(sum == counter_value(layer.counters, "cycles"));
  CHECK(counter_value(layer.counters, "array_busy") >=
        array_bound(layer.args, eight_bit, built_configuration()));
}

void check_run(const ExpectedRun& expected, RtlKpu& rtl) {
  INFO(expected.name);
  const auto model = golden::load_model(kpu::read_file(expected.model.string()));
  const auto layers = model->info().kpu_layers();
  const std::uint64_t fetched_before = rtl.traffic().at("kpu").read_bytes;
  const golden::RunResult result = golden::run_network(*model, {expected.input}, rtl);
  std::uint64_t beats = 0;
  REQUIRE(result.kpu_layers.size() == expected.kpu_layers.size());
  for (std::size_t i = 0; i < expected.kpu_layers.size(); ++i) {
    INFO("KPU layer " << i);
    CHECK(kpu::fnv1a64(result.kpu_layers[i].output) == expected.kpu_layers[i]);
    CHECK(result.kpu_layers[i].range.ok());
    check_counters(result.kpu_layers[i], model->info().eight_bit);
    CHECK(traffic_difference(result.kpu_layers[i].counters, layers[i].args, model->info().eight_bit, layers[i].to_main_memory,
                             layers[i].batches, built_configuration()) == "");
    beats += counter_value(result.kpu_layers[i].counters, "parameter_beats");
  }
  if (KPU_TRAFFIC != 0) CHECK(8 * beats == rtl.traffic().at("kpu").read_bytes - fetched_before);
  // Behind the KPU layers the same code runs as on the golden model.
  golden::GoldenBackend reference;
  CHECK(result.outputs == golden::run_network(*model, {expected.input}, reference).outputs);
}

void check_networks(const std::string& part) {
  KPU_SHARED_OR_SKIP(shared);
  const auto rtl = make_rtl_backend({});
  for (const ExpectedRun& run : kpu::test::expected_runs(shared, part)) check_run(run, *rtl);
}

}  // namespace

TEST_CASE("example network on both engines") {
  const auto model = golden::load_model(kpu::examples::make_edge_network());
  const Input input = load_input(KPU_SOURCE_DIR "/examples/scene.png", {3, 192, 256, 1});
  const RunReport report = run_engines(*model, {input.bytes}, {});
  CHECK(report.verdict == Verdict::kMatch);
  CHECK_FALSE(report.difference);
  REQUIRE(report.layers.size() == 5);
  for (const LayerReport& layer : report.layers) {
    CHECK(layer.match == true);
    CHECK(layer.cycles() > array_bound(layer.args, true, built_configuration()));
  }
  REQUIRE(report.outputs.size() == 1);
  CHECK(report.outputs[0].fnv1a64 == 0xb8dfd9869d1eae6full);
}

TEST_CASE("what the example network's layers move adds up") {
  const auto model = golden::load_model(kpu::examples::make_edge_network());
  const Input input = load_input(KPU_SOURCE_DIR "/examples/scene.png", {3, 192, 256, 1});
  const auto rtl = make_rtl_backend({});
  const golden::RunResult result = golden::run_network(*model, {input.bytes}, *rtl);
  const auto layers = model->info().kpu_layers();
  REQUIRE(result.kpu_layers.size() == layers.size());
  std::uint64_t beats = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    INFO("KPU layer " << i);
    CHECK(traffic_difference(result.kpu_layers[i].counters, layers[i].args, model->info().eight_bit, layers[i].to_main_memory,
                             layers[i].batches, built_configuration()) == "");
    beats += counter_value(result.kpu_layers[i].counters, "parameter_beats");
  }
  CHECK((beats > 0) == (KPU_TRAFFIC != 0));
  if (beats == 0) return;  // nothing is counted where a netlist or an instrumented copy is in the place of the RTL
  CHECK(8 * beats == rtl->traffic().at("kpu").read_bytes);

  Counters wrong = result.kpu_layers[1].counters;
  ++wrong.at("post_lines");
  CHECK_THAT(traffic_difference(wrong, layers[1].args, true, false, 1, built_configuration()),
             kpu::test::contains_text("post_lines is 6145: expected 6144"));
}

TEST_CASE("random small networks on the RTL match the vendor's simulator") {
  KPU_SHARED_OR_SKIP(shared);
  const auto rtl = make_rtl_backend({});
  for (const ExpectedRun& run : kpu::test::expected_vectors(shared)) check_run(run, *rtl);
}

TEST_CASE("face_detect_v3 on the RTL matches the vendor's simulator") {
  check_networks("face_detect_v3");
}

TEST_CASE("face_mask5_v3 on the RTL matches the vendor's simulator") {
  check_networks("face_mask5_v3");
}

TEST_CASE("yolo20_v3 on the RTL matches the vendor's simulator") { check_networks("yolo20_v3"); }

TEST_CASE("mnist_v3 and iris_v3 on the RTL match the vendor's simulator") {
  check_networks("mnist_v3");
  check_networks("iris_v3");
}

TEST_CASE("rfb320_v4 on the RTL matches the vendor's simulator") { check_networks("rfb320_v4"); }

TEST_CASE("yolo20_v4 and iris_v4 on the RTL match the vendor's simulator") {
  check_networks("yolo20_v4");
  check_networks("iris_v4");
}

TEST_CASE("yolox_nano_v5 on the RTL matches the vendor's simulator") { check_networks("yolox"); }
