// SPDX-License-Identifier: Apache-2.0
//
// How layers are fitted to the weight ring, with a ring so small that every case comes up: the rows
// of an output channel, the tile (as many output channels as half of the ring holds), and the
// refusal of a layer of which not even one channel fits. All numbers of input channels, both
// kernels, both widths of weights. Everything else that decoding gives is the matter of the tests
// of whole layers.
#include <cstdint>

#include "golden/kpu/layer_args.h"
#include "tests/rtl/ctrl/decode_bench.h"
#include "tests/support/catch2.h"

namespace kpu::test {
namespace {

constexpr std::uint32_t kLanes = 16;
constexpr std::uint32_t kRingRows = 64;
constexpr unsigned kRingTooSmall = 12;  ///< reason of docs/registers.md

/// Rows of four kernels (a 1x1 kernel has eight channels) that an output channel takes.
std::uint32_t rows_of(const golden::LayerShape& shape, bool eight_bit) {
  const std::uint32_t per_row = shape.kernel == 3 || shape.depthwise ? 4 : 32;
  return (shape.in_channels + per_row - 1) / per_row * (eight_bit ? 1 : 2);
}

void check(DecodeBench& bench, const golden::LayerShape& shape, bool eight_bit) {
  CAPTURE(shape.in_channels, shape.kernel, shape.depthwise, shape.pool_type, shape.width,
          eight_bit);
  bench.decode(golden::make_layer_args(shape, eight_bit), eight_bit);
  const std::uint32_t rows = rows_of(shape, eight_bit);
  REQUIRE(bench.top.reason_o == (rows > kRingRows ? kRingTooSmall : 0));
  if (rows > kRingRows) return;
  REQUIRE(bench.top.oc_rows_o == rows);
  std::uint32_t tile = 16;
  while (tile > 1 && tile * rows > kRingRows / 2) tile /= 2;
  const bool overlaps =
      shape.pool_type == golden::kPoolMean2s1 || shape.pool_type == golden::kPoolMax2s1;
  if (overlaps && shape.width > kLanes && tile > 4) tile = 4;
  if (shape.depthwise) tile = 1;
  REQUIRE(bench.top.tile_oc_m1_o + 1u == tile);
}

TEST_CASE("Tiles of every number of channels, and layers that do not fit the ring") {
  DecodeBench bench;
  for (std::uint32_t channels = 1; channels <= 1024; ++channels) {
    for (unsigned i = 0; i < 8; ++i) {
      golden::LayerShape shape;
      shape.in_channels = channels;
      shape.out_channels = 8;
      shape.height = 2;
      shape.width = 4;
      shape.kernel = i % 2 == 0 ? 1 : 3;
      shape.depthwise = i / 4 != 0;
      if (shape.depthwise) shape.out_channels = channels;
      shape.dst_line = 16384;
      check(bench, shape, i / 2 % 2 != 0);
    }
  }
}

TEST_CASE("Tiles of the pools that keep a column between segments") {
  DecodeBench bench;
  for (std::uint32_t pool = golden::kPoolBypass; pool <= golden::kPoolMax2s1; ++pool) {
    for (const std::uint32_t width : {kLanes, kLanes + 1, 64u}) {
      for (const std::uint32_t channels : {8u, 16u, 32u, 64u}) {
        golden::LayerShape shape;
        shape.in_channels = channels;
        shape.out_channels = 4;
        shape.height = 4;
        shape.width = width;
        shape.kernel = 3;
        shape.pool_type = pool;
        shape.dst_line = 16384;
        check(bench, shape, true);
      }
    }
  }
}

}  // namespace
}  // namespace kpu::test
