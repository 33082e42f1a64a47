// SPDX-License-Identifier: Apache-2.0
//
// Sums and averages of codes against what the real libraries computed (scripts/record_peers), most
// with many results on rounding ties; real numbers where the answer is known.
#include "golden/quantised/elementwise.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/golden/quantised/recorded_layers.h"
#include "tests/support/catch2.h"

namespace {

using namespace kpu::golden::quantised;
using kpu::test::RecordedElementwise;

std::vector<int> add(const RecordedElementwise& r, Rule rule) {
  const QuantisedAdd sum(r.a, r.b, r.c, {lowest_code(r.type), highest_code(r.type)}, rule);
  std::vector<int> codes;
  for (std::size_t i = 0; i < r.a_codes.size(); ++i) {
    codes.push_back(sum(r.a_codes[i], r.b_codes[i]));
  }
  return codes;
}

std::vector<int> average(const RecordedElementwise& r, Rule rule) {
  const CodeRange range{lowest_code(r.type), highest_code(r.type)};
  const int height = static_cast<int>(r.shape[1]);
  const int width = static_cast<int>(r.shape[2]);
  const int kernel = static_cast<int>(r.kernel == 0 ? r.shape[1] : r.kernel);
  const auto pad = [&](int i) { return static_cast<int>(r.pads[static_cast<std::size_t>(i)]); };
  std::vector<int> codes;
  for (int channel = 0; channel < static_cast<int>(r.shape[0]); ++channel) {
    for (int top = -pad(0); top + kernel <= height + pad(2); top += static_cast<int>(r.stride)) {
      for (int left = -pad(1); left + kernel <= width + pad(3);
           left += static_cast<int>(r.stride)) {
        std::vector<int> window;
        for (int row = std::max(top, 0); row < std::min(top + kernel, height); ++row) {
          for (int column = std::max(left, 0); column < std::min(left + kernel, width); ++column) {
            window.push_back(
                r.a_codes[static_cast<std::size_t>((channel * height + row) * width + column)]);
          }
        }
        codes.push_back(r.kernel == 0 ? global_average_code(window, r.a, r.c, range, rule)
                                      : average_code(window, r.a, r.c, range, rule));
      }
    }
  }
  return codes;
}

void check_elementwise(const char* file) {
  std::size_t exact_differs = 0;
  for (const RecordedElementwise& recorded : kpu::test::load_recorded_elementwise(file)) {
    const auto run = recorded.is_add ? add : average;
    const std::vector<int> exact = run(recorded, Rule::kExact);
    for (const auto& output : recorded.outputs) {
      CAPTURE(recorded.name, recorded.is_add, to_string(output.rule));
      const std::vector<int> expected(output.codes.begin(), output.codes.end());
      CHECK(run(recorded, output.rule) == expected);
      REQUIRE(exact.size() == expected.size());
      for (std::size_t i = 0; i < exact.size(); ++i) {
        exact_differs += exact[i] != expected[i];
        CHECK(std::abs(exact[i] - expected[i]) <= 1);
      }
    }
  }
  // Else the recorded layers would tell no rule from real numbers.
  CHECK(exact_differs > 50);
}

}  // namespace

TEST_CASE("ONNX Runtime: every recorded sum and average") { check_elementwise("onnx_elementwise.json"); }

TEST_CASE("LiteRT and TFLite Micro: every recorded sum and average") {
  check_elementwise("tflite_elementwise.json");
}

TEST_CASE("real numbers: ties to even, also where the sum of the products is not exact") {
  const CodeRange range{-128, 127};
  const QuantisedAdd half({0.5F, 0}, {0.5F, 0}, {1, 0}, range, Rule::kExact);
  CHECK(half(1, 0) == 0);
  CHECK(half(1, 2) == 2);
  CHECK(half(-1, 0) == 0);
  CHECK(half(-1, -2) == -2);
  CHECK(half(127, 127) == 127);
  // A billionth above a tie, and below one.
  const QuantisedAdd above({0.5F, 0}, {1e-20F, 0}, {1, 0}, range, Rule::kExact);
  CHECK(above(1, 0) == 0);
  CHECK(above(1, 1) == 1);
  CHECK(above(3, -1) == 1);
  CHECK(above(-1, -1) == -1);
  const std::vector<int> window{1, 2, 2, 1};
  CHECK(average_code(window, {1, 0}, {1, 3}, range, Rule::kExact) == 5);
  CHECK(average_code(window, {1, 0}, {1, 3}, range, Rule::kLiteRt) == 2);
}
