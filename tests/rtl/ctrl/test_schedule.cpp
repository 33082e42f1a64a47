// SPDX-License-Identifier: Apache-2.0
//
// The schedule that the cycle model works with (sim/model/schedule.h) against the decoder's
// outputs, over random layers of all kinds in the shape of one configuration. The tiles of a layer,
// which the decoder does not list, follow from its full tile; their sums are checked here, their
// effect on cycles by the tests of the cycle model.
#include <cstdint>
#include <numeric>
#include <random>

#include "golden/kpu/layer_args.h"
#include "sim/model/configuration.h"
#include "sim/model/schedule.h"
#include "tests/rtl/ctrl/decode_bench.h"
#include "tests/support/catch2.h"

namespace kpu::test {
namespace {

constexpr unsigned kRingTooSmall = 12;  ///< reason of docs/registers.md
constexpr unsigned kSeed = 20;

class RandomLayers {
 public:
  golden::LayerArgs next(bool eight_bit) {
    golden::LayerShape shape;
    shape.kernel = flip() ? 3 : 1;
    shape.depthwise = up_to(4) == 1;
    shape.in_channels = flip() ? up_to(40) : up_to(1024);
    shape.out_channels = shape.depthwise ? shape.in_channels : up_to(flip() ? 40 : 1024);
    shape.pool_type = up_to(10) - 1;
    // Now and then as high as an image may be, for the limit of packed lines; a channel has 64 KiB at most.
    const bool high = up_to(8) == 1;
    shape.height = 3 + up_to(high ? 509 : 30);
    shape.width = 3 + up_to(flip() ? 16 : high ? 120 : 300);
    golden::LayerArgs args = golden::make_layer_args(shape, eight_bit);
    if (args.pool_type == golden::kPoolLeftTop2 && flip()) {
      args.pool_type = golden::kPoolBypass;
      args.first_stride = true;
    }
    args.send_data_out = flip();
    return args;
  }

  bool flip() { return up_to(2) == 1; }

 private:
  /// 1 to `most`.
  std::uint32_t up_to(std::uint32_t most) {
    return std::uniform_int_distribution<std::uint32_t>(1, most)(random_);
  }

  std::mt19937 random_{kSeed};
};

TEST_CASE("the schedule of random layers is the decoder's") {
  const sim::Configuration rtl = sim::load_configuration(KPU_TEST_CONFIG);
  DecodeBench bench;
  RandomLayers random;
  unsigned compared = 0;
  unsigned refused = 0;
  unsigned packed = 0;
  unsigned picked = 0;
  for (unsigned i = 0; i < 20000; ++i) {
    const bool eight_bit = random.flip();
    const golden::LayerArgs args = random.next(eight_bit);
    if (args.loads > 64) continue;  // more than the words can say
    CAPTURE(kSeed, i, args.in_channels, args.out_channels, args.kernel_type, args.depthwise,
            args.pool_type, args.first_stride, args.in_height, args.in_width, eight_bit);
    bench.decode(args, eight_bit);
    const sim::Schedule schedule = sim::make_schedule(args, eight_bit, args.send_data_out, rtl);
    const unsigned reason = bench.top.reason_o;
    // Others are about places in memory, which the schedule does not look at.
    REQUIRE((reason == kRingTooSmall || reason == 0 || reason == 9 || reason == 10));
    if (reason == 0) REQUIRE(schedule.fits_ring);
    if (reason == kRingTooSmall) REQUIRE_FALSE(schedule.fits_ring);
    refused += reason == kRingTooSmall;
    REQUIRE(bench.top.oc_rows_o == schedule.ring_rows);
    if (!schedule.fits_ring) continue;
    ++compared;
    REQUIRE(1u << bench.top.grp_l2_o == schedule.word_channels);
    REQUIRE(bench.top.icg_m1_o + 1u == schedule.groups);
    REQUIRE(bench.top.seg_m1_o + 1u == schedule.segments);
    REQUIRE(bench.top.seg_last_px_o == schedule.last_pixels);
    REQUIRE(bench.top.pack_o == (schedule.packed_lines > 0));
    packed += bench.top.pack_o;
    if (schedule.packed_lines > 0) {
      REQUIRE(bench.top.rows_m1_o + 1u == schedule.packed_lines);
      REQUIRE(bench.top.pack_pick_o == schedule.picks());
      picked += schedule.picks();
      REQUIRE(bench.top.pack_rows_m1_o + 1u == schedule.rows);
      const unsigned part = rtl.lanes / schedule.word_channels;
      if (schedule.picks()) {
        REQUIRE(bench.top.pack_odd_o == schedule.rows * schedule.segments % 2);
        REQUIRE(bench.top.pack_last_px_o + (schedule.segments - 1) * part / 2 == args.out_width);
      } else {
        const unsigned before = (schedule.packed_lines - 1) * part;
        REQUIRE(bench.top.pack_last_px_o + before == args.in_height * args.in_width);
      }
    } else {
      REQUIRE(bench.top.rows_m1_o + 1u == schedule.rows);
    }
    REQUIRE(1u << bench.top.step_l2_o == schedule.row_step);
    REQUIRE(bench.top.tile_oc_m1_o + 1u == schedule.tile_channels);

    const auto sizes = sim::tiles(args, schedule);
    REQUIRE(std::accumulate(sizes.begin(), sizes.end(), 0u) ==
            (args.depthwise ? schedule.groups : args.out_channels));
  }
  CHECK(compared > 5000);
  CHECK((packed > 0) == (rtl.pack_rows == 1));
  CHECK((picked > 0) == (rtl.pack_rows == 1));
  CHECK((refused > 0) == (rtl.weight_rows < 512));
}

}  // namespace
}  // namespace kpu::test
