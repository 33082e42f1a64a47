// SPDX-License-Identifier: Apache-2.0
//
// Sweeps: every combination once, each point as if it were estimated alone.
#include "sim/model/sweep.h"

#include <cstdint>
#include <string>
#include <vector>

#include "bench/cases.h"
#include "common/error.h"
#include "golden/kmodel/kmodel.h"
#include "sim/model/configuration.h"
#include "tests/support/catch2.h"
#include "tests/support/shared_data.h"

using namespace kpu::sim;
namespace golden = kpu::golden;

namespace {

using Values = std::vector<std::uint64_t>;

Values values(const std::string& text) { return parse_axis("axis", text).values; }

std::string failure(const std::string& text) {
  try {
    parse_axis("axis", text);
  } catch (const kpu::Error& error) {
    return error.what();
  }
  return "";
}

std::vector<golden::KpuLayerInfo> some_layers() {
  std::vector<golden::KpuLayerInfo> layers;
  for (const auto& bench_case : kpu::bench::bench_cases(KPU_SOURCE_DIR, kpu::test::shared_data())) {
    const auto model = golden::load_model(bench_case.model());
    if (!model->info().eight_bit) continue;
    const auto more = model->info().kpu_layers();
    layers.insert(layers.end(), more.begin(), more.end());
  }
  return layers;
}

}  // namespace

TEST_CASE("an axis is a value, a list, or all that a parameter may be between two") {
  CHECK(values("Lanes=32") == Values{32});
  CHECK(values("Lanes=64,16") == Values{64, 16});
  CHECK(values("WeightRows=256..2048") == Values{256, 512, 1024, 2048});
  CHECK(values("MaxOutstanding=3..5") == Values{3, 4, 5});
  CHECK(values("ReadLatency=9,10") == Values{9, 10});
}

TEST_CASE("an axis that cannot be is refused in one line") {
  for (const char* const text : {"Lanes", "Lanes=", "Lanes=x", "Lanes=16,", "Lanes=16..",
                                 "Lanes=..64", "Lanes=-1", "Lanes=1.5", "=16"}) {
    INFO(text);
    const std::string message = failure(text);
    CHECK(message.starts_with("axis"));
    CHECK(message.find('\n') == std::string::npos);
  }
  CHECK(failure("Lanes=16,24") == "axis: Lanes = 24: expected one of 8, 16, 32, 64, 128, 256");
  CHECK(failure("Lanes=16,16") == "axis: 16 twice: expected each value once");
  CHECK(failure("Lanes=64..16") ==
        "axis: 64..16: expected the smaller value first, less than 65536 apart");
  CHECK(failure("Lane=16").find("expected one of Lanes") != std::string::npos);
}

TEST_CASE("a sweep has every combination, each with its own estimate") {
  const auto layers = some_layers();
  const std::vector<SweepAxis> axes = {parse_axis("", "Lanes=16,64"),
                                       parse_axis("", "PostLanes=8,32"),
                                       parse_axis("", "ReadLatency=20,200")};
  CycleModel base;
  base.rtl = load_configuration("lanes64");
  const Sweep result = sweep(layers, true, base, axes);
  CHECK(result.left_out == 2);  // 32 post-processing lanes of 16
  REQUIRE(result.points.size() == 6);
  CHECK(result.points[0].values == Values{16, 8, 20});
  CHECK(result.points[1].values == Values{16, 8, 200});
  CHECK(result.points[5].values == Values{64, 32, 200});
  for (const SweepPoint& point : result.points) {
    CycleModel alone = base;
    alone.rtl.lanes = static_cast<std::uint32_t>(point.values[0]);
    alone.rtl.post_lanes = static_cast<std::uint32_t>(point.values[1]);
    alone.read_latency = static_cast<std::uint32_t>(point.values[2]);
    double cycles = 0;
    for (const CycleEstimate& layer : estimate_cycles(layers, true, alone)) cycles += layer.total();
    CHECK(point.cycles.total() == Approx(cycles));
    CHECK(point.refused == 0);
  }
}

TEST_CASE("a sweep counts layers that the ring cannot hold") {
  golden::KpuLayerInfo layer;
  layer.args = some_layers().front().args;
  layer.args.in_channels = 1024;
  layer.batches = 1;
  CycleModel base;
  base.rtl = load_configuration("lanes64");
  const std::vector<SweepAxis> axes = {parse_axis("", "WeightRows=128,256")};
  const Sweep result = sweep({&layer, 1}, true, base, axes);
  REQUIRE(result.points.size() == 2);
  CHECK(result.points[0].refused == 1);
  CHECK(result.points[1].refused == 0);
}

TEST_CASE("sweeps without a point, or with too many, are refused") {
  CycleModel base;
  base.rtl = load_configuration("lanes16");
  const std::vector<SweepAxis> none = {parse_axis("", "PostLanes=32,64")};
  CHECK_THROWS_AS(sweep({}, true, base, none), kpu::Error);
  const std::vector<SweepAxis> many = {parse_axis("", "ReadLatency=1..10000"),
                                       parse_axis("", "LayerFifo=2..255")};
  CHECK_THROWS_AS(sweep({}, true, base, many), kpu::Error);
}
