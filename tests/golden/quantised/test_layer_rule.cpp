// SPDX-License-Identifier: Apache-2.0
//
// Layers whose outputs by each rule can be worked out by hand: conv is the pixel, and the pixels
// are 0 .. 255.
#include "golden/quantised/layer_rule.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <numeric>
#include <vector>

#include "common/error.h"
#include "golden/kpu/single_layer.h"
#include "tests/support/catch2.h"

namespace {

using namespace kpu::golden;
using namespace kpu::golden::quantised;

using Causes = std::map<LayerCause, std::size_t>;

/// 1x1 on 16 x 16 pixels, one channel with the weight 1.
SingleLayer pixel_layer(const BatchNorm& bn, const Segment& line, std::uint32_t pool = 0) {
  SingleLayer layer;
  layer.args =
      make_layer_args({.height = 16, .width = 16, .pool_type = pool, .dst_line = 512}, true);
  layer.weights = {1};
  layer.batch_norm = {bn};
  layer.act.fill({.x_start = (std::int64_t{1} << 35) - 1});
  layer.act.front() = line;
  return layer;
}

LayerByRule compare(const SingleLayer& layer, Rule rule) {
  std::vector<std::uint8_t> pixels(256);
  std::iota(pixels.begin(), pixels.end(), std::uint8_t{0});
  RuleBackend backend({}, rule);
  run_single_layer(backend, layer, pixels);
  REQUIRE(backend.jobs().size() == 1);
  return backend.jobs().front();
}

}  // namespace

TEST_CASE("layer rule: half a pixel goes to even by the KPU, up by fixed-point rules") {
  const SingleLayer layer = pixel_layer({.mul = 1}, {.y_mul = 1, .shift = 1});
  for (const Rule rule :
       {Rule::kExact, Rule::kOnnxRuntime, Rule::kOnnxReference, Rule::kLiteRt, Rule::kK210}) {
    const LayerByRule result = compare(layer, rule);
    CHECK(result.outputs == 256);
    CHECK(result.differing == 0);
    CHECK(result.causes.empty());
    CHECK_FALSE(result.first);
    CHECK(result.why().empty());
  }
  for (const Rule rule : {Rule::kLiteRtBuiltin, Rule::kLiteRtReference, Rule::kTfliteMicro}) {
    const LayerByRule result = compare(layer, rule);
    // Pixels 1, 5, 9, ..
    CHECK(result.differing == 64);
    CHECK(result.largest == 1);
    CHECK(result.causes == Causes{{LayerCause::kTie, 64}});
    REQUIRE(result.first);
    CHECK(result.first->column == 1);
    CHECK(result.first->rule == 1);
    CHECK(result.first->kpu == 0);
    CHECK(result.why() == "tie 64");
  }
}

TEST_CASE("layer rule: norm's bits behind the point are cut off") {
  const SingleLayer layer = pixel_layer({.mul = 1, .shift = 2}, {.y_mul = 1});
  // 3/4 of a code is up for every rule; 2/4 is where the next even code is above.
  const Causes expected{{LayerCause::kTie, 32}, {LayerCause::kNorm, 64}};
  CHECK(compare(layer, Rule::kExact).causes == expected);
  CHECK(compare(layer, Rule::kOnnxRuntime).causes == expected);
  // Two roundings take 1/4 to 1/2 and that to 1.
  CHECK(compare(layer, Rule::kLiteRtReference).causes ==
        Causes{{LayerCause::kTie, 64}, {LayerCause::kDoubleRounding, 64}, {LayerCause::kNorm, 64}});
}

TEST_CASE("layer rule: a bias between two accumulators") {
  // (3 x + 1) / 2; the nearest bias is 0, and 3 x / 2 by the rule: half a code less.
  const SingleLayer layer = pixel_layer({.mul = 3, .add = 1}, {.y_mul = 1, .shift = 1});
  CHECK(compare(layer, Rule::kExact).differing == 0);
  const LayerByRule result = compare(layer, Rule::kOnnxRuntime);
  std::size_t differing = 0;
  for (int x = 0; x < 256; ++x) {
    const auto even = [](int halves) { return halves / 2 + (halves % 4 == 3); };
    differing += std::min(even(3 * x + 1), 255) != std::min(even(3 * x), 255);
  }
  CHECK(result.differing == differing);
  CHECK(result.causes == Causes{{LayerCause::kBias, differing}});
}

TEST_CASE("layer rule: the KPU's rounding of negative products") {
  // 255 - x / 4 by a negative multiplier or a negative slope: 1/4 below a code goes one code below
  // it, 3/4 below two.
  for (const auto& [mul, y_mul] : {std::pair{-1, 1}, std::pair{1, -1}}) {
    const SingleLayer layer = pixel_layer({.mul = mul}, {.y_mul = y_mul, .shift = 2, .bias = 255});
    const LayerByRule result = compare(layer, Rule::kExact);
    std::size_t differing = 0;
    for (std::int64_t x = 0; x < 256; ++x) {
      const std::int64_t nearest = -((x + 1 + (x / 4) % 2) / 4);
      differing += round_shift(-x, 2, Rounding::kBankers) != nearest;
    }
    CHECK(differing > 0);
    CHECK(result.differing == differing);
    CHECK(result.differing == compare(layer, Rule::kOnnxRuntime).differing);
    for (const auto& [cause, count] : result.causes) {
      CHECK((cause == LayerCause::kNegative || cause == LayerCause::kTie));
    }
  }
}

TEST_CASE("layer rule: an average is cut off by the KPU, a maximum is the same") {
  const Segment identity{.y_mul = 1};
  // The windows of four: x, x+1, x+16, x+17: the average is x + 8.5.
  CHECK(compare(pixel_layer({.mul = 1}, identity, kPoolMax2), Rule::kLiteRt).differing == 0);
  CHECK(compare(pixel_layer({.mul = 1}, identity, kPoolLeftTop2), Rule::kLiteRt).differing == 0);
  CHECK(compare(pixel_layer({.mul = 1}, identity, kPoolRightTop2), Rule::kLiteRt).differing == 0);
  CHECK(compare(pixel_layer({.mul = 1}, identity, kPoolMean2), Rule::kK210).differing == 0);
  const LayerByRule away = compare(pixel_layer({.mul = 1}, identity, kPoolMean2), Rule::kLiteRt);
  CHECK(away.outputs == 64);
  CHECK(away.causes == Causes{{LayerCause::kAverage, 64}});
  // x is even: x + 8.5 goes down to even.
  const LayerByRule even = compare(pixel_layer({.mul = 1}, identity, kPoolMean2), Rule::kExact);
  CHECK(even.differing == 0);
}

TEST_CASE("layer rule: batches add up") {
  const SingleLayer layer = pixel_layer({.mul = 1, .shift = 2}, {.y_mul = 1});
  LayerByRule sum;
  sum.add(compare(layer, Rule::kExact));
  sum.add(compare(layer, Rule::kExact));
  CHECK(sum.outputs == 512);
  CHECK(sum.differing == 192);
  CHECK(sum.why() == "tie 64, norm cut off 128");
  REQUIRE(sum.first);
  CHECK(sum.first->column == 3);
}

TEST_CASE("layer rule: a rule that needs the weights' own zero points is refused") {
  CHECK_THROWS_AS(RuleBackend({}, Rule::kOnnxRuntimeAvx2), kpu::Error);
}
