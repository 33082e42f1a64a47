// SPDX-License-Identifier: Apache-2.0
//
// The performance counters. What a layer must move and compute is known exactly: products, bytes of
// tables, lines written. Where its cycles go is the machine's own affair, so those are kept as they
// were measured, for layers that meet every tile size: a change of them is noticed.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/rtl/machine/machine.h"

namespace kpu::test {
namespace {

using Counters = Machine::Counters;

struct KeptLayer {
  const char* name;
  golden::LayerShape shape;
  bool eight_bit;
  bool stream;
  Counters counters;  ///< in the order of docs/registers.md, lanes64
};

// Shapes: channels in and out, height, width, kernel, depthwise, pool.
const KeptLayer kLayers[] = {
    {"tiles of 16, 10 and 9",
     {3, 35, 8, 64, 3},
     true,
     false,
     {1015, 840, 137, 1, 0, 0, 1, 4, 32, 172, 126, 280}},
    {"a tile of 12, points",
     {64, 12, 8, 16, 1},
     true,
     false,
     {389, 192, 159, 1, 0, 0, 1, 4, 32, 126, 128, 96}},
    {"a tile of 6, pooled",
     {16, 6, 12, 20, 3, false, 1},
     true,
     false,
     {776, 576, 162, 1, 0, 0, 1, 4, 32, 132, 128, 36}},
    {"a tile of 3",
     {8, 3, 19, 33, 3},
     false,
     false,
     {1057, 912, 107, 1, 0, 0, 1, 4, 32, 75, 184, 57}},
    {"one channel, tall",
     {2, 1, 70, 10, 3},
     true,
     false,
     {166, 70, 54, 5, 0, 0, 1, 4, 32, 22, 74, 70}},
    {"more weights than work",
     {256, 20, 1, 8, 1},
     false,
     false,
     {1548, 320, 1188, 3, 0, 0, 1, 4, 32, 1318, 128, 20}},
    {"tiles of 16 in half the ring",
     {256, 16, 1, 4, 3},
     true,
     false,
     {5734, 1024, 4672, 1, 0, 0, 1, 4, 32, 4642, 64, 16}},
    {"tiles of 8 in half the ring",
     {512, 8, 1, 4, 3},
     true,
     false,
     {5726, 1024, 4664, 1, 0, 0, 1, 4, 32, 4634, 128, 8}},
    {"tiles of 4 in half the ring",
     {1024, 4, 1, 4, 3},
     true,
     false,
     {5723, 1024, 4661, 1, 0, 0, 1, 4, 32, 4630, 256, 4}},
    {"tiles of 2 in half the ring",
     {1024, 2, 1, 4, 3},
     false,
     false,
     {6234, 1024, 4661, 512, 0, 0, 1, 4, 32, 4628, 256, 2}},
    {"tiles of 2, nearly half the ring",
     {1000, 5, 1, 4, 3},
     false,
     false,
     {12839, 2500, 8301, 2001, 0, 0, 1, 4, 32, 11273, 750, 5}},
    {"tiles of 8",
     {120, 17, 2, 40, 3},
     false,
     false,
     {10697, 8160, 2499, 1, 0, 0, 1, 4, 32, 4625, 480, 34}},
    {"a tile of 16",
     {4, 16, 8, 20, 3},
     true,
     false,
     {430, 256, 136, 1, 0, 0, 1, 4, 32, 106, 28, 128}},
    {"a tile of 8", {4, 8, 17, 20, 3}, true, false, {402, 272, 92, 1, 0, 0, 1, 4, 32, 62, 50, 136}},
    {"a tile of 2", {4, 2, 37, 20, 3}, true, false, {251, 148, 61, 5, 0, 0, 1, 4, 32, 29, 82, 74}},
    {"depthwise, two lines a row",
     {9, 9, 9, 70, 3, true},
     true,
     false,
     {286, 162, 69, 18, 0, 0, 1, 4, 32, 38, 162, 162}},
    {"depthwise, 16 bits",
     {8, 8, 40, 60, 3, true},
     false,
     false,
     {1392, 640, 74, 641, 0, 0, 1, 4, 32, 44, 320, 320}},
    {"a tile of 4 for two lines a row",
     {4, 8, 6, 80, 3, false, 9},
     true,
     false,
     {501, 384, 75, 1, 0, 0, 1, 4, 36, 62, 96, 96}},
    {"a stream", {4, 8, 10, 33, 1}, true, true, {600, 80, 67, 1, 0, 0, 416, 4, 32, 30, 40, 80}},
};

/// Cycles of the array: one a line, channel group, output channel and byte of the weights.
std::uint64_t products(const golden::LayerArgs& args, bool eight_bit) {
  const std::uint64_t groups =
      (args.in_channels + args.in_line_channels - 1) / args.in_line_channels;
  const std::uint64_t lines = std::uint64_t{args.in_height} * ((args.in_width + 63) / 64);
  const std::uint64_t windows = args.kernel() == 3 || args.depthwise ? groups : (groups + 7) / 8;
  return lines * windows * (args.depthwise ? 1 : args.out_channels) * (eight_bit ? 1 : 2);
}

/// Eight-byte beats of the tables, which start at whole beats.
std::uint64_t beats(const golden::LayerArgs& args, bool eight_bit) {
  std::uint64_t sum = golden::kActTableBytes / 8 + args.out_channels;
  for (std::uint32_t left = args.out_channels; left > 0;) {
    const std::uint32_t channels = std::min(left, args.load_channels);
    sum += (channels * args.channel_weights() * (eight_bit ? 1 : 2) + 7) / 8;
    left -= channels;
  }
  return sum;
}

TEST_CASE("the counters of known layers", "[counters]") {
  if (tb::KpuHarness::lanes() != 64) return;
  RandomEngine random(21);
  Machine machine(21);
  for (const KeptLayer& kept : kLayers) {
    INFO(kept.name);
    golden::LayerShape shape = kept.shape;
    shape.dst_line = 600;
    const golden::LayerArgs args = golden::make_layer_args(shape, kept.eight_bit);
    RandomLayer layer = sim::random_tables(random, args, kept.eight_bit);
    layer.stream_out = kept.stream;
    const Counters counters = machine.check(layer);
    CHECK(counters[1] == products(args, kept.eight_bit));
    CHECK(counters[9] == beats(args, kept.eight_bit));
    const std::uint64_t row_lines = (args.out_width + 63) / 64;
    CHECK(counters[11] == args.out_channels * args.out_height * row_lines);
    INFO(fmt::format("counters: {}", fmt::join(counters, ", ")));
    CHECK((counters == kept.counters));
  }
}

TEST_CASE("the first layer after power-up counts as the table says", "[counters]") {
  if (tb::KpuHarness::lanes() != 64) return;
  RandomEngine random(23);
  for (std::uint32_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    Machine machine(seed);
    const KeptLayer& kept = kLayers[0];
    golden::LayerShape shape = kept.shape;
    shape.dst_line = 600;
    const golden::LayerArgs args = golden::make_layer_args(shape, kept.eight_bit);
    const Counters counters = machine.check(sim::random_tables(random, args, kept.eight_bit));
    CHECK((counters == kept.counters));
  }
}

TEST_CASE("a layer's tables are fetched while the one before computes", "[counters]") {
  if (tb::KpuHarness::lanes() != 64) return;
  RandomEngine random(22);
  Machine machine(22);
  machine.driver().set_eight_bit_mode(true);
  // Beats of tables count in the layer that runs when they come: each start of a fetch shows.
  const golden::LayerShape large{.in_channels = 16,
                                 .out_channels = 32,
                                 .height = 8,
                                 .width = 60,
                                 .kernel = 3,
                                 .dst_line = 600};
  const golden::LayerShape tall{.height = 40, .width = 60, .kernel = 3, .dst_line = 600};
  const golden::LayerShape tiny{.dst_line = 600};
  const golden::LayerShape deep{
      .in_channels = 64, .out_channels = 16, .kernel = 3, .dst_line = 600};
  const struct {
    std::array<golden::LayerShape, 3> shapes;
    std::array<Counters, 3> counters;
  } cases[] = {
      {{large, large, large},
       {{{4502, 4096, 368, 1, 0, 0, 1, 4, 32, 1252, 448, 256},
         {4139, 4096, 0, 6, 0, 0, 1, 4, 32, 626, 448, 256},
         {4139, 4096, 0, 6, 0, 0, 1, 4, 32, 0, 448, 256}}}},
      {{tall, tall, tall},
       {{{133, 40, 53, 3, 0, 0, 1, 4, 32, 42, 42, 40},
         {85, 40, 0, 8, 0, 0, 1, 4, 32, 21, 42, 40},
         {85, 40, 0, 8, 0, 0, 1, 4, 32, 0, 42, 40}}}},
      {{tiny, tiny, tiny},
       {{{92, 1, 53, 1, 0, 0, 1, 4, 32, 20, 1, 1},
         {70, 1, 31, 1, 0, 0, 1, 4, 32, 20, 1, 1},
         {70, 1, 31, 1, 0, 0, 1, 4, 32, 20, 1, 1}}}},
      {{large, tiny, deep},
       {{{4502, 4096, 368, 1, 0, 0, 1, 4, 32, 646, 448, 256},
         {43, 1, 0, 5, 0, 0, 1, 4, 32, 15, 1, 1},
         {1468, 256, 1174, 1, 0, 0, 1, 4, 32, 1170, 16, 16}}}},
  };
  for (const auto& kept : cases) {
    std::vector<driver::QueuedLayer> queued;
    for (const golden::LayerShape& shape : kept.shapes) {
      const golden::LayerArgs args = golden::make_layer_args(shape, true);
      queued.push_back(machine.place(sim::random_tables(random, args, true),
                                     static_cast<std::uint32_t>(queued.size())));
    }
    const auto results = machine.driver().run_layers(queued);
    for (std::size_t i = 0; i < results.size(); ++i) {
      CAPTURE(&kept - cases, i);
      INFO(fmt::format("counters: {}", fmt::join(results[i].counters, ", ")));
      CHECK(std::equal(kept.counters[i].begin(), kept.counters[i].end(),
                       results[i].counters.begin()));
    }
  }
}

}  // namespace
}  // namespace kpu::test
