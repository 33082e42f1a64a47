// SPDX-License-Identifier: Apache-2.0
//
// The convolution (rtl/conv): every sum(X*W) and sum(X) of layers of all kinds against their definition, at any
// stalls of AI RAM, weights and consumer: kernels, depthwise, paddings, steps of rows, segments, 8 and 16 bits,
// tiles of every size, numbers of channels up to those that take the whole ring; layers one behind the other; a
// layer given up in any cycle, and the next one right. On a machine with packed rows, too, where lines take a place
// before they set out (test_conv_pack).
#include <algorithm>
#include <cstdint>
#include <random>

#include "tests/rtl/conv/conv_bench.h"
#include "tests/support/catch2.h"

namespace kpu::test {
namespace {

golden::LayerArgs layer(std::uint32_t in, std::uint32_t out, std::uint32_t height, std::uint32_t width,
                        std::uint32_t kernel, bool depthwise, std::uint32_t pool, bool eight_bit) {
  golden::LayerShape shape;
  shape.in_channels = in;
  shape.out_channels = depthwise ? in : out;
  shape.height = height;
  shape.width = width;
  shape.kernel = kernel;
  shape.depthwise = depthwise;
  shape.pool_type = pool;
  shape.dst_line = 16384;
  return golden::make_layer_args(shape, eight_bit);
}

TEST_CASE("Numbers of channels up to those that take the whole ring") {
  ConvBench bench(1);
  for (const bool eight_bit : {true, false}) {
    for (const bool depthwise : {false, true}) {
      for (const std::uint32_t kernel : {1u, 3u}) {
        const std::uint32_t most = std::min(1024u, (kernel == 3 || depthwise ? 4u : 32u) * 64 / (eight_bit ? 1 : 2));
        for (const std::uint32_t channels : {1u, 4u, 5u, 31u, 33u, 64u, 65u, 127u, 128u, most - 1, most}) {
          if (channels > most) continue;
          CAPTURE(eight_bit, depthwise, kernel, channels);
          bench.run(layer(channels, 3, 2, 5, kernel, depthwise, 0, eight_bit), eight_bit, {});
        }
      }
    }
  }
}

TEST_CASE("Random layers at any stalls") {
  std::mt19937 random(2);
  ConvBench bench(2);
  for (int i = 0; i < 250; ++i) {
    const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
    const std::uint32_t pools[] = {0, 1, 4, 5, 6, 7, 8};
    const std::uint32_t pool = pools[below(7)];
    const bool eight_bit = below(3) != 0;
    const std::uint32_t stride = golden::pool_stride(pool);
    golden::LayerArgs args = layer(1 + below(40), 1 + below(20), stride * (1 + below(6)), stride * (1 + below(12)),
                                   below(2) == 0 ? 1 : 3, below(4) == 0, pool, eight_bit);
    args.pad_type = below(2);
    args.pad_value = static_cast<std::uint8_t>(random());
    const std::uint32_t stalls[] = {0, 0, 30, 80};
    CAPTURE(i, args.in_channels, args.out_channels, args.in_width, args.in_height, args.kernel(), args.depthwise, pool);
    bench.run(args, eight_bit, {stalls[below(4)], stalls[below(4)], stalls[below(4)], stalls[below(4)]});
  }
}

TEST_CASE("A layer given up in any cycle leaves nothing behind") {
  ConvBench bench(3);
  const golden::LayerArgs args = layer(9, 5, 3, 20, 3, false, 0, true);
  const golden::LayerArgs other = layer(17, 3, 2, 7, 1, false, 0, true);
  for (std::int64_t cycle = 0; cycle < 120; cycle += 3) {
    CAPTURE(cycle);
    bench.run(args, true, {20, 20, 20, 20}, cycle);
    bench.run(other, true, {});
  }
}

}  // namespace
}  // namespace kpu::test
