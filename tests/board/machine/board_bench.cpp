// SPDX-License-Identifier: Apache-2.0
#include "tests/board/machine/board_bench.h"

#include <cstddef>
#include <random>
#include <span>
#include <utility>

#include "board/cpu/ram.h"
#include "board/devices/model_accelerator.h"
#include "board/machine/boot.h"
#include "common/bits.h"
#include "common/files.h"
#include "common/kpu_shape.h"
#include "golden/kpu/kpu_layer.h"
#include "golden/kpu/layer_args.h"
#include "tests/support/catch2.h"

namespace kpu::board {

Board::Board(MachineOptions options) : machine(model_accelerator(kpu), std::move(options)) {
  connect();
}

Board::Board(const MakeAccelerator& accelerator, MachineOptions options)
    : machine(accelerator, std::move(options)) {
  connect();
}

void Board::connect() {
  machine.console().set_sink([this](const std::string&, char c) { printed += c; });
  machine.dvp().set_source([this]() -> const Picture& { return scene; });
  machine.accelerator().set_layer_observer(
      [this](const LayerReport& layer) { layers.push_back(layer); });
  for (std::size_t i = 0; i < scene.rgb.size(); ++i) {
    scene.rgb[i] = static_cast<std::uint8_t>(i / 3 % 320 * (i % 3 + 1));
  }
}

void Board::program(const std::vector<std::uint32_t>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    machine.ram().store<std::uint32_t>(4 * i, words[i]);
  }
}

std::uint32_t put_layer(Board& board) {
  std::mt19937_64 random(7);
  golden::LayerArgs args = golden::make_layer_args(
      {.in_channels = 1, .out_channels = 1, .height = 8, .width = 8, .kernel = 3, .dst_line = 1024},
      true);
  args.int_en = true;
  args.send_data_out = true;
  args.channel_byte_num = 64;
  args.dma_total_byte = 64;
  constexpr std::uint32_t kAt = 0x20'0000;
  std::vector<std::uint8_t> tables(1024);
  for (std::uint8_t& byte : tables) {
    byte = static_cast<std::uint8_t>(random());
  }
  args.weights_addr = Ram::kCached + kAt + 256;
  args.bn_addr = Ram::kCached + kAt + 512;
  args.act_addr = Ram::kCached + kAt + 768;
  const LayerWords words = golden::encode(args);
  for (std::size_t i = 0; i < words.size(); ++i) {
    store_le<std::uint64_t>(tables, 8 * i, words[i]);
  }
  board.machine.ram().write(kAt, tables);
  std::vector<std::uint8_t> input(64);
  for (std::size_t i = 0; i < input.size(); ++i) {
    input[i] = static_cast<std::uint8_t>(29 * (i / 8) + 7 * (i % 8));
  }
  const auto part = [&tables](std::size_t at) { return std::span(tables).subspan(at, 256); };
  const golden::KpuLayerOutput output = golden::run_kpu_layer(
      args, input, {.weights = part(256), .batch_norm = part(512), .act = part(768)}, {});
  std::uint32_t sum = 0;
  for (const std::uint8_t pixel : output.planar) {
    sum = sum * 31 + pixel;
  }
  return sum;
}

void check_selftest(Board& board) {
  load_firmware(board.machine, read_file(kFirmware), kFirmware);
  for (std::size_t i = 0; i < 16; ++i) {
    board.machine.flash().bytes()[0x1000 + i] = static_cast<std::uint8_t>(i);
  }
  const std::string sum = std::to_string(put_layer(board));
  const End end = board.machine.run(kLimit);
  CHECK(board.printed ==
        "board selftest\n"
        "ecalls: 3\n"
        "square root of two: 1414213562373095\n"
        "waited: 1\n"
        "timer interrupts: 3\n"
        "soft interrupts: 1\n"
        "second hart: 7\n"
        "dma words: 64\n"
        "dma interrupts: 1\n"
        "flash word: 67438087\n"
        "kpu output streamed: " +
            sum +
            "\n"
            "kpu output stored: " +
            sum +
            "\n"
            "picture shown\n"
            "done\n");
  CHECK(end == End::Reset);
  CHECK(board.machine.unknown_registers().empty());
  CHECK(board.layers.size() == 1);
  CHECK(board.machine.dvp().frames() == 1);
  const Picture shown = board.machine.lcd().picture();
  REQUIRE(shown.width == 320);
  const auto at = [](const Picture& picture, std::size_t x, std::size_t y, std::size_t c) {
    return picture.rgb[(y * 320 + x) * 3 + c];
  };
  CHECK(at(shown, 8, 8, 0) == 255);
  CHECK(at(shown, 23, 23, 2) == 255);
  for (std::size_t x = 100; x < 200; ++x) {
    CHECK(at(shown, x, 100, 0) >> 3 == at(board.scene, x, 100, 0) >> 3);
    CHECK(at(shown, x, 100, 1) >> 2 == at(board.scene, x, 100, 1) >> 2);
  }
}

}  // namespace kpu::board
