// SPDX-License-Identifier: Apache-2.0
//
// Both estimators against what is known: ours against the cycle counts that the repository keeps of
// the RTL, the chip's against published measurements. The kept counts are checked by the bench.
#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/cases.h"
#include "bench/cycle_file.h"
#include "golden/kmodel/kmodel.h"
#include "sim/model/cycle_model.h"
#include "sim/model/k210_measured.h"
#include "sim/shape/configuration_files.h"
#include "tests/support/catch2.h"
#include "tests/support/shared_data.h"

using namespace kpu::sim;
namespace bench = kpu::bench;
namespace golden = kpu::golden;

namespace {

void check_case(const bench::BenchCase& bench_case, const std::vector<std::uint64_t>& kept,
                const CycleModel& machine) {
  INFO(bench_case.name);
  const auto model = golden::load_model(bench_case.model());
  std::vector<golden::KpuLayerInfo> layers = model->info().kpu_layers();
  for (golden::KpuLayerInfo& layer : layers) {
    if (bench_case.layer_only) layer.to_main_memory = false;
  }
  const auto estimates = estimate_cycles(layers, model->info().eight_bit, machine);
  REQUIRE(estimates.size() == kept.size());
  double sum = 0;
  double kept_sum = 0;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    INFO("layer " << i);
    const auto measured = static_cast<double>(kept[i]);
    sum += estimates[i].total();
    kept_sum += measured;
    if (kept[i] > 5000) CHECK(std::abs(estimates[i].total() / measured - 1) < 0.05);
  }
  CHECK(std::abs(sum / kept_sum - 1) < 0.02);
}

}  // namespace

TEST_CASE("estimated cycles of the RTL are within 5 % of its own, layer by layer") {
  for (const ConfigurationFile& file : configuration_files()) {
    const auto kept =
        bench::read_cycles(fmt::format("{}/bench/cycles_{}.json", KPU_SOURCE_DIR, file.name));
    INFO("configuration " << file.name);
    CycleModel machine;
    machine.rtl = load_configuration(file.name);
    std::size_t checked = 0;
    for (const bench::BenchCase& bench_case :
         bench::bench_cases(KPU_SOURCE_DIR, kpu::test::shared_data())) {
      const auto found = kept.find(bench_case.name);
      if (found == kept.end()) continue;
      check_case(bench_case, found->second, machine);
      ++checked;
    }
    CHECK((checked > 0 || kept.empty()));
    if (machine.rtl.name == "lanes64") CHECK(checked > 0);
  }
}

TEST_CASE("the chip's fit is within 5 % of the measured sweep from 64x32 on") {
  const auto sweep = measured_sweep();
  REQUIRE(sweep.size() == 10);
  for (std::size_t i = 5; i < sweep.size(); ++i) {
    CAPTURE(sweep[i].name);
    CHECK(std::abs(sweep[i].error_percent()) < 5);
  }
}

TEST_CASE("the chip's fit is within 5 % of the measured face detector") {
  double measured = 0;
  double fitted = 0;
  for (const MeasuredPoint& point : measured_face_detector()) {
    measured += point.measured_ms;
    fitted += point.fitted_ms;
  }
  CHECK(measured == Approx(12.328).margin(0.2));
  CHECK(std::abs(fitted / measured - 1) < 0.05);
}
