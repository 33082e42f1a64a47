// SPDX-License-Identifier: Apache-2.0
//
// The configuration that is the chip: cycles of the RTL, which `make k210` measures and compares with
// bench/k210.json, against the chip's measured times, and the cycle model against them.
#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/chip_layers.h"
#include "bench/cycle_file.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kpu/layer_args.h"
#include "sim/model/cycle_model.h"
#include "sim/model/k210_measured.h"
#include "tests/support/catch2.h"

using namespace kpu::sim;
namespace bench = kpu::bench;
namespace golden = kpu::golden;

namespace {

bench::CycleTable kept_cycles() {
  return bench::read_cycles(fmt::format("{}/bench/k210.json", KPU_SOURCE_DIR));
}

double ms(const MeasuredPoint& point, double cycles) { return cycles / point.clock_hz * 1e3; }

/// Error of the configuration against the chip, as a share.
double error(const MeasuredPoint& point, double cycles) {
  return ms(point, cycles) / point.measured_ms - 1;
}

CycleModel chip(double clock_hz) {
  CycleModel model;
  model.rtl = load_configuration("k210");
  model.bandwidth_percent = bench::chip_bandwidth_percent(clock_hz);
  return model;
}

}  // namespace

TEST_CASE("k210: each layer of the face detector is within 10 % of the chip, the sum within 3 %") {
  const auto points = measured_face_detector();
  const auto cycles = kept_cycles().at("face detector");
  REQUIRE(cycles.size() == points.size());
  double sum = 0;
  double measured = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    INFO("layer " << i << ", cycles " << cycles[i]);
    CHECK(std::abs(error(points[i], static_cast<double>(cycles[i]))) < 0.10);
    sum += ms(points[i], static_cast<double>(cycles[i]));
    measured += points[i].measured_ms;
  }
  CHECK(std::abs(sum / measured - 1) < 0.03);
}

TEST_CASE("k210: every image of the sweep is within 7 % of the chip") {
  const auto kept = kept_cycles();
  const CycleModel model = chip(measured_sweep().front().clock_hz);
  for (const MeasuredPoint& point : measured_sweep()) {
    INFO(point.name);
    // What is not kept, as images that do not fit AI RAM, is timed by the model alone.
    golden::KpuLayerInfo layer;
    layer.args = golden::make_layer_args(point.shape, point.eight_bit);
    double cycles = estimate_cycles({&layer, 1}, point.eight_bit, model).front().total();
    const auto found = kept.find("sweep " + point.name);
    if (found != kept.end()) {
      const auto rtl = static_cast<double>(found->second.front());
      CHECK(std::abs(cycles / rtl - 1) < 0.01);
      cycles = rtl;
    }
    CHECK(std::abs(error(point, cycles)) < 0.07);
  }
}

TEST_CASE("k210: the cycle model is within 1 % of the RTL in every layer of the face detector") {
  const auto cycles = kept_cycles().at("face detector");
  const auto model = golden::load_model(bench::chip_face_detector());
  const std::vector<golden::KpuLayerInfo> layers = model->info().kpu_layers();
  const auto estimates = estimate_cycles(layers, true, chip(400e6));
  REQUIRE(estimates.size() == cycles.size());
  for (std::size_t i = 0; i < cycles.size(); ++i) {
    INFO("layer " << i);
    CHECK(std::abs(estimates[i].total() / static_cast<double>(cycles[i]) - 1) < 0.01);
  }
}
