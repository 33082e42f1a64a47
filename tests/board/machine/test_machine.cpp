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
#include <string_view>
#include <utility>
#include <vector>

#include "board/cpu/ram.h"
#include "board/devices/flash.h"
#include "board/machine/boot.h"
#include "board/machine/machine.h"
#include "board/machine/repl.h"
#include "common/bits.h"
#include "common/files.h"
#include "tests/board/machine/board_bench.h"
#include "tests/support/catch2.h"

namespace kpu::board {
namespace {

TEST_CASE("the test firmware finds every part of the board as it should be") {
  Board board;
  check_selftest(board);
}

TEST_CASE("two runs of the same firmware are the same to the cycle") {
  std::uint64_t times[2];
  for (std::uint64_t& time : times) {
    Board board;
    load_firmware(board.machine, read_file(kFirmware), kFirmware);
    put_layers(board);
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
  put_layers(board);
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

TEST_CASE("the trace has each register access, and the instructions of a window") {
  Board board;
  std::vector<std::string> lines;
  board.machine.set_trace([&lines](std::string_view line) { lines.emplace_back(line); });
  board.machine.trace_instructions(2, 3);
  // li t0, 1; li t0, 2; lui t1, 0x38000; sw t0, 8(t1); j .
  board.program({0x0010'0293, 0x0020'0293, 0x3800'0337, 0x0053'2423, 0x0000'006F});
  board.machine.run(1000);
  REQUIRE(lines.size() == 5);
  CHECK(lines[0] == "           2 hart 0 pc 0x80000008: 38000337 x6=0x38000000");
  CHECK(lines[1] == "           3 hart 0 UARTHS  +0x0008 <- 00000002");
  CHECK(lines[2] == "           3 hart 0 pc 0x8000000c: 00532423");
}

TEST_CASE("a step moves one hart, a breakpoint is met by each of them") {
  Board board;
  board.program({0x0010'0293, 0x0020'0293, 0x0000'006F});
  CHECK(board.machine.step(1) == End::Limit);
  CHECK(board.machine.hart(1).state().pc == Ram::kCached + 4);
  CHECK(board.machine.hart(0).state().pc == Ram::kCached);
  board.machine.set_breakpoints({Ram::kCached + 8});
  CHECK(board.machine.run(1000) == End::Break);
  CHECK(board.machine.stopped_hart() == 0);
  CHECK(board.machine.hart(0).state().pc == Ram::kCached + 8);
  board.machine.set_breakpoints({});
  CHECK(board.machine.run(1000) == End::Limit);
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
