// SPDX-License-Identifier: Apache-2.0
//
// The fast path against the reference, bit for bit: random layers of every mode and awkward sizes
// on every target of this machine from AVX-512 down to plain loops, the activation's table and list
// against the formula at every point where it can change, and whole networks. Prints the seed of
// what is random.
#include <hwy/targets.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "common/files.h"
#include "common/fnv1a.h"
#include "golden/fast/act_lut.h"
#include "golden/fast/act_steps.h"
#include "golden/fast/fast_backend.h"
#include "golden/fast/kernels.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/network.h"
#include "golden/kpu/golden_backend.h"
#include "tests/golden/kpu/layer_fixture.h"
#include "tests/support/catch2.h"
#include "tests/support/expected_data.h"
#include "tests/support/shared_data.h"

using namespace kpu::golden;
using kpu::golden::fast::FastBackend;
using kpu::test::LayerFixture;

namespace {

constexpr std::uint32_t kSeed = 20240611;

class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}

  /// A number in low .. high.
  std::int64_t operator()(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(engine_);
  }

  template <class T>
  T pick(std::initializer_list<T> values) {
    return values.begin()[(*this)(0, static_cast<std::int64_t>(values.size()) - 1)];
  }

 private:
  std::mt19937_64 engine_;
};

/// A constant, then a line with a slope that is a power of two.
ActTable random_relu(Random& random) {
  ActTable table{};
  const auto start = random(-3000, 3000);
  const auto bias = static_cast<std::uint8_t>(random(0, 1) == 0 ? 0 : random(0, 100));
  table.fill({.x_start = start,
              .y_mul = 1 << random(0, 10),
              .shift = static_cast<std::uint32_t>(random(18, 20)),
              .bias = bias});
  table[0] = {.x_start = -(std::int64_t{1} << 35), .y_mul = 0, .shift = 0, .bias = bias};
  return table;
}

ActTable random_act(Random& random) {
  if (random(0, 2) == 0) {
    return random_relu(random);
  }
  ActTable table{};
  const bool sorted = random(0, 3) != 0;
  const bool falling = random(0, 3) == 0;
  std::int64_t start = -(std::int64_t{1} << 35);
  for (Segment& segment : table) {
    segment.x_start = start;
    segment.shift = static_cast<std::uint32_t>(random.pick({18, 20, 20, 20, 20, 22, 31, 60}));
    segment.y_mul = static_cast<std::int32_t>(random(falling ? -2000 : 0, 2000));
    segment.bias = static_cast<std::uint8_t>(random(0, 255));
    start =
        sorted ? (&segment == &table[0] ? -50000 : start + random(0, 9000)) : random(-60000, 60000);
  }
  return table;
}

/// A layer as compilers from 1.0 on make them: norm nearly as wide as 36 bits, or wider, and
/// segments of all slopes over that range, some of them close together.
void widen(LayerFixture& layer, Random& random) {
  for (BatchNorm& bn : layer.batch_norm) {
    bn.mul = static_cast<std::int32_t>(random(-(1 << 23), (1 << 23) - 1));
    bn.shift = static_cast<std::uint32_t>(random(0, 9));
  }
  const std::int64_t range = std::int64_t{1} << random(24, 35);
  std::int64_t start = -range;
  for (Segment& segment : layer.act) {
    segment = {.x_start = start,
               .y_mul = static_cast<std::int32_t>(random(-32768, 32767)),
               .shift = static_cast<std::uint32_t>(random(29, 43)),
               .bias = static_cast<std::uint8_t>(random(0, 255))};
    start += random(0, 2) == 0 ? random(0, 3) : random(0, range / 8);
  }
  layer.act[0].x_start = -(std::int64_t{1} << 35);
}

LayerFixture random_layer(Random& random) {
  const bool eight_bit = random(0, 4) != 0;
  LayerShape shape;
  shape.depthwise = random(0, 2) == 0;
  shape.in_channels = static_cast<std::uint32_t>(random.pick({1, 2, 3, 4, 5, 8, 17, 33}));
  shape.out_channels =
      shape.depthwise ? shape.in_channels : static_cast<std::uint32_t>(random(1, 19));
  shape.width = static_cast<std::uint32_t>(
      random.pick({1, 4, 7, 15, 16, 17, 31, 32, 33, 47, 48, 63, 64, 65, 100}));
  shape.height = static_cast<std::uint32_t>(random(1, 13));
  shape.kernel = random.pick({1u, 3u});
  shape.pool_type = static_cast<std::uint32_t>(random(0, 9));
  if (std::min(shape.width, shape.height) < pool_stride(shape.pool_type)) {
    shape.pool_type = 0;
  }
  shape.src_line = static_cast<std::uint32_t>(random(0, 100));
  shape.dst_line = 8000;
  LayerFixture layer(shape, eight_bit);
  layer.args.pad_value = static_cast<std::uint8_t>(random(0, 255));
  layer.args.pad_type = static_cast<std::uint32_t>(random(0, 1));
  if (shape.pool_type == 0 && random(0, 3) == 0) {
    layer.args.first_stride = true;
    layer.args.out_width = (shape.width + 1) / 2;
    layer.args.out_height = (shape.height + 1) / 2;
  }
  layer.args.conv = {.arg_x = static_cast<std::int32_t>(random(-8000000, 8000000)),
                     .arg_w = static_cast<std::int32_t>(random(-200, 200)),
                     .shr_x = static_cast<std::uint32_t>(random(12, 15)),
                     .shr_w = static_cast<std::uint32_t>(random(0, 3)),
                     .arg_add = random(-100000, 100000)};
  if (random(0, 1) == 0) {  // as compilers make it: the zero point of the weights
    layer.args.conv.arg_x = -static_cast<std::int32_t>(random(0, 255) << layer.args.conv.shr_x);
  }
  for (std::uint8_t& weight : layer.weights) {
    weight = static_cast<std::uint8_t>(random(0, 255));
  }
  for (BatchNorm& bn : layer.batch_norm) {
    bn = {.mul = static_cast<std::int32_t>(random(-200, 20000)),
          .add = static_cast<std::int32_t>(random(-30000, 30000)),
          .shift = static_cast<std::uint32_t>(random(8, 15))};
  }
  layer.act = random_act(random);
  if (random(0, 3) == 0) {
    widen(layer, random);
  }
  return layer;
}

std::vector<std::uint8_t> random_image(Random& random, const ImageLayout& layout) {
  std::vector<std::uint8_t> image(layout.planar_bytes());
  for (std::uint8_t& pixel : image) {
    pixel = static_cast<std::uint8_t>(random(0, 255));
  }
  return image;
}

KpuJobResult run_on(GoldenBackend& backend, LayerFixture& layer,
                    const std::vector<std::uint8_t>& input) {
  upload_image(backend, layer.args.input_layout(), input);
  backend.set_eight_bit_mode(layer.options.eight_bit);
  const std::vector<KpuJob> jobs = {layer.job()};
  return backend.run_layers(jobs, {}).at(0);
}

/// Calls check() with each target alone that this machine can run.
template <class Check>
void each_target(Check check) {
  for (std::int64_t target : fast::targets()) {
    hwy::SetSupportedTargetsForTest(target);
    INFO("target " << fast::target_name());
    check();
  }
  hwy::SetSupportedTargetsForTest(0);
}

}  // namespace

TEST_CASE("the activation table gives the formula's outputs") {
  INFO("seed " << kSeed);
  Random random(kSeed);
  int made = 0;
  int lines = 0;
  for (int i = 0; i < 200; ++i) {
    const ActTable table = random_act(random);
    const ArithOptions options =
        random(0, 1) == 0 ? ArithOptions{} : ArithOptions{Rounding::kV01, SegmentRule::kAtOrAbove};
    const auto lut = fast::make_act_lut(table, options, -200000, 200000);
    if (!lut) {
      continue;
    }
    ++made;
    bool same = true;
    lines += lut->line.has_value();
    for (std::int64_t norm = -200000; norm <= 200000; norm += i < 10 ? 1 : random(1, 50)) {
      const std::uint8_t expected = activate(table, norm, options);
      same = same && (*lut)(norm) == expected && (!lut->line || (*lut->line)(norm) == expected);
    }
    CAPTURE(i);
    CHECK(same);
  }
  CHECK(made > 50);
  CHECK(lines > 20);
}

TEST_CASE("the list of changes gives the formula's outputs over all 36 bits") {
  INFO("seed " << kSeed);
  Random random(kSeed + 3);
  constexpr std::int64_t kLimit = std::int64_t{1} << 35;
  LayerFixture layer({.width = 4}, true);
  int close_changes = 0;
  for (int i = 0; i < 40; ++i) {
    widen(layer, random);
    const ArithOptions options =
        random(0, 1) == 0 ? ArithOptions{} : ArithOptions{Rounding::kV01, SegmentRule::kAtOrAbove};
    const fast::ActSteps steps = fast::make_act_steps(layer.act, options, -kLimit, kLimit - 1);
    close_changes += steps.most > 1;
    bool same = true;
    const auto check = [&](std::int64_t norm) {
      norm = std::clamp(norm, -kLimit, kLimit - 1);
      same = same && steps(norm) == activate(layer.act, norm, options);
    };
    for (int k = 0; k < 2000; ++k) {
      check(random(-kLimit, kLimit - 1));
    }
    for (const std::int64_t before : steps.before) {
      check(steps.base + std::min(before, kLimit));
      check(steps.base + std::min(before, kLimit) + 1);
    }
    CAPTURE(i);
    CHECK(same);
  }
  CHECK(close_changes > 5);
}

TEST_CASE("random layers on every target match the reference") {
#if HWY_ARCH_X86
  // The plain loops are what a machine gets that Highway has no target for.
  CHECK(fast::targets().size() >= 2);
#endif
  each_target([] {
    INFO("seed " << kSeed);
    Random random(kSeed);
    FastBackend quick;
    GoldenBackend reference;
    for (int i = 0; i < 300; ++i) {
      CAPTURE(i);
      LayerFixture layer = random_layer(random);
      const std::vector<std::uint8_t> input = random_image(random, layer.args.input_layout());
      const KpuJobResult expected = run_on(reference, layer, input);
      const KpuJobResult got = run_on(quick, layer, input);
      CHECK(got.output == expected.output);
      CHECK(got.range.conv_count == expected.range.conv_count);
      CHECK(got.range.norm_count == expected.range.norm_count);
      CHECK(got.channel_sums == expected.channel_sums);
    }
    // Not all may have fallen back to what they are compared with.
    CHECK(quick.reference_layers() < 150);
  });
}

TEST_CASE("threads do not change a bit") {
  INFO("seed " << kSeed);
  Random random(kSeed + 1);
  FastBackend one;
  FastBackend three({}, 3);
  for (int i = 0; i < 60; ++i) {
    CAPTURE(i);
    LayerFixture layer = random_layer(random);
    const std::vector<std::uint8_t> input = random_image(random, layer.args.input_layout());
    CHECK(run_on(one, layer, input).output == run_on(three, layer, input).output);
  }
  CHECK_THROWS_AS(FastBackend({}, 0), kpu::Error);
}

TEST_CASE("a plan is not used for other tables") {
  Random random(kSeed + 2);
  FastBackend quick;
  GoldenBackend reference;
  LayerFixture layer({.in_channels = 4, .out_channels = 4, .height = 6, .width = 20}, true);
  const std::vector<std::uint8_t> input = random_image(random, layer.args.input_layout());
  for (int i = 0; i < 4; ++i) {
    for (std::uint8_t& weight : layer.weights) {
      weight = static_cast<std::uint8_t>(random(0, 1));
    }
    layer.batch_norm[i].add = 5;
    layer.act[0].bias = static_cast<std::uint8_t>(i);
    CHECK(run_on(quick, layer, input).output == run_on(reference, layer, input).output);
  }
}

TEST_CASE("whole networks on the fast path match the vendor's simulator") {
  KPU_SHARED_OR_SKIP(shared);
  std::vector<kpu::test::ExpectedRun> runs = kpu::test::expected_runs(shared);
  for (kpu::test::ExpectedRun& run : kpu::test::expected_vectors(shared)) {
    runs.push_back(std::move(run));
  }
  FastBackend backend;
  for (const kpu::test::ExpectedRun& expected : runs) {
    INFO(expected.name);
    const auto model = load_model(kpu::read_file(expected.model.string()));
    const RunResult result = run_network(*model, {expected.input}, backend);
    REQUIRE(result.kpu_layers.size() == expected.kpu_layers.size());
    for (std::size_t i = 0; i < expected.kpu_layers.size(); ++i) {
      INFO("KPU layer " << i);
      CHECK(kpu::fnv1a64(result.kpu_layers[i].output) == expected.kpu_layers[i]);
    }
  }
}
