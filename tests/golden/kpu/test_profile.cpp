// SPDX-License-Identifier: Apache-2.0
//
// Numeric profiles: their names, and that their KPU rule reaches a layer on both golden backends:
// one value that is a tie, and one that equals a segment's start.
#include "golden/kpu/profile.h"

#include <cstdint>
#include <vector>

#include "common/error.h"
#include "golden/fast/fast_backend.h"
#include "golden/kpu/golden_backend.h"
#include "tests/golden/kpu/layer_fixture.h"
#include "tests/support/catch2.h"

using namespace kpu::golden;
using kpu::test::contains_text;
using kpu::test::LayerFixture;

using Bytes = std::vector<std::uint8_t>;

TEST_CASE("profiles by name") {
  CHECK(describe(profile_by_name("default")) ==
        "rounding=bankers segments=strict floats=simulator");
  CHECK(describe(profile_by_name("simulator")) ==
        "rounding=bankers segments=strict floats=simulator load_time=ignored");
  CHECK(describe(profile_by_name("simulator-1.0")) ==
        "rounding=bankers segments=strict floats=simulator-1.0 load_time=ignored");
  CHECK(describe(profile_by_name("device")) == "rounding=bankers segments=strict floats=device");
  CHECK(describe(profile_by_name("v0.1")) == "rounding=v0.1 segments=at-or-above floats=simulator");
  CHECK(describe({}) == describe(profile_by_name("default")));
  CHECK_THROWS_WITH(profile_by_name("chip"),
                    contains_text("profile 'chip': expected default, simulator"));
}

TEST_CASE("a profile's KPU rule reaches the layers") {
  LayerFixture layer({.height = 1, .width = 2, .dst_line = 1}, true);
  layer.weights = {1};
  layer.act.fill({.x_start = 1000, .y_mul = 0, .shift = 0, .bias = 0});
  layer.act[0] = {.x_start = 0, .y_mul = 1, .shift = 1, .bias = 0};
  layer.act[1] = {.x_start = 40, .y_mul = 1, .shift = 0, .bias = 100};
  const auto run = [&](GoldenBackend& backend) {
    backend.write_ram(0, Bytes{5, 40});
    const std::vector<KpuJob> jobs = {layer.job()};
    return backend.run_layers(jobs, {}).at(0).output;
  };
  // 5 / 2 = 2.5; and 40 is still in the first segment, or already in the second.
  const Bytes now = {2, 20};
  const Bytes old = {3, 100};
  const ArithOptions v01 = profile_by_name("v0.1").kpu;
  GoldenBackend reference;
  GoldenBackend old_reference(v01);
  fast::FastBackend quick;
  fast::FastBackend old_quick(v01);
  CHECK(run(reference) == now);
  CHECK(run(quick) == now);
  CHECK(run(old_reference) == old);
  CHECK(run(old_quick) == old);
  CHECK(quick.reference_layers() + old_quick.reference_layers() == 0);
}
