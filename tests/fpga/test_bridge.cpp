// SPDX-License-Identifier: Apache-2.0
//
// The serial bridge at the board's pins: packets as docs/board.md has them, byte by byte, and every
// way in which one can be wrong. What is behind the bridge is the whole board, so that SRAM,
// registers and addresses that nobody has answer.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "driver/k210_map.h"
#include "driver/kpu_registers.h"
#include "driver/serial/serial_bus.h"
#include "tests/fpga/simulated_board.h"
#include "tests/support/catch2.h"

using kpu::driver::packet_checksum;
using kpu::test::SimulatedBoard;

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint64_t kIdleCycles = 131072;  // as in CMakeLists.txt

Bytes with_checksum(Bytes packet) {
  const unsigned crc = packet_checksum(packet);
  packet.push_back(static_cast<std::uint8_t>(crc));
  packet.push_back(static_cast<std::uint8_t>(crc >> 8));
  return packet;
}

Bytes request(std::uint8_t operation, std::uint32_t address, unsigned words,
              const Bytes& data = {}) {
  Bytes packet{operation, static_cast<std::uint8_t>(words - 1)};
  for (unsigned b = 0; b < 4; ++b) packet.push_back(static_cast<std::uint8_t>(address >> (8 * b)));
  packet.insert(packet.end(), data.begin(), data.end());
  return with_checksum(packet);
}

/// Sends bytes and returns what comes back until the line has rested for three bytes' time, once
/// something has come or `patience` cycles are over.
Bytes answer(SimulatedBoard& board, const Bytes& bytes, std::uint64_t patience = 20'000) {
  board.send(bytes);
  std::uint64_t rest = 0;
  std::size_t known = 0;
  while (rest < (known == 0 ? patience : 240)) {
    board.tick();
    rest = board.sending() || board.received().size() != known ? 0 : rest + 1;
    known = board.received().size();
  }
  Bytes all(board.received().begin(), board.received().end());
  board.received().clear();
  return all;
}

Bytes counting(std::size_t count) {
  Bytes bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(7 * i + 3);
  return bytes;
}

}  // namespace

TEST_CASE("checksum of the packets is the one that is documented") {
  const std::string text = "123456789";
  CHECK(packet_checksum(std::vector<std::uint8_t>(text.begin(), text.end())) == 0x29B1);
}

TEST_CASE("words are written and read at one address or at consecutive ones") {
  SimulatedBoard board;
  CHECK(answer(board, request(0x41, kpu::driver::kSramBase + 64, 5, counting(40))) ==
        with_checksum({0xC1, 0}));
  Bytes expected = counting(40);
  expected.insert(expected.begin(), 0xC0);
  expected.push_back(0);
  CHECK(answer(board, request(0x40, kpu::driver::kSramCachedBase + 64, 5)) ==
        with_checksum(expected));

  // At one address, the last word stays, and reads give it each time.
  CHECK(answer(board, request(0x43, kpu::driver::kSramBase, 3, counting(24))) ==
        with_checksum({0xC3, 0}));
  const Bytes all = counting(24);
  expected = {0xC2};
  for (int i = 0; i < 2; ++i) expected.insert(expected.end(), all.end() - 8, all.end());
  expected.push_back(0);
  CHECK(answer(board, request(0x42, kpu::driver::kSramBase, 2)) == with_checksum(expected));

  // Half a word: the other half stays.
  CHECK(answer(board, request(0x45, kpu::driver::kSramBase + 4, 1, Bytes(8, 0xEE))) ==
        with_checksum({0xC5, 0}));
  expected = Bytes(all.end() - 8, all.end());
  std::fill(expected.begin() + 4, expected.end(), std::uint8_t{0xEE});
  expected.insert(expected.begin(), 0xC0);
  expected.push_back(0);
  CHECK(answer(board, request(0x40, kpu::driver::kSramBase, 1)) == with_checksum(expected));
}

TEST_CASE("the state tells interrupts and the size of SRAM") {
  SimulatedBoard board;
  CHECK(answer(board, request(0x48, 0, 1)) ==
        with_checksum({0xC8, 0, 0, 0, 0, 0x00, 0x20, 0, 0, 0}));
}

TEST_CASE("the bus's errors come back") {
  SimulatedBoard board;
  for (const std::uint32_t nobody : {0x0000'0000u, kpu::driver::kSramBase + 8192}) {
    CAPTURE(nobody);
    CHECK(answer(board, request(0x41, nobody, 1, counting(8))) == with_checksum({0xC1, 3}));
    const Bytes read = answer(board, request(0x40, nobody, 1));
    REQUIRE(read.size() == 12);
    CHECK(read[9] == 3);
  }
}

TEST_CASE("a disturbed request writes nothing and says so") {
  SimulatedBoard board;
  answer(board, request(0x41, kpu::driver::kSramBase, 2, counting(16)));
  // In the address, in the data, in the checksum.
  for (const std::size_t at : {std::size_t{3}, std::size_t{9}, std::size_t{22}}) {
    CAPTURE(at);
    Bytes packet = request(0x41, kpu::driver::kSramBase, 2, Bytes(16, 0xFF));
    packet[at] ^= 0x04;
    CHECK(answer(board, packet) == with_checksum({0xE1}));
    Bytes expected = counting(16);
    expected.insert(expected.begin(), 0xC0);
    expected.push_back(0);
    CHECK(answer(board, request(0x40, kpu::driver::kSramBase, 2)) == with_checksum(expected));
  }
  CHECK((board.lights() & 4) != 0);
}

TEST_CASE("broken and unknown requests end with a rest of the line") {
  SimulatedBoard board;
  Bytes broken = request(0x41, kpu::driver::kSramBase, 2, counting(16));
  broken.resize(12);
  CHECK(answer(board, broken, kIdleCycles + 1000).empty());
  CHECK(answer(board, request(0x48, 0, 1)).size() == 12);
  CHECK(answer(board, request(0x13, 0, 1), kIdleCycles + 1000) == with_checksum({0xE2}));
  CHECK(answer(board, request(0x48, 0, 1)).size() == 12);
}

TEST_CASE("the reset button ends a request") {
  SimulatedBoard board;
  board.send({0x41, 0x00});
  for (int i = 0; i < 1000; ++i) board.tick();
  CHECK((board.lights() & 2) != 0);
  board.press_reset();
  CHECK((board.lights() & 2) == 0);
  CHECK(answer(board, request(0x48, 0, 1)).size() == 12);
}
