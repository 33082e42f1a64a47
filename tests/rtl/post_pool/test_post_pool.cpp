// SPDX-License-Identifier: Apache-2.0
//
// Everything behind the accumulators: post-processing, pooling, write-back and output stream, driven
// with random sums. Shapes are around the edges of the layout, with every pool type, packing on both
// sides, tile size, activation tables sorted or not, shifts 0..255, values at the limits of their widths.
// After each layer all of AI RAM is compared (so a touched padding byte is found), the stream, and the
// overflow reports. The reference is golden/, which has tests of its own against hand-worked numbers.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>

#include "tests/rtl/post_pool/post_bench.h"
#include "tests/support/catch2.h"

namespace kpu::test {
namespace {

constexpr std::uint32_t kSeed = 7;

PostStalls random_stalls(std::mt19937& random) {
  const std::uint32_t percent[] = {0, 0, 30, 80};
  return {percent[random() % 4], percent[random() % 4], percent[random() % 4],
          percent[random() % 4]};
}

/// Cycles that pooling takes after the last line, and beside post-processing: pool 8 and 9 give a line more for the last row of
/// each channel and segment.
std::uint64_t pool_cycles(const PostRun& run, const PostLayer& layer, std::uint32_t steps) {
  const std::uint32_t line = KPU_POST_LANES == 1 ? steps : 1;
  return line * (1 + (layer.pool_type >= 8 ? run.lines / layer.rows : 0));
}

TEST_CASE("random layers reach AI RAM and the stream", "[post]") {
  CAPTURE(kSeed);
  std::mt19937 random(kSeed);
  PostBench bench(kSeed);
  for (int i = 0; i < 1500; ++i) {
    CAPTURE(i);
    const PostLayer layer = random_post_layer(random, i % 20 == 0 ? 20000 : 1500);
    CAPTURE(layer.depthwise, layer.pool_type, layer.channels, layer.in_width, layer.in_height);
    CAPTURE(layer.in_line_channels, layer.output.line_channels, layer.tile);
    REQUIRE_NOTHROW(bench.run(layer, random_stalls(random)));
  }
}

TEST_CASE("a clear or a reset in any cycle leaves nothing behind", "[post]") {
  CAPTURE(kSeed);
  std::mt19937 random(kSeed + 1);
  PostBench bench(kSeed);
  int stops = 0;
  for (int i = 0; i < 800; ++i) {
    CAPTURE(i);
    const PostLayer layer = random_post_layer(random, 800);
    PostStop stop;
    if (i % 2 == 0) stop = {static_cast<std::int64_t>(random() % 300), i % 4 == 0};
    PostRun run;
    REQUIRE_NOTHROW(run = bench.run(layer, random_stalls(random), stop));
    stops += run.stopped;
  }
  CHECK(stops > 100);
}

TEST_CASE("power-up with any content", "[post]") {
  std::mt19937 random(kSeed + 4);
  for (std::uint32_t seed = 1; seed <= 24; ++seed) {
    CAPTURE(seed);
    PostBench bench(seed);
    REQUIRE_NOTHROW(bench.run(random_post_layer(random, 800), random_stalls(random)));
  }
}

TEST_CASE("columns that pooling does not use report nothing", "[post]") {
  CAPTURE(kSeed);
  std::mt19937 random(kSeed + 5);
  PostBench bench(kSeed);
  int silent = 0;
  for (int i = 0; i < 1500; ++i) {
    CAPTURE(i);
    PostLayer layer = random_post_layer(random, 600);
    const std::uint32_t used = layer.output.width * layer.stride;
    if (used >= layer.in_width) continue;
    for (std::size_t at = 0; at < layer.sums.size(); ++at) {
      if (at % layer.in_width >= used) layer.sums[at].products = (std::int64_t{1} << 36) - 1;
    }
    REQUIRE_NOTHROW(bench.run(layer, random_stalls(random)));
    silent += !run_post_layer(layer).conv_overflow;
  }
  CHECK(silent > 30);
}

TEST_CASE("a step of a line a cycle", "[post]") {
  CAPTURE(kSeed);
  std::mt19937 random(kSeed + 2);
  PostBench bench(kSeed);
  for (int i = 0; i < 300; ++i) {
    CAPTURE(i);
    PostLayer layer = random_post_layer(random, 4000);
    if (layer.depthwise && layer.in_line_channels != layer.output.line_channels) continue;
    if (layer.depthwise && layer.in_line_channels > 1 && layer.stride > 1) continue;
    layer.send_data_out = false;
    const PostRun run = bench.run(layer, {});
    CAPTURE(run.cycles, run.lines, layer.pool_type);
    CHECK(run.cycles <= run.lines * bench.steps() + pool_cycles(run, layer, bench.steps()) + 23);
  }
}

TEST_CASE("eight bytes of the stream a cycle", "[post]") {
  CAPTURE(kSeed);
  std::mt19937 random(kSeed + 3);
  PostBench bench(kSeed);
  for (int i = 0; i < 300; ++i) {
    CAPTURE(i);
    PostLayer layer = random_post_layer(random, 4000);
    if (layer.output.width % 8 != 0) continue;
    layer.send_data_out = true;
    const PostRun run = bench.run(layer, {});
    const golden::ImageLayout& out = layer.output;
    const std::uint64_t words = std::uint64_t{out.channels} * out.height * out.width / 8;
    // At worst four writes a line (depthwise, packing changes), and only then the stream.
    const std::uint64_t line_cycles = std::max(bench.steps(), layer.depthwise ? 4u : 2u);
    CAPTURE(run.cycles, run.lines, words, out.width);
    CHECK(run.cycles <= line_cycles * run.lines + words + pool_cycles(run, layer, bench.steps()) + 39);
  }
}

}  // namespace
}  // namespace kpu::test
