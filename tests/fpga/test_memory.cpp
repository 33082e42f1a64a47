// SPDX-License-Identifier: Apache-2.0
//
// The SRAM of a board, block memory and SDRAM alike: random bursts of reads and writes at the same
// time, with random strobes, lengths and stalls on every channel, in windows at both ends of the
// memory and across rows and banks; what is read is what was written, byte by byte. Ends of the
// memory. That neither side waits for the other one. Seeds are fixed. The chip behind the SDRAM
// checks every command (tb/sdram_chip.h).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "tb/axi_ports.h"
#include "tests/fpga/memory_bench.h"
#include "tests/support/catch2.h"

namespace kpu::test {
namespace {

constexpr std::uint32_t kWindow = 8192;

/// What the memory holds in windows of it; random traffic that stays inside.
class Windows {
 public:
  Windows(MemoryBench& bench, std::uint64_t seed) : bench_(bench), random_(seed) {
    // In SDRAM a row of a bank has 1 KiB, the fourth one a quarter of the memory away.
    for (const std::uint32_t at :
         {0u, kMemoryBytes / 4 - 3072, kMemoryBytes / 2, kMemoryBytes - kWindow}) {
      begins_.push_back(at);
      contents_.emplace_back(kWindow);
    }
    Traffic fill;
    for (std::size_t w = 0; w < begins_.size(); ++w) {
      for (std::uint32_t at = 0; at < kWindow; at += 2048) {
        fill.writes.push_back(write(w, at, 256, true));
      }
    }
    bench_.run(fill);
    for (const Burst& burst : fill.writes)
      REQUIRE(burst.responses == std::vector<std::uint8_t>{tb::kOkay});
  }

  /// Random bursts, reads in half of the windows and writes in the others.
  void exchange(unsigned bursts, std::uint32_t stalls) {
    Traffic traffic;
    traffic.stall_percent = stalls;
    const std::size_t odd = random_.below(2);
    for (unsigned i = 0; i < bursts; ++i) {
      const unsigned beats = 1 + random_.below(random_.chance(20) ? 256 : 18);
      const std::uint32_t offset = 4096 * random_.below(2) + random_.below(4096 - 8 * beats + 8);
      const std::size_t side = 2 * random_.below(2);
      if (random_.chance(50)) {
        traffic.writes.push_back(write(side + odd, offset & ~7u, beats, false));
      } else {
        Burst burst = {begins_[side + 1 - odd] + offset, beats};
        burst.id = static_cast<std::uint8_t>(random_.below(4));
        traffic.reads.push_back(burst);
      }
    }
    bench_.run(traffic);
    for (const Burst& burst : traffic.reads) compare(burst);
    for (const Burst& burst : traffic.writes) REQUIRE(burst.responses.at(0) == tb::kOkay);
  }

  void read_all() {
    Traffic all;
    for (const std::uint32_t begin : begins_) {
      for (std::uint32_t at = 0; at < kWindow; at += 2048) all.reads.push_back({begin + at, 256});
    }
    bench_.run(all);
    for (const Burst& burst : all.reads) compare(burst);
  }

 private:
  Burst write(std::size_t window, std::uint32_t offset, unsigned beats, bool whole) {
    Burst burst = {begins_[window] + offset, beats, static_cast<std::uint8_t>(random_.below(4))};
    for (unsigned beat = 0; beat < beats; ++beat) {
      burst.data.push_back(random_.next());
      const bool full = whole || random_.chance(60);
      burst.strobes.push_back(full ? 0xFF : static_cast<std::uint8_t>(random_.next() >> 40));
      for (unsigned b = 0; b < 8; ++b) {
        if (burst.strobes[beat] >> b & 1) {
          contents_[window][offset + 8 * beat + b] =
              static_cast<std::uint8_t>(burst.data[beat] >> (8 * b));
        }
      }
    }
    // The lowest bits of an address do not count.
    if (!whole) burst.address += random_.below(8);
    return burst;
  }

  void compare(const Burst& burst) {
    for (unsigned beat = 0; beat < burst.beats; ++beat) {
      const std::uint32_t address = (burst.address & ~7u) + 8 * beat;
      const auto window = static_cast<std::size_t>(
          std::upper_bound(begins_.begin(), begins_.end(), address) - begins_.begin() - 1);
      std::uint64_t expected = 0;
      std::memcpy(&expected, &contents_[window][address - begins_[window]], 8);
      CAPTURE(address, burst.address, burst.beats);
      REQUIRE(burst.data[beat] == expected);
      REQUIRE(burst.responses[beat] == tb::kOkay);
    }
  }

  MemoryBench& bench_;
  tb::Random random_;
  std::vector<std::uint32_t> begins_;
  std::vector<Bytes> contents_;
};

Burst whole_write(std::uint32_t address, unsigned beats) {
  Burst burst = {address, beats, 2};
  for (unsigned beat = 0; beat < beats; ++beat)
    burst.data.push_back(0x0101010101010101u * (beat + 1));
  burst.strobes.assign(beats, 0xFF);
  return burst;
}

}  // namespace

TEST_CASE("what is read is what was written") {
  const std::uint32_t stalls = GENERATE(0u, 30u, 80u);
  CAPTURE(stalls);
  MemoryBench bench;
  Windows windows(bench, 11 + stalls);
  for (int i = 0; i < 12; ++i) windows.exchange(30, stalls);
  windows.read_all();
  CHECK(bench.chip.unwritten() == 0);
}

TEST_CASE("beats behind the end are refused") {
  MemoryBench bench;
  const std::uint32_t end = kMemoryBytes;
  Traffic inside{.writes = {whole_write(end - 32, 4), whole_write(0, 4)}};
  bench.run(inside);

  Traffic across{
      .writes = {whole_write(end - 16, 6), whole_write(1u << 28, 1), whole_write(end - 8, 1)}};
  bench.run(across);
  CHECK(across.writes[0].responses.at(0) == tb::kDecodeError);
  CHECK(across.writes[1].responses.at(0) == tb::kDecodeError);
  CHECK(across.writes[2].responses.at(0) == tb::kOkay);

  Traffic back{.reads = {{end - 32, 6, 1}, {1u << 28, 3, 3}, {0, 4, 2}}, .stall_percent = 30};
  bench.run(back);
  const auto beat = [](std::uint64_t n) { return 0x0101010101010101u * n; };
  CHECK(back.reads[0].responses == std::vector<std::uint8_t>{0, 0, 0, 0, 3, 3});
  CHECK(std::vector(back.reads[0].data.begin(), back.reads[0].data.begin() + 4) ==
        std::vector<std::uint64_t>{beat(1), beat(2), beat(1), beat(1)});
  CHECK(back.reads[1].responses == std::vector<std::uint8_t>{3, 3, 3});
  CHECK(back.reads[2].data == std::vector<std::uint64_t>{beat(1), beat(2), beat(3), beat(4)});
}

TEST_CASE("reads do not wait for a write's data, nor writes for reads to be taken") {
  MemoryBench bench;
  Traffic held{.reads = {{4096, 256}, {6144, 3}}, .writes = {whole_write(1024, 64)}};
  held.hold_data = GENERATE(false, true);
  held.hold_reads = !held.hold_data;
  bench.run(held);
  CHECK(held.writes[0].responses.at(0) == tb::kOkay);
}

TEST_CASE("a reset in the middle leaves a memory that works") {
  MemoryBench bench;
  Windows windows(bench, 5);
  for (unsigned after = 0; after < 12; ++after) {
    bench.clock.top().s_axi_araddr_i = 512 * after;
    bench.clock.top().s_axi_arlen_i = 15;
    bench.clock.top().s_axi_arvalid_i = 1;
    bench.rest(1);
    bench.clock.top().s_axi_arvalid_i = 0;
    bench.rest(after);
    bench.clock.top().rst_ni = 0;
    bench.rest(2);
    bench.clock.top().rst_ni = 1;
    bench.chip.restart();
    windows.exchange(4, 10);
  }
  windows.read_all();
}

}  // namespace kpu::test
