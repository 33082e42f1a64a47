// SPDX-License-Identifier: Apache-2.0
//
// A layer that needs more weight loads than load_time's six bits count, as the vendor's compilers
// make it for 3x3 convolutions from 512 to 512 channels: the file can be listed, the chip refuses
// it, and the simulator's profile runs it with all its weights.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "golden/fast/fast_backend.h"
#include "golden/kmodel/network.h"
#include "golden/kpu/golden_backend.h"
#include "golden/kpu/layer_args.h"
#include "tests/golden/kmodel/v5/v5_conv_file.h"
#include "tests/golden/kpu/layer_fixture.h"
#include "tests/support/catch2.h"

using namespace kpu::golden;
using kpu::test::contains_text;
using kpu::test::LayerFixture;

using Bytes = std::vector<std::uint8_t>;

TEST_CASE("load_time that overflows six bits is refused, and ignored by the simulator's profile") {
  LayerArgs args = make_layer_args({.in_channels = 512,
                                    .out_channels = 512,
                                    .height = 4,
                                    .width = 4,
                                    .kernel = 3,
                                    .src_line = 0,
                                    .dst_line = 2048},
                                   true);
  REQUIRE(args.loads == 86);
  CHECK_THROWS_WITH(encode(args), contains_text("load_time=86: does not fit"));
  args.loads = 22;  // what is left of it
  CHECK(decode(encode(args)).loads == 22);
  const auto lines = problems(args, true);
  REQUIRE(lines.size() == 1);
  CHECK_THAT(lines[0],
             contains_text("load_time=22: 86 weight loads do not fit its six bits; the vendor's "
                           "simulator ignores the field, the chip cannot"));
  CHECK(problems(args, true, LoadTime::kIgnored).empty());
  // Any other wrong count stays wrong.
  args.loads = 23;
  CHECK_THAT(problems(args, true, LoadTime::kIgnored).at(0), contains_text("expected 86 loads"));
  args.loads = 22;
}

TEST_CASE("a file with such a layer") {
  // Every output channel takes its own input channel, twice: those behind the 22nd load come out
  // right only with all weights.
  LayerFixture layer({.in_channels = 512,
                      .out_channels = 512,
                      .height = 1,
                      .width = 1,
                      .kernel = 3,
                      .src_line = 0,
                      .dst_line = 2048},
                     true);
  layer.args.loads = 22;
  Bytes input(512), expected(512);
  for (std::size_t channel = 0; channel < 512; ++channel) {
    layer.weights[(channel * 512 + channel) * 9 + 4] = 2;
    input[channel] = static_cast<std::uint8_t>(channel % 100);
    expected[channel] = static_cast<std::uint8_t>(2 * input[channel]);
  }
  const auto model = load_model(kpu::test::v5_layer_file(layer, false).bytes());
  CHECK(model->info().kpu_layer_count() == 1);
  CHECK_THROWS_WITH(require_countable_loads(model->info(), LoadTime::kCounts),
                    contains_text("layer 2: load_time=22"));
  GoldenBackend backend;
  CHECK_THROWS_WITH(run_network(*model, {input}, backend), contains_text("the chip cannot"));

  RunOptions options;
  options.profile = profile_by_name("simulator");
  GoldenBackend reference(options.profile.kpu);
  CHECK(run_network(*model, {input}, reference, options).outputs.at(0) == expected);
  fast::FastBackend quick(options.profile.kpu);
  CHECK(run_network(*model, {input}, quick, options).outputs.at(0) == expected);
}
