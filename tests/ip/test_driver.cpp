// SPDX-License-Identifier: Apache-2.0
//
// The C driver: layer words and images as the golden model has them, its errors on the machine they
// come from. Layers that run are in test_wrapper.cpp.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "driver/c/kpu_example.h"
#include "golden/kpu/ai_ram.h"
#include "golden/kpu/layer_args.h"
#include "sim/fuzz/random_layer.h"
#include "tests/ip/ip_bench.h"
#include "tests/support/catch2.h"

using namespace kpu::test;
using kpu::sim::RandomEngine;
namespace golden = kpu::golden;

namespace {

using Words = kpu::LayerWords;

/// A layer that runs on any machine, if its tables are there.
kpu_layer small_layer() {
  kpu_layer layer{};
  layer.in_channels = 2;
  layer.out_channels = 3;
  layer.in_height = 4;
  layer.in_width = 20;
  layer.dst_line = 16;
  layer.kernel = 3;
  layer.eight_bit = true;
  layer.weights = layer.batch_norm = layer.activation = kMemory;
  return layer;
}

}  // namespace

TEST_CASE("layer words are those of the golden model for the same layer") {
  constexpr std::uint64_t kSeed = 3;
  RandomEngine random(kSeed);
  const auto draw = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  int made = 0;
  for (int i = 0; i < 3000; ++i) {
    CAPTURE(kSeed, i);
    golden::LayerShape shape;
    shape.kernel = 1 + 2 * draw(2);
    shape.depthwise = draw(4) == 0;
    shape.in_channels = 1 + draw(draw(2) == 0 ? 8 : 1024);
    shape.out_channels = shape.depthwise ? shape.in_channels : 1 + draw(64);
    shape.height = 1 + draw(40);
    shape.width = 1 + draw(200);
    shape.first_stride = draw(4) == 0;
    shape.pool_type = shape.first_stride ? 0 : draw(10);
    shape.src_line = draw(32768);
    shape.dst_line = draw(32768);
    kpu_layer layer{};
    layer.eight_bit = draw(2) == 0;
    golden::LayerArgs args = golden::make_layer_args(shape, layer.eight_bit);
    layer.kernel = static_cast<std::uint8_t>(shape.kernel);
    layer.depthwise = shape.depthwise;
    layer.in_channels = static_cast<std::uint16_t>(shape.in_channels);
    layer.out_channels = static_cast<std::uint16_t>(shape.out_channels);
    layer.in_height = static_cast<std::uint16_t>(shape.height);
    layer.in_width = static_cast<std::uint16_t>(shape.width);
    layer.stride2 = shape.first_stride;
    layer.pool = static_cast<std::uint8_t>(shape.pool_type);
    layer.src_line = static_cast<std::uint16_t>(shape.src_line);
    layer.dst_line = static_cast<std::uint16_t>(shape.dst_line);
    args.pad_value = layer.pad_value = static_cast<std::uint8_t>(draw(256));
    args.weights_addr = layer.weights = static_cast<std::uint32_t>(random());
    args.bn_addr = layer.batch_norm = static_cast<std::uint32_t>(random());
    args.act_addr = layer.activation = static_cast<std::uint32_t>(random());
    args.conv.arg_x = layer.arg_x = static_cast<std::int32_t>(draw(1u << 24)) - (1 << 23);
    args.conv.arg_w = layer.arg_w = static_cast<std::int32_t>(draw(1u << 24)) - (1 << 23);
    args.conv.arg_add = layer.arg_add =
        static_cast<std::int64_t>(random() >> 24) - (std::int64_t{1} << 39);
    args.conv.shr_x = layer.shr_x = static_cast<std::uint8_t>(draw(16));
    args.conv.shr_w = layer.shr_w = static_cast<std::uint8_t>(draw(16));
    args.send_data_out = layer.stream = draw(2) == 0;
    layer.no_irq = draw(2) == 0;
    args.int_en = !layer.no_irq;

    Words words{};
    const int result = kpu_layer_words(&layer, words.data());
    if (args.out_width == 0 || args.out_height == 0 || args.loads > 64) {
      CHECK(result == KPU_ERR_ARGUMENT);
      continue;
    }
    REQUIRE(result == KPU_OK);
    REQUIRE((words == golden::encode(args)));
    ++made;
  }
  CHECK(made > 2000);
}

TEST_CASE("values outside their ranges are refused and nothing is written") {
  const auto refused = [](auto change) {
    kpu_layer layer = small_layer();
    change(layer);
    Words words;
    words.fill(42);
    Words same = words;
    return kpu_layer_words(&layer, words.data()) == KPU_ERR_ARGUMENT && words == same;
  };
  CHECK(!refused([](kpu_layer&) {}));
  CHECK(refused([](kpu_layer& l) { l.in_channels = 0; }));
  CHECK(refused([](kpu_layer& l) { l.out_channels = 1025; }));
  CHECK(refused([](kpu_layer& l) { l.in_height = 513; }));
  CHECK(refused([](kpu_layer& l) { l.in_width = 1025; }));
  CHECK(refused([](kpu_layer& l) { l.src_line = 32768; }));
  CHECK(refused([](kpu_layer& l) { l.kernel = 2; }));
  CHECK(refused([](kpu_layer& l) { l.pool = 10; }));
  CHECK(refused([](kpu_layer& l) { l.depthwise = true; }));
  CHECK(refused([](kpu_layer& l) { l.stride2 = true, l.pool = 1; }));
  CHECK(refused([](kpu_layer& l) { l.in_height = 3, l.pool = 3; }));
  CHECK(refused([](kpu_layer& l) { l.arg_x = 1 << 23; }));
  CHECK(refused([](kpu_layer& l) { l.arg_add = -(std::int64_t{1} << 39) - 1; }));
  CHECK(refused([](kpu_layer& l) { l.shr_w = 16; }));
}

TEST_CASE("images go to their places in AI RAM and come back") {
  constexpr std::uint64_t kSeed = 8;
  RandomEngine random(kSeed);
  IpBench bench({.stall_percent = 20, .memory = {}, .seed = kSeed});
  const DriverPort port(bench);
  kpu_device device;
  REQUIRE(kpu_init(&device, kRegs, kRam) == KPU_OK);
  CHECK(device.lanes == 16);
  CHECK(device.lines == 256);
  CHECK(device.weight_rows == 128);
  CHECK(device.post_lanes == 1);
  CHECK(device.layer_fifo == 16);
  CHECK(device.out_fifo == 16);
  for (const std::uint16_t width : {1, 16, 17, 31, 32, 33, 64, 65, 130}) {
    CAPTURE(width);
    const kpu_image image{5, static_cast<std::uint16_t>(width > 32 ? 3 : 6), 2, width};
    const auto layout =
        golden::ImageLayout::standard(image.line, image.channels, image.height, image.width);
    CHECK(image.line + kpu_image_lines(&image) == layout.end_line());
    std::vector<std::uint8_t> pixels(layout.planar_bytes());
    for (auto& pixel : pixels) pixel = static_cast<std::uint8_t>(random());
    REQUIRE(kpu_write_image(&device, &image, pixels.data()) == KPU_OK);
    golden::AiRam ram;
    bench.read_ram(0, ram.bytes().subspan(0, kRamBytes));
    CHECK((golden::unpack_image(ram.bytes(), layout) == pixels));
    golden::AiRam want;
    golden::pack_image(want.bytes(), layout, pixels);
    CHECK(std::memcmp(ram.bytes().data() + 5 * 64, want.bytes().data() + 5 * 64,
                      (layout.end_line() - 5) * 64) == 0);
    std::vector<std::uint8_t> back(pixels.size());
    REQUIRE(kpu_read_image(&device, &image, back.data()) == KPU_OK);
    CHECK((back == pixels));
  }
  const kpu_image outside{200, 1, 57, 64};
  std::uint8_t none = 0;
  CHECK(kpu_write_image(&device, &outside, &none) == KPU_ERR_ARGUMENT);
  CHECK(kpu_read_image(&device, &outside, &none) == KPU_ERR_ARGUMENT);
}

TEST_CASE("the example network is right, and notices what is not") {
  IpBench bench({.stall_percent = 20, .memory = {}, .seed = 4});
  const DriverPort port(bench);
  kpu_device device;
  REQUIRE(kpu_init(&device, kRegs, kRam) == KPU_OK);
  std::vector<std::uint8_t> tables(KPU_EXAMPLE_BYTES);
  kpu_example_tables(tables.data());
  bench.memory().write(kMemory + 0x100, tables);
  CHECK(kpu_example_run(&device, kMemory + 0x100, nullptr) == 0);
  tables[4] ^= 1;  // a weight of the blur
  bench.memory().write(kMemory + 0x100, tables);
  CHECK(kpu_example_run(&device, kMemory + 0x100, nullptr) > 0);
  CHECK(kpu_example_run(&device, 0x1000, nullptr) == KPU_ERR_BUS);
}

TEST_CASE("errors of the machine have names, and it works after them") {
  IpBench bench;
  const DriverPort port(bench);
  kpu_device device;
  CHECK(kpu_init(&device, kRegs + 0x200, kRam) == KPU_ERR_NO_DEVICE);
  REQUIRE(kpu_init(&device, kRegs, kRam) == KPU_OK);
  CHECK(kpu_set_weight_bits(&device, 9) == KPU_ERR_ARGUMENT);
  REQUIRE(kpu_set_weight_bits(&device, 8) == KPU_OK);
  std::uint32_t status = 0;
  Words words{};
  const auto run = [&](const kpu_layer& layer) {
    REQUIRE(kpu_layer_words(&layer, words.data()) == KPU_OK);
    const std::uint32_t done = kpu_layers_done(&device);
    REQUIRE(kpu_push(&device, words.data()) == KPU_OK);
    return kpu_wait(&device, done + 1, 100'000, &status);
  };

  kpu_layer layer = small_layer();
  CHECK(run(layer) == KPU_OK);
  CHECK(std::string(kpu_reason(status)).empty());

  layer.dst_line = 250;
  CHECK(run(layer) == KPU_ERR_REFUSED);
  CHECK(std::string(kpu_reason(status)) ==
        "image_dst_addr, o_ch_num, o_col_high, wb_channel_switch_addr, wb_row_switch_addr: "
        "the output leaves AI RAM: expected its last line inside");

  layer = small_layer();
  layer.batch_norm = 0x1000;  // where no memory is
  CHECK(run(layer) == KPU_ERR_BUS);

  // Seventeen layers: one computes, one is decoded, the others wait.
  layer = small_layer();
  REQUIRE(kpu_layer_words(&layer, words.data()) == KPU_OK);
  kpu_write_reg(&device, KPU_REG_FIFO_CTRL, 0x1E);  // streams are held back
  words[11] |= 1;
  const std::uint32_t before = kpu_layers_done(&device);
  int pushed = 0;
  while (pushed < 40 && kpu_push(&device, words.data()) == KPU_OK) {
    ++pushed;
    for (int cycle = 0; cycle < 100; ++cycle) bench.tick();
  }
  CHECK(pushed >= 16);
  CHECK(pushed < 40);
  CHECK(kpu_push(&device, words.data()) == KPU_ERR_FULL);
  CHECK(kpu_wait(&device, before + static_cast<std::uint32_t>(pushed), 10, &status) ==
        KPU_ERR_TIMEOUT);
  kpu_flush(&device);
  CHECK(run(small_layer()) == KPU_OK);

  std::uint64_t word = 0;
  CHECK(kpu_read_stream(&device, &word, 1) == 0);
  (void)kpu_read_reg(&device, KPU_REG_FIFO_DATA_OUT);
  CHECK(kpu_check(&device, nullptr) == KPU_ERR_LOST);
  CHECK(kpu_check(&device, nullptr) == KPU_OK);
  CHECK(kpu_counter(&device, 0) == 0);  // none in this configuration
  CHECK(kpu_counter(&device, 16) == 0);
  for (int result = 0; result >= KPU_ERR_LOST; --result) {
    CHECK(std::string(kpu_result_text(result)) != kpu_result_text(1));
  }
}
