// SPDX-License-Identifier: Apache-2.0
//
// The layer words: every field at its place (a walking one through all 768 bits must come back
// from decoding and encoding unless it is a reserved bit), hand-made words, and each rule of
// problems() broken once.
#include "golden/kpu/layer_args.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/bits.h"
#include "common/error.h"
#include "tests/support/catch2.h"

using namespace kpu::golden;
using kpu::test::contains_text;

namespace {

LayerArgs good_layer() {
  return make_layer_args({.in_channels = 8,
                          .out_channels = 20,
                          .height = 12,
                          .width = 30,
                          .kernel = 3,
                          .pool_type = kPoolMax2,
                          .src_line = 0,
                          .dst_line = 1000},
                         true);
}

}  // namespace

TEST_CASE("every bit of the words that is not reserved survives") {
  // Bits that are part of a field, by word.
  const kpu::LayerWords used = {0xF,
                                0x00007FFF00007FFF,
                                0x03FF03FF000003FF,
                                0x0007FFFF0007FFFF,
                                0xFFFFFFFFFFFF07FF,
                                0xFFFFFFFFFFFF807F,
                                0xFFFF,
                                0xFFFFFFFFFFFF7FFF,
                                0x7F7FFF,
                                0x00FFFFFFFFFFFFFF,
                                0x000000FFFFFFFFFF,
                                0xFFFFFFFFFFFF0001};
  for (std::size_t word = 0; word < kpu::kLayerWords; ++word) {
    for (unsigned bit = 0; bit < 64; ++bit) {
      CAPTURE(word, bit);
      kpu::LayerWords words{};
      words[word] = std::uint64_t{1} << bit;
      const bool is_used = kpu::bits(used[word], bit, 1) != 0;
      CHECK(encode(decode(words)) == (is_used ? words : kpu::LayerWords{}));
    }
  }
}

TEST_CASE("fields by name") {
  kpu::LayerWords words{};
  words[2] = 31ull << 48 | 63ull << 32 | 2;
  words[3] = 119ull << 42 | 159ull << 32 | 239ull << 10 | 319;
  words[4] = 0x0000000091110419ull | 0x1234ull << 32;
  words[5] = 432ull << 15 | 2ull << 1 | 1;
  words[9] = 0x00FFFFFF800000F1ull;
  words[10] = 0x8000000000ull;
  const LayerArgs args = decode(words);
  CHECK(args.in_channels == 3);
  CHECK(args.out_channels == 64);
  CHECK(args.load_channels == 32);
  CHECK(args.in_width == 320);
  CHECK(args.in_height == 240);
  CHECK(args.out_width == 160);
  CHECK(args.out_height == 120);
  CHECK(args.kernel_type == 1);
  CHECK(args.pad_type == 1);
  CHECK(args.pool_type == kPoolMax2);
  CHECK(args.load_para);
  CHECK(args.dma_burst_size == 0x11);
  CHECK(args.pad_value == 0x91);
  CHECK(args.bn_addr == 0x1234);
  CHECK(args.load_coor);
  CHECK(args.loads == 3);
  CHECK(args.load_bytes == 432);
  CHECK(args.conv.shr_w == 1);
  CHECK(args.conv.shr_x == 15);
  CHECK(args.conv.arg_w == -8388608);
  CHECK(args.conv.arg_x == -1);
  CHECK(args.conv.arg_add == -(std::int64_t{1} << 39));
}

TEST_CASE("a value too large for its bits is refused by name") {
  LayerArgs args;
  args.src_line = 32768;
  CHECK_THROWS_WITH(encode(args), contains_text("image_src_addr=32768"));
  args.src_line = 0;
  args.in_channels = 0;
  CHECK_THROWS_WITH(encode(args), contains_text("i_ch_num"));
  args.in_channels = 1;
  args.conv.arg_w = 8388608;
  CHECK_THROWS_WITH(encode(args), contains_text("arg_w"));
}

TEST_CASE("derived figures") {
  const LayerArgs args = good_layer();
  CHECK(problems(args, true).empty());
  CHECK(args.channel_weights() == 72);
  CHECK(args.weight_bytes(true) == 1440);
  CHECK(args.macs() == 72ull * 20 * 12 * 30);
  CHECK(args.out_width == 15);
  CHECK(args.out_line_channels == 4);
  CHECK(args.stride() == 2);

  // 256 -> 256 channels: 30 KiB hold 120 output channels, so three loads.
  const LayerArgs large =
      make_layer_args({.in_channels = 256, .out_channels = 256, .height = 4, .width = 4}, true);
  CHECK(large.load_channels == 120);
  CHECK(large.loads == 3);
  CHECK(large.weight_offset(120, true) == large.load_bytes);
  CHECK(large.weight_bytes(true) == 65536);
  CHECK(large.weight_offset(121, false) == large.load_bytes + 512u);
}

TEST_CASE("each rule has its message") {
  struct Case {
    const char* message;
    std::function<void(LayerArgs&)> break_it;
  };
  const std::vector<Case> cases = {
      {"kernel_type=2", [](LayerArgs& a) { a.kernel_type = 2; }},
      {"pool_type=10", [](LayerArgs& a) { a.pool_type = 10; }},
      {"bypass_conv=1", [](LayerArgs& a) { a.bypass_conv = true; }},
      {"coef_column_offset=1", [](LayerArgs& a) { a.coef_column_offset = 1; }},
      {"coef_row_offset=9", [](LayerArgs& a) { a.coef_row_offset = 9; }},
      {"pool_type=1: expected 0", [](LayerArgs& a) { a.first_stride = true; }},
      {"o_ch_num=20", [](LayerArgs& a) { a.depthwise = true; }},
      {"o_row_wid=30", [](LayerArgs& a) { a.out_width = 30; }},
      {"o_col_high=5", [](LayerArgs& a) { a.out_height = 5; }},
      {"coef_group=3", [](LayerArgs& a) { a.in_line_channels = 3; }},
      {"wb_group=0", [](LayerArgs& a) { a.out_line_channels = 0; }},
      {"i_row_wid=30", [](LayerArgs& a) { a.in_line_channels = 4; }},
      {"row_switch_addr=0", [](LayerArgs& a) { a.in_row_lines = 0; }},
      {"image_src_addr=32767", [](LayerArgs& a) { a.src_line = 32767; }},
      {"image_dst_addr=32760", [](LayerArgs& a) { a.dst_line = 32760; }},
      {"wb_channel_switch_addr=5", [](LayerArgs& a) { a.out_group_lines = 5; }},
      {"load_time=1", [](LayerArgs& a) { a.load_channels = 7; }},
      {"load_time=2", [](LayerArgs& a) { a.loads = 2; }},
      {"para_size=1439", [](LayerArgs& a) { a.load_bytes = 1439; }},
  };
  for (const Case& c : cases) {
    LayerArgs args = good_layer();
    c.break_it(args);
    const std::vector<std::string> lines = problems(args, true);
    INFO(c.message);
    REQUIRE_FALSE(lines.empty());
    CHECK(lines.front().find(c.message) == 0);
    CHECK_THROWS_WITH(require_valid(args, true, "layer 4"),
                      contains_text("layer 4: " + lines.front()));
  }
}

TEST_CASE("first_stride takes either rounding of an odd size") {
  LayerArgs args = make_layer_args({.height = 9, .width = 8}, true);
  args.first_stride = true;
  args.out_width = 4;
  for (std::uint32_t height : {4u, 5u}) {
    args.out_height = height;
    CHECK(problems(args, true).empty());
  }
  args.out_height = 3;
  CHECK_FALSE(problems(args, true).empty());
}

TEST_CASE("a load must fit the weight buffer") {
  // 1x1: nine buffer bytes for eight, so 64 KiB are the most.
  LayerArgs args =
      make_layer_args({.in_channels = 1024, .out_channels = 64, .height = 1, .width = 1}, true);
  args.load_channels = 64;
  args.loads = 1;
  args.load_bytes = 65536;
  CHECK(problems(args, true).empty());
  CHECK_FALSE(problems(args, false).empty());
  args.out_channels = 65;
  args.load_channels = 65;
  args.load_bytes = 66560;
  CHECK_THROWS_WITH(require_valid(args, true, "x"), contains_text("weight buffer"));
}
