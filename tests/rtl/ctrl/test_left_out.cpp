// SPDX-License-Identifier: Apache-2.0
//
// A decoder of a machine without pooling, output stream and 16-bit weights: layers that need one of them are refused with the
// reason that names it, and sim::refusal() says so, too; the others are decoded as ever. Every pool, with and without each need.
#include <cstdint>
#include <string>

#include "golden/kpu/layer_args.h"
#include "sim/model/refusal.h"
#include "tests/rtl/ctrl/decode_bench.h"
#include "tests/support/catch2.h"

namespace kpu::test {
namespace {

constexpr unsigned kPoolLeftOut = 16;
constexpr unsigned kStreamLeftOut = 17;
constexpr unsigned kWeightsLeftOut = 18;

TEST_CASE("What a machine does not have is refused by name") {
  DecodeBench bench;
  sim::Configuration rtl = sim::load_configuration("lanes16");
  rtl.pool = rtl.stream_out = rtl.weights16 = 0;
  for (std::uint32_t pool = golden::kPoolBypass; pool <= golden::kPoolMax2s1; ++pool) {
    for (unsigned needs = 0; needs < 8; ++needs) {
      const bool stream = (needs & 1) != 0;
      const bool eight_bit = (needs & 2) == 0;
      const bool stride = (needs & 4) != 0 && pool == golden::kPoolBypass;
      CAPTURE(pool, stream, eight_bit, stride);
      golden::LayerShape shape;
      shape.in_channels = shape.out_channels = 4;
      shape.height = shape.width = 8;
      shape.pool_type = pool;
      shape.dst_line = 1000;
      golden::LayerArgs args = golden::make_layer_args(shape, eight_bit);
      if (stride) {
        args.first_stride = true;
        args.out_width = args.out_height = 4;
      }
      args.send_data_out = stream;
      bench.decode(args, eight_bit);
      unsigned expected = 0;
      if (!eight_bit) expected = kWeightsLeftOut;
      if (stream) expected = kStreamLeftOut;
      if (pool != golden::kPoolBypass || stride) expected = kPoolLeftOut;
      REQUIRE(bench.top.reason_o == expected);

      golden::KpuLayerInfo layer;
      layer.args = args;
      layer.to_main_memory = stream;
      const std::string why = sim::refusal(layer, eight_bit, rtl);
      REQUIRE(why.empty() == (expected == 0));
      if (expected == kPoolLeftOut) REQUIRE_THAT(why, contains_text("expected 0 on a machine with Pool = 0"));
      if (expected == kStreamLeftOut) REQUIRE_THAT(why, contains_text("expected 0 on a machine with StreamOut = 0"));
      if (expected == kWeightsLeftOut) REQUIRE_THAT(why, contains_text("expected 8 on a machine with Weights16 = 0"));
    }
  }
}

}  // namespace
}  // namespace kpu::test
