// SPDX-License-Identifier: Apache-2.0
//
// Whole files against the vendor's own simulators: every KPU layer to the bit, float outputs to
// 1e-5 of the output's size. This is the proof that the formulas, the layouts and the file format
// are read as the vendor means them. Needs the optional test data.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "common/files.h"
#include "common/fnv1a.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/network.h"
#include "golden/kpu/golden_backend.h"
#include "tests/support/catch2.h"
#include "tests/support/expected_data.h"
#include "tests/support/shared_data.h"

using namespace kpu::golden;
using kpu::test::ExpectedOutput;
using kpu::test::ExpectedRun;

namespace {

void check_output(const std::vector<std::uint8_t>& bytes, const ExpectedOutput& expected) {
  REQUIRE(bytes.size() == expected.bytes);
  if (!expected.is_float) {
    CHECK(kpu::fnv1a64(bytes) == expected.fnv1a64);
    return;
  }
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  const double scale = expected.abs_sum / static_cast<double>(values.size());
  double sum = 0;
  double abs_sum = 0;
  for (float value : values) {
    sum += value;
    abs_sum += std::fabs(value);
  }
  for (std::size_t i = 0; i < expected.first.size(); ++i) {
    CHECK(std::fabs(values[i] - expected.first[i]) <=
          1e-5 * std::max(std::fabs(expected.first[i]), scale));
  }
  CHECK(std::fabs(sum - expected.sum) <= 1e-5 * expected.abs_sum);
  CHECK(std::fabs(abs_sum - expected.abs_sum) <= 1e-5 * expected.abs_sum);
  CHECK(static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin()) ==
        expected.argmax);
}

void check_run(const ExpectedRun& expected) {
  INFO(expected.name);
  const auto model = load_model(kpu::read_file(expected.model.string()));
  GoldenBackend backend;
  const RunResult result = run_network(*model, {expected.input}, backend);

  REQUIRE(result.kpu_layers.size() == expected.kpu_layers.size());
  for (std::size_t i = 0; i < expected.kpu_layers.size(); ++i) {
    INFO("KPU layer " << i);
    CHECK(kpu::fnv1a64(result.kpu_layers[i].output) == expected.kpu_layers[i]);
    CHECK(result.kpu_layers[i].range.ok());
  }
  REQUIRE(result.outputs.size() == expected.outputs.size());
  for (std::size_t i = 0; i < expected.outputs.size(); ++i) {
    INFO("output " << i);
    check_output(result.outputs[i], expected.outputs[i]);
  }
}

}  // namespace

TEST_CASE("random small layers match the vendor's simulator") {
  KPU_SHARED_OR_SKIP(shared);
  for (const ExpectedRun& run : kpu::test::expected_vectors(shared)) {
    check_run(run);
  }
}

TEST_CASE("v3 networks match the vendor's simulator") {
  KPU_SHARED_OR_SKIP(shared);
  for (const ExpectedRun& run : kpu::test::expected_runs(shared, "_v3")) {
    check_run(run);
  }
}

TEST_CASE("v4 networks match the vendor's simulator") {
  KPU_SHARED_OR_SKIP(shared);
  for (const ExpectedRun& run : kpu::test::expected_runs(shared, "_v4")) {
    check_run(run);
  }
}

TEST_CASE("v5 networks match the vendor's simulator") {
  KPU_SHARED_OR_SKIP(shared);
  for (const ExpectedRun& run : kpu::test::expected_runs(shared, "_v5")) {
    check_run(run);
  }
}
