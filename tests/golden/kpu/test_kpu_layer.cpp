// SPDX-License-Identifier: Apache-2.0
//
// The reference layer in every mode, against small layers worked out by hand. The arithmetic
// itself is in test_arith.cpp and whole files in test_vectors.cpp; here it is what surrounds the
// formulas: borders, pooling windows, strides, weight order and loads, sums, and reports.
#include "golden/kpu/kpu_layer.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/error.h"
#include "golden/kpu/golden_backend.h"
#include "tests/golden/kpu/layer_fixture.h"
#include "tests/support/catch2.h"

using namespace kpu::golden;
using kpu::test::contains_text;
using kpu::test::LayerFixture;

using Bytes = std::vector<std::uint8_t>;

TEST_CASE("pooling of a 3x5 image by hand") {
  const Bytes in = {10, 20, 30, 40, 50, 11, 21, 31, 41, 51, 12, 22, 32, 42, 53};
  CHECK(pool_channel(in, 3, 5, kPoolBypass) == in);
  CHECK(pool_channel(in, 3, 5, kPoolMax2) == Bytes{21, 41});
  CHECK(pool_channel(in, 3, 5, kPoolMean2) == Bytes{15, 35});
  CHECK(pool_channel(in, 3, 5, kPoolLeftTop2) == Bytes{10, 30});
  CHECK(pool_channel(in, 3, 5, kPoolRightTop2) == Bytes{20, 40});
  for (std::uint32_t type : {kPoolMax4, kPoolMean4, kPoolLeftTop4}) {
    CHECK(pool_channel(in, 3, 5, type).empty());
  }
  CHECK(pool_channel(in, 3, 5, kPoolMean2s1) ==
        Bytes{15, 25, 35, 45, 50, 16, 26, 36, 46, 52, 17, 27, 37, 47, 53});
  CHECK(pool_channel(in, 3, 5, kPoolMax2s1) ==
        Bytes{21, 31, 41, 51, 51, 22, 32, 42, 53, 53, 22, 32, 42, 53, 53});
  CHECK_THROWS_AS(pool_channel(in, 3, 5, 10), kpu::Error);
}

TEST_CASE("pooling by four") {
  Bytes in(4 * 5);
  for (std::size_t i = 0; i < in.size(); ++i) {
    in[i] = static_cast<std::uint8_t>(i * 7);
  }
  // Rows of 5: the window is columns 0..3, its last pixel is number 18.
  CHECK(pool_channel(in, 4, 5, kPoolMax4) == Bytes{126});
  CHECK(pool_channel(in, 4, 5, kPoolMean4) == Bytes{63});
  CHECK(pool_channel(in, 4, 5, kPoolLeftTop4) == Bytes{0});
}

TEST_CASE("two channels through a 1x1 kernel") {
  LayerFixture layer({.in_channels = 2, .out_channels = 1, .height = 1, .width = 1}, true);
  layer.args.conv = {.arg_x = -128, .arg_w = -12, .shr_x = 0, .shr_w = 0, .arg_add = 1536};
  layer.weights = {200, 90};
  layer.batch_norm = {{.mul = 57131, .add = 15787, .shift = 15}};
  for (Segment& segment : layer.act) {
    segment = {.x_start = 0, .y_mul = 1024, .shift = 20, .bias = 0};
  }
  CHECK(layer.run(Bytes{100, 37}).planar == Bytes{25});
}

TEST_CASE("a 3x3 kernel takes its border from pad_value or the nearest pixel") {
  // Weight 1 on the tap above and left of the centre: the image moves down and right.
  LayerFixture layer({.height = 2, .width = 3, .kernel = 3}, true);
  layer.weights = {1, 0, 0, 0, 0, 0, 0, 0, 0};
  layer.args.pad_value = 9;
  const Bytes in = {1, 2, 3, 4, 5, 6};
  CHECK(layer.run(in).planar == Bytes{9, 9, 9, 9, 1, 2});
  layer.args.pad_type = 1;
  CHECK(layer.run(in).planar == Bytes{1, 1, 2, 1, 1, 2});
  // Below and right of the centre.
  layer.weights = {0, 0, 0, 0, 0, 0, 0, 0, 1};
  CHECK(layer.run(in).planar == Bytes{5, 6, 6, 5, 6, 6});
  layer.args.pad_type = 0;
  CHECK(layer.run(in).planar == Bytes{5, 6, 9, 9, 9, 9});
}

TEST_CASE("the border counts in the sum of pixels") {
  LayerFixture layer({.height = 1, .width = 1, .kernel = 3}, true);
  layer.weights = Bytes(9, 0);
  layer.args.pad_value = 10;
  layer.args.conv.arg_x = 1;
  CHECK(layer.run(Bytes{5}).planar == Bytes{85});
}

TEST_CASE("weights are ordered by output channel, input channel, row, column") {
  LayerFixture layer({.in_channels = 2, .out_channels = 2, .height = 1, .width = 1}, true);
  layer.weights = {1, 2, 3, 4};
  CHECK(layer.run(Bytes{10, 20}).planar == Bytes{50, 110});

  SECTION("16 bits, little endian") {
    LayerFixture wide({.in_channels = 1, .out_channels = 2, .height = 1, .width = 1}, false);
    wide.weights = {0x02, 0x01, 0xFF, 0xFF};
    for (BatchNorm& bn : wide.batch_norm) {
      bn.shift = 8;
    }
    CHECK(wide.run(Bytes{100}).planar == Bytes{100, 255});
  }
  SECTION("depthwise: one kernel a channel") {
    LayerFixture depthwise(
        {.in_channels = 2, .out_channels = 2, .height = 1, .width = 1, .depthwise = true}, true);
    depthwise.weights = {3, 4};
    depthwise.args.conv = {.arg_x = 1, .arg_w = 1, .shr_x = 0, .shr_w = 0, .arg_add = 7};
    CHECK(depthwise.run(Bytes{10, 20}).planar == Bytes{30 + 10 + 3 + 7, 80 + 20 + 4 + 7});
  }
  SECTION("each load starts at its own multiple of para_size") {
    layer.args.load_channels = 1;
    layer.args.loads = 2;
    layer.args.load_bytes = 8;
    layer.weights = {1, 2, 0, 0, 0, 0, 0, 0, 3, 4};
    CHECK(layer.run(Bytes{10, 20}).planar == Bytes{50, 110});
    layer.weights.pop_back();
    CHECK_THROWS_WITH(layer.run(Bytes{10, 20}), contains_text("weights: 9 bytes"));
  }
}

TEST_CASE("first_stride keeps rows and columns 0, 2, 4, ..") {
  LayerFixture layer({.height = 3, .width = 4}, true);
  layer.weights = {1};
  layer.args.first_stride = true;
  layer.args.out_width = 2;
  layer.args.out_height = 2;
  const Bytes in = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  CHECK(layer.run(in).planar == Bytes{1, 3, 9, 11});
  layer.args.out_height = 1;
  CHECK(layer.run(in).planar == Bytes{1, 3});
}

TEST_CASE("full_add sums conv over all positions and streams the sums") {
  LayerFixture layer({.in_channels = 1, .out_channels = 2, .height = 2, .width = 3}, true);
  layer.weights = {2, 1};
  layer.args.pool_type = kPoolMax2;
  layer.args.out_width = 1;
  layer.args.out_height = 1;
  layer.args.full_add = true;
  layer.args.conv.arg_add = -100;
  const KpuLayerOutput output = layer.run(Bytes{1, 2, 3, 4, 5, 6});
  CHECK(output.channel_sums == std::vector<std::int64_t>{42 - 600, 21 - 600});
  CHECK(output_stream(layer.args, output) ==
        std::vector<std::uint64_t>{static_cast<std::uint64_t>(-558ll),
                                   static_cast<std::uint64_t>(-579ll)});
}

TEST_CASE("send_data_out streams the output, the last word zero-filled") {
  LayerFixture layer({.height = 2, .width = 5}, true);
  layer.weights = {1};
  const KpuLayerOutput output = layer.run(Bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  CHECK(output_stream(layer.args, output).empty());
  layer.args.send_data_out = true;
  CHECK(output_stream(layer.args, output) ==
        std::vector<std::uint64_t>{0x0807060504030201, 0x0A09});
}

TEST_CASE("load_act = 0 gives zeros and needs no table") {
  LayerFixture layer({.out_channels = 2, .height = 1, .width = 2}, true);
  layer.weights = {1, 1};
  layer.args.load_act = false;
  CHECK(layer.run(Bytes{8, 9}).planar == Bytes(4, 0));
}

TEST_CASE("values beyond 36 bits are reported where an output depends on them") {
  LayerFixture layer({.out_channels = 2, .height = 3, .width = 4}, true);
  layer.weights = {255, 255};
  layer.args.conv.arg_add = (std::int64_t{1} << 35) - 1 - 255 * 100;
  Bytes in(12, 100);
  CHECK(layer.run(in).range.ok());

  in[6] = 101;  // row 1, column 2
  RangeReport range = layer.run(in).range;
  CHECK(range.conv_count == 2);
  CHECK(range.norm_count == 2);
  CHECK(range.first.channel == 0);
  CHECK(range.first.row == 1);
  CHECK(range.first.column == 2);

  layer.batch_norm[0].mul = 0;
  range = layer.run(in).range;
  CHECK(range.conv_count == 2);
  CHECK(range.norm_count == 1);

  SECTION("not from what a select-pool skips") {
    layer.args.out_height = 1;
    layer.args.out_width = 2;
    for (std::uint32_t pool : {kPoolLeftTop2, kPoolRightTop2}) {
      layer.args.pool_type = pool;
      CHECK(layer.run(in).range.ok());
    }
    layer.args.pool_type = kPoolMax2;
    CHECK(layer.run(in).range.conv_count == 2);
    in[6] = 100;
    in[10] = 101;  // row 2: the odd one
    CHECK(layer.run(in).range.ok());
    layer.args.full_add = true;
    CHECK(layer.run(in).range.conv_count == 2);
  }
}

TEST_CASE("the recorder sees each channel's stages before pooling") {
  class Recorder : public StageRecorder {
   public:
    void channel(std::uint32_t index, std::span<const std::int64_t> conv,
                 std::span<const std::int64_t> norm, std::span<const std::uint8_t> act) override {
      indices.push_back(index);
      last_conv.assign(conv.begin(), conv.end());
      last_norm.assign(norm.begin(), norm.end());
      last_act.assign(act.begin(), act.end());
    }
    std::vector<std::uint32_t> indices;
    std::vector<std::int64_t> last_conv, last_norm;
    Bytes last_act;
  };
  Recorder recorder;
  LayerFixture layer({.out_channels = 2, .height = 2, .width = 2, .pool_type = kPoolMax2}, true);
  layer.weights = {1, 3};
  layer.batch_norm[1].add = 200;
  layer.options.recorder = &recorder;
  CHECK(layer.run(Bytes{1, 2, 30, 4}).planar == Bytes{30, 255});
  CHECK(recorder.indices == std::vector<std::uint32_t>{0, 1});
  CHECK(recorder.last_conv == std::vector<std::int64_t>{3, 6, 90, 12});
  CHECK(recorder.last_norm == std::vector<std::int64_t>{203, 206, 290, 212});
  CHECK(recorder.last_act == Bytes{203, 206, 255, 212});
}

TEST_CASE("tables and input must be there") {
  LayerFixture layer({.out_channels = 2, .height = 1, .width = 2}, true);
  CHECK_THROWS_WITH(layer.run(Bytes{1}), contains_text("input: 1 bytes, expected 2"));
  layer.batch_norm.pop_back();
  CHECK_THROWS_WITH(layer.run(Bytes{1, 2}), contains_text("batch-norm table: 8 bytes"));
}

TEST_CASE("the backend keeps tables that a layer does not load again") {
  GoldenBackend backend;
  LayerFixture first({.in_channels = 1, .out_channels = 3, .height = 1, .width = 1}, true);
  first.args.load_channels = 2;
  first.args.loads = 2;
  first.args.load_bytes = 2;
  first.args.dst_line = 1;
  first.weights = {2, 3, 4};
  first.batch_norm[0].add = 10;
  LayerFixture second({.in_channels = 1, .out_channels = 1, .height = 1, .width = 1}, true);
  second.args.src_line = 1;
  second.args.dst_line = 2;
  second.args.load_para = false;
  second.args.load_coor = false;

  backend.write_ram(0, Bytes{5});
  const std::vector<KpuJob> jobs = {first.job(), second.job()};
  std::vector<std::size_t> seen;
  const std::vector<KpuJobResult> results = backend.run_layers(
      jobs, [&](std::size_t index, const KpuJobResult&) { seen.push_back(index); });
  CHECK(seen == std::vector<std::size_t>{0, 1});
  CHECK(results[0].output == Bytes{20, 15, 20});
  // Channel 0's table entry, and the last load's weight 4.
  CHECK(results[1].output == Bytes{90});

  Bytes stored(1);
  backend.read_ram(2 * 64, stored);
  CHECK(stored == results[1].output);

  second.args.load_channels = 1;
  second.args.out_channels = 2;
  second.args.loads = 2;
  const std::vector<KpuJob> refused = {second.job()};
  CHECK_THROWS_WITH(backend.run_layers(refused, {}), contains_text("load_time=2"));
}
