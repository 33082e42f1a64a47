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
#include "golden/kpu/arith.h"
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

namespace {

/// Layers with random tables, the words of all at `at`, and what the last of them gives.
std::uint32_t put_layers(Board& board, std::uint32_t at, std::vector<golden::LayerShape> shapes,
                         bool counted) {
  std::mt19937_64 random(7);
  std::vector<std::uint8_t> image(std::size_t{64});
  for (std::size_t i = 0; i < image.size(); ++i) {
    image[i] = static_cast<std::uint8_t>(29 * (i / 8) + 7 * (i % 8));
  }
  Ram& ram = board.machine.ram();
  if (counted) {
    ram.store<std::uint64_t>(at, shapes.size());
  }
  constexpr std::uint32_t kTableBytes = 256;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    golden::LayerArgs args = golden::make_layer_args(shapes[i], true);
    const std::uint32_t tables = at + 0x1000 + static_cast<std::uint32_t>(i) * 3 * kTableBytes;
    args.weights_addr = Ram::kCached + tables;
    args.bn_addr = Ram::kCached + tables + kTableBytes;
    args.act_addr = Ram::kCached + tables + 2 * kTableBytes;
    args.int_en = true;
    args.send_data_out = i + 1 == shapes.size();
    args.channel_byte_num = 64;
    args.dma_total_byte = 64 * args.out_channels;
    std::vector<std::uint8_t> bytes(3 * kTableBytes);
    for (std::uint8_t& byte : bytes) {
      byte = static_cast<std::uint8_t>(random());
    }
    // Values that stay in the range of the activation.
    for (std::uint32_t c = 0; c < args.out_channels; ++c) {
      golden::BatchNorm norm;
      norm.mul = 1 + static_cast<std::int32_t>(random() % 200);
      norm.add = static_cast<std::int32_t>(random() % 1000);
      store_le<std::uint64_t>(bytes, kTableBytes + 8 * c, golden::encode_batch_norm(norm));
    }
    ram.write(tables, bytes);
    const LayerWords words = golden::encode(args);
    for (std::size_t w = 0; w < words.size(); ++w) {
      ram.store<std::uint64_t>(at + (counted ? 8 : 0) + 96 * i + 8 * w, words[w]);
    }
    const auto part = [&bytes](std::size_t n) {
      return std::span(bytes).subspan(n * kTableBytes, kTableBytes);
    };
    image = golden::run_kpu_layer(args, image,
                                  {.weights = part(0), .batch_norm = part(1), .act = part(2)}, {})
                .planar;
  }
  std::uint32_t sum = 0;
  for (const std::uint8_t pixel : image) {
    sum = sum * 31 + pixel;
  }
  return sum;
}

}  // namespace

FirmwareSums put_layers(Board& board) {
  const auto layer = [](std::uint32_t in, std::uint32_t out, std::uint32_t kernel, bool depthwise,
                        std::uint32_t from, std::uint32_t to) {
    return golden::LayerShape{.in_channels = in,
                              .out_channels = out,
                              .height = 8,
                              .width = 8,
                              .kernel = kernel,
                              .depthwise = depthwise,
                              .src_line = from,
                              .dst_line = to};
  };
  return {.layer = put_layers(board, 0x20'0000, {layer(1, 1, 3, false, 0, 1024)}, false),
          .network = put_layers(board, 0x21'0000,
                                {layer(1, 6, 3, false, 0, 2048), layer(6, 6, 3, true, 2048, 4096),
                                 layer(6, 2, 1, false, 4096, 6144)},
                                true)};
}

void check_selftest(Board& board) {
  load_firmware(board.machine, read_file(kFirmware), kFirmware);
  for (std::size_t i = 0; i < 16; ++i) {
    board.machine.flash().bytes()[0x1000 + i] = static_cast<std::uint8_t>(i);
  }
  const FirmwareSums sums = put_layers(board);
  CHECK(sums.network != 0);
  const std::string sum = std::to_string(sums.layer);
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
            "network output: " +
            std::to_string(sums.network) +
            "\n"
            "driver example: 0\n"
            "picture shown\n"
            "done\n");
  CHECK(end == End::Reset);
  CHECK(board.machine.unknown_registers().empty());
  CHECK(board.layers.size() == 6);
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
