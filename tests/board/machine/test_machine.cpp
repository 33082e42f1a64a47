// SPDX-License-Identifier: Apache-2.0
//
// The whole board: its own test firmware (tests/board/firmware/selftest.c) with everything that it
// prints and shows, boot from each form of file, scripts at a prompt, and the ends of programs that
// go wrong. The program was built by firmware/build.sh.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "board/cpu/ram.h"
#include "board/devices/flash.h"
#include "board/devices/picture.h"
#include "board/machine/boot.h"
#include "board/machine/machine.h"
#include "board/machine/repl.h"
#include "common/bits.h"
#include "common/files.h"
#include "golden/fast/fast_backend.h"
#include "golden/kpu/golden_backend.h"
#include "golden/kpu/layer_args.h"
#include "tests/support/catch2.h"

namespace kpu::board {
namespace {

constexpr std::uint64_t kLimit = 200'000'000;
const std::string kFirmware = KPU_SOURCE_DIR "/tests/board/firmware/selftest.bin";

struct Board {
  explicit Board(MachineOptions options = {}) : machine(kpu, std::move(options)) {
    machine.console().set_sink([this](const std::string&, char c) { printed += c; });
    machine.dvp().set_source([this]() -> const Picture& { return scene; });
    for (std::size_t i = 0; i < scene.rgb.size(); ++i) {
      scene.rgb[i] = static_cast<std::uint8_t>(i / 3 % 320 * (i % 3 + 1));
    }
  }
  void program(const std::vector<std::uint32_t>& words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      machine.ram().store<std::uint32_t>(4 * i, words[i]);
    }
  }

  golden::fast::FastBackend kpu;
  Machine machine;
  std::string printed;
  Picture scene{320, 240};
};

/// The layer that the firmware runs, and what it must print for it.
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

TEST_CASE("the test firmware finds every part of the board as it should be") {
  Board board;
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
  CHECK(board.machine.kpu().layers() == 1);
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

TEST_CASE("two runs of the same firmware are the same to the cycle") {
  std::uint64_t times[2];
  for (std::uint64_t& time : times) {
    Board board;
    load_firmware(board.machine, read_file(kFirmware), kFirmware);
    put_layer(board);
    board.machine.run(kLimit);
    time = board.machine.now();
  }
  CHECK(times[0] == times[1]);
}

TEST_CASE("firmware is taken from a flash image, and what cannot be one is refused") {
  const std::vector<std::uint8_t> program = read_file(kFirmware);
  std::vector<std::uint8_t> image(Flash::kBytes, 0xFF);
  image[0] = 0;
  store_le<std::uint32_t>(image, 1, static_cast<std::uint32_t>(program.size()));
  std::copy(program.begin(), program.end(), image.begin() + 5);
  Board board;
  load_firmware(board.machine, image, "image");
  put_layer(board);
  CHECK(board.machine.run(kLimit) == End::Reset);
  image[0] = 1;
  CHECK_THROWS_WITH(load_firmware(board.machine, image, "image"),
                    test::contains_text("image: first byte 1, expected 0"));
  CHECK_THROWS_WITH(load_firmware(board.machine, std::vector<std::uint8_t>{}, "none"),
                    test::contains_text("none: program of 0 bytes"));
  CHECK_THROWS_WITH(load_firmware(board.machine, std::vector<std::uint8_t>(7 << 20), "large"),
                    test::contains_text("large: program of 7340032 bytes, expected 1 to 6291456"));
  CHECK_THROWS_WITH(load_flash(board.machine, Flash::kBytes - 1, program, "late"),
                    test::contains_text("late: "));
}

TEST_CASE("programs that go wrong end, and say how") {
  Board board;
  SECTION("a jump to nowhere without a handler") {
    board.program({0x0000'0067});
    CHECK(board.machine.run(kLimit) == End::Lost);
    CHECK(board.machine.describe().find("mcause 0x1,") != std::string::npos);
  }
  SECTION("zeros") { CHECK(board.machine.run(kLimit) == End::Lost); }
  SECTION("a loop without end") {
    board.program({0x0000'006F});
    CHECK(board.machine.run(1'000'000) == End::Limit);
    CHECK(board.machine.now() >= 1'000'000);
    CHECK(board.machine.hart(0).instructions() < 100'000);  // recognised
  }
  SECTION("an unknown register is listed once") {
    // lui x1, 0x50450; lw x2, 0(x1); lw x2, 0(x1); j .
    board.program({0x5045'00B7, 0x0000'A103, 0x0000'A103, 0x0000'006F});
    CHECK(board.machine.run(100'000) == End::Limit);
    REQUIRE(board.machine.unknown_registers().size() == 1);
    CHECK(board.machine.unknown_registers()[0].find("AES 0x0: 4 reads, 0 writes") == 0);
  }
  SECTION("or ends a strict run") {
    Board strict({.lcd_pin = {}, .strict = true});
    strict.program({0x5045'00B7, 0x0000'A103, 0x0000'006F});
    CHECK(strict.machine.run(100'000) == End::Unknown);
  }
}

TEST_CASE("random memory as firmware ends in one of the known ways") {
  std::mt19937_64 random(GENERATE(range(1, 21)));
  Board board;
  std::vector<std::uint8_t> bytes(1 << 20);
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    store_le<std::uint64_t>(bytes, i, random());
  }
  load_firmware(board.machine, bytes, "noise");
  const End end = board.machine.run(300'000);
  CHECK((end == End::Lost || end == End::Limit || end == End::Reset || end == End::Asleep));
}

TEST_CASE("a script is typed in paste mode once the prompt is there") {
  std::string typed;
  bool done = false;
  Repl repl(
      "print(1)\n", [&typed](const std::string& text) { typed += text; }, [&done] { done = true; });
  const auto print = [&repl](const std::string& text) {
    for (const char c : text) {
      repl.printed(c);
    }
  };
  print("MicroPython >>> ");
  CHECK(typed.empty());
  print("\r\n>>> ");
  CHECK(typed == "\x05");
  print("paste mode\r\n=== ");
  CHECK(typed == "\x05print(1)\n\x04");
  print("print(1)\r\n1\r\n");
  CHECK_FALSE(done);
  print(">>> ");
  CHECK(done);
}

}  // namespace
}  // namespace kpu::board
