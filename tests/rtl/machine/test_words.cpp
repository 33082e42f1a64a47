// SPDX-License-Identifier: Apache-2.0
//
// What random layers cannot say: words that the hardware refuses, each reason of docs/registers.md
// that the default shape can give, and the next layer after it; tables kept from the layer before;
// the first layer after power-up, with whatever registers and memories start with.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "common/error.h"
#include "tests/rtl/machine/machine.h"

namespace kpu::test {
namespace {

constexpr std::uint32_t kSeed = 13;

struct Refusal {
  unsigned reason;
  unsigned word;
  std::uint64_t clear;  ///< bits of the word
  std::uint64_t set;
};

/// One field each of an ordinary 1x1 layer, two channels of 4 x 40 pixels.
constexpr Refusal kRefusals[] = {
    {1, 4, 0x7, 2},                                          // kernel_type 2
    {2, 4, 0, 1 << 9},                                       // bypass_conv
    {3, 6, 0, 1},                                            // coef_column_offset
    {3, 6, 0, 1 << 4},                                       // coef_row_offset
    {4, 4, 0xF0, 0xA0},                                      // pool_type 10
    {5, 4, 0xF0, 0x110},                                     // first_stride with max 2x2
    {6, 7, std::uint64_t{7} << 28, std::uint64_t{3} << 28},  // coef_group 3
    {6, 7, std::uint64_t{7} << 28,
     std::uint64_t{2} << 28},  // coef_group 2: 40 columns are too many
    {6, 7, std::uint64_t{7} << 28, std::uint64_t{4} << 28},  // coef_group 4
    {7, 8, 7 << 20, 2 << 20},                                // wb_group 2
    {7, 8, 7 << 20, 0},                                      // wb_group 0
    {8, 3, 0, std::uint64_t{1} << 38},                       // o_row_wid too large
    {8, 3, 0, std::uint64_t{1} << 44},                       // o_col_high too large
    {9, 1, 0x7FFF, 0x7FFF},  // image_src_addr: the image ends behind AI RAM
    {10, 1, std::uint64_t{0x7FFF} << 32, std::uint64_t{0x7FFF} << 32},
    {11, 2, std::uint64_t{0x3FF} << 48, 0},  // one load of one channel for two
    {13, 0, 0, 1 << 2},                      // full_add
    {14, 0, 0, 1 << 3},                      // depthwise, with two to three channels
    {15, 5, 1, 1 << 1},                      // load_coor = 0 with two loads
};

TEST_CASE("words that the hardware refuses", "[words]") {
  CAPTURE(kSeed);
  RandomEngine random(kSeed);
  Machine machine(kSeed);
  for (const Refusal& refusal : kRefusals) {
    CAPTURE(refusal.reason, refusal.word, refusal.set);
    golden::LayerShape shape;
    shape.in_channels = 2;
    shape.out_channels = refusal.reason == 14 ? 3 : 2;
    shape.height = 4;
    shape.width = 40;
    shape.src_line = 100;
    shape.dst_line = 600;
    const RandomLayer layer =
        sim::random_tables(random, golden::make_layer_args(shape, true), true);
    machine.driver().set_eight_bit_mode(true);
    driver::QueuedLayer queued = machine.place(layer, 1);
    queued.words[refusal.word] = (queued.words[refusal.word] & ~refusal.clear) | refusal.set;
    REQUIRE_THROWS_WITH(machine.driver().run_layers({&queued, 1}),
                        contains_text(fmt::format("reason {}", refusal.reason)));
    machine.check(layer);
  }
}

TEST_CASE("images at the end of AI RAM", "[words]") {
  CAPTURE(kSeed);
  RandomEngine random(kSeed + 5);
  Machine machine(kSeed);
  machine.driver().set_eight_bit_mode(true);
  for (int i = 0; i < 12; ++i) {
    CAPTURE(i);
    const golden::LayerShape shape{.in_channels = 1 + static_cast<std::uint32_t>(random() % 9),
                                   .out_channels = 1 + static_cast<std::uint32_t>(random() % 9),
                                   .height = 2 + static_cast<std::uint32_t>(random() % 6),
                                   .width = 1 + static_cast<std::uint32_t>(random() % 200)};
    golden::LayerArgs args = golden::make_layer_args(shape, true);
    const bool input = i % 2 == 0;
    std::uint32_t& line = input ? args.src_line : args.dst_line;
    line = static_cast<std::uint32_t>(
        kAiRamLines - (input ? args.input_layout() : args.output_layout()).end_line());
    machine.check(sim::random_tables(random, args, true));
    ++line;
    const driver::QueuedLayer beyond = machine.place(sim::random_tables(random, args, true), 0);
    REQUIRE_THROWS_WITH(machine.driver().run_layers({&beyond, 1}),
                        contains_text(fmt::format("reason {}", input ? 9 : 10)));
  }
}

TEST_CASE("weights and batch norm of the layer before", "[words]") {
  CAPTURE(kSeed);
  RandomEngine random(kSeed + 1);
  Machine machine(kSeed);
  int runs = 0;
  for (int i = 0; i < 60; ++i) {
    CAPTURE(i);
    RandomLayer layer = draw(random);
    if (layer.args.loads != 1 || layer.stream_out) continue;
    INFO(Machine::describe(layer));
    machine.check(layer);
    // The same layer without its addresses, on what is there now (the input may be its own output).
    const golden::KpuLayerOutput want = machine.reference(layer);
    driver::QueuedLayer queued = machine.place(layer, 0);
    golden::LayerArgs args = golden::decode(queued.words);
    args.load_para = false;
    args.load_coor = false;
    args.weights_addr = 0xDEAD0;
    args.bn_addr = 0xBEEF8;
    queued.words = golden::encode(args);
    machine.driver().run_layers({&queued, 1});
    if (want.range.ok()) machine.check_output(layer, want);
    ++runs;
  }
  CHECK(runs > 20);
}

TEST_CASE("weights that a layer keeps are those of the last load", "[words]") {
  CAPTURE(kSeed);
  RandomEngine random(kSeed + 3);
  Machine machine(kSeed);
  machine.driver().set_eight_bit_mode(true);
  for (std::uint32_t loads = 1; loads <= 4; ++loads) {
    CAPTURE(loads);
    constexpr std::uint32_t kChannels = 4;  // of a load
    golden::LayerShape shape{.in_channels = 5,
                             .out_channels = kChannels * loads,
                             .height = 6,
                             .width = 20,
                             .kernel = 3,
                             .dst_line = 600};
    golden::LayerArgs args = golden::make_layer_args(shape, true);
    args.load_channels = kChannels;
    args.loads = loads;
    args.load_bytes = static_cast<std::uint32_t>(kChannels * args.channel_weights()) + 4;
    const RandomLayer before = sim::random_tables(random, args, true);
    shape.out_channels = kChannels;
    RandomLayer layer = sim::random_tables(random, golden::make_layer_args(shape, true), true);
    const std::size_t last = before.args.weight_offset(kChannels * (loads - 1), true);
    std::copy_n(before.weights.begin() + static_cast<std::ptrdiff_t>(last), layer.weights.size(),
                layer.weights.begin());
    machine.check(before);
    // Twice: what a layer keeps, it hands on.
    for (int i = 0; i < 2; ++i) {
      CAPTURE(i);
      const golden::KpuLayerOutput want = machine.reference(layer);
      // The tables of slot 0 stay where they are; this layer's own weights are not among them.
      driver::QueuedLayer queued = machine.place(layer, 1);
      golden::LayerArgs kept = golden::decode(queued.words);
      kept.load_coor = false;
      kept.weights_addr = 0xDEAD0;
      queued.words = golden::encode(kept);
      machine.driver().run_layers({&queued, 1});
      if (want.range.ok()) machine.check_output(layer, want);
    }
  }
}

TEST_CASE("the first layer after power-up", "[words]") {
  RandomEngine random(kSeed + 2);
  for (std::uint32_t seed = 1; seed <= 24; ++seed) {
    CAPTURE(seed);
    Machine machine(seed);
    machine.check(draw(random));
    machine.check(draw(random));
  }
}

}  // namespace
}  // namespace kpu::test
