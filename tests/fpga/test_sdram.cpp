// SPDX-License-Identifier: Apache-2.0
//
// What SDRAM has beside block memory: its rates and latencies as the header and docs/board-sdram.md
// have them, refreshes in peace, and that the chip of the test would notice a controller that is a
// cycle too fast: for each distance, a chip that asks for one cycle more finds a command that comes
// too early.
#include <cstdint>
#include <memory>

#include "common/error.h"
#include "tests/fpga/memory_bench.h"
#include "tests/support/catch2.h"

namespace kpu::test {
namespace {

constexpr unsigned kPower = 200 * kMhz;

Traffic reads(std::uint32_t begin, unsigned bursts, unsigned beats) {
  Traffic traffic;
  for (unsigned i = 0; i < bursts; ++i) traffic.reads.push_back({begin + 8 * beats * i, beats});
  return traffic;
}

Traffic writes(std::uint32_t begin, unsigned bursts, unsigned beats) {
  Traffic traffic;
  for (unsigned i = 0; i < bursts; ++i) {
    Burst burst = {begin + 8 * beats * i, beats};
    burst.data.assign(beats, i);
    burst.strobes.assign(beats, 0xFF);
    traffic.writes.push_back(burst);
  }
  return traffic;
}

/// Some of everything, with rows that change behind reads and behind writes.
void some_traffic(MemoryBench& bench) {
  for (std::uint32_t i = 0; i < 400; ++i) {
    Traffic both = reads(40960 * i % 8192, 2, 1);
    both.writes = writes(65536 + 1024 * (i % 64), 1, 1 + i % 3).writes;
    bench.run(both);
    bench.rest(i % 40);
  }
}

}  // namespace

TEST_CASE("cycles of long reads and writes") {
  MemoryBench bench;
  bench.rest(kPower + 100);
  Traffic in = writes(0, 512, 16);
  const std::uint64_t writing = bench.run(in);
  Traffic out = reads(0, 512, 16);
  const std::uint64_t reading = bench.run(out);
  Traffic longest = reads(0, 32, 256);
  const std::uint64_t longest_reading = bench.run(longest);
  // 64 KiB: 32,768 columns.
  CAPTURE(writing, reading, longest_reading);
  CHECK(writing == (kMhz == 25 ? 35'244u : 35'351u));
  CHECK(reading == (kMhz == 25 ? 33'585u : 33'721u));
  CHECK(longest_reading == (kMhz == 25 ? 33'585u : 33'713u));
}

TEST_CASE("cycles of the first beat") {
  MemoryBench bench;
  bench.rest(kPower + 100);
  const auto first = [&](std::uint32_t address) {
    Traffic one = reads(address, 1, 1);
    return bench.run(one);
  };
  // Far from a refresh, which comes every 195 cycles at 25 MHz.
  const std::uint64_t closed = first(0), open = first(8), other = first(1024);
  CAPTURE(closed, open, other);
  // 21 ns each, tRCD and tRP are a cycle at 25 MHz, two at 50.
  const unsigned distance = kMhz == 25 ? 1 : 2;
  CHECK(open == 9);  // of which the first brings the address
  CHECK(closed == 9 + distance);
  CHECK(other == 9 + 2 * distance);
}

TEST_CASE("refreshes come on time with and without traffic") {
  MemoryBench bench;
  bench.rest(kPower + 200'000);
  const double expected = 200'000 / tb::sdram_timing(kMhz).refresh;
  CHECK(static_cast<double>(bench.chip.refreshes()) > expected);
  CHECK(static_cast<double>(bench.chip.refreshes()) < expected * 1.003 + 10);
  some_traffic(bench);
}

TEST_CASE("what was never written is counted") {
  MemoryBench bench;
  Traffic one = writes(64, 1, 1);
  one.writes[0].strobes[0] = 0x3F;
  bench.run(one);
  Traffic back = reads(64, 1, 2);
  bench.run(back);
  CHECK(bench.chip.unwritten() == 2 + 8);
}

TEST_CASE("a controller that is a cycle too fast for its chip is noticed") {
  struct Change {
    const char* name;
    unsigned tb::SdramTiming::*distance;
  };
  const Change change =
      GENERATE(Change{"tRCD", &tb::SdramTiming::trcd}, Change{"tRP", &tb::SdramTiming::trp},
               Change{"tRAS", &tb::SdramTiming::tras}, Change{"tRFC", &tb::SdramTiming::trfc},
               Change{"tWR", &tb::SdramTiming::twr}, Change{"tMRD", &tb::SdramTiming::tmrd},
               Change{"rest", &tb::SdramTiming::power});
  CAPTURE(change.name);
  tb::SdramTiming timing = tb::sdram_timing(kMhz);
  some_traffic(*std::make_unique<MemoryBench>(timing));
  timing.*change.distance += change.distance == &tb::SdramTiming::power ? 10 : 1;
  MemoryBench bench(timing);
  CHECK_THROWS_WITH(some_traffic(bench), contains_text(change.name));
}

TEST_CASE("a controller that refreshes too seldom is noticed") {
  tb::SdramTiming timing = tb::sdram_timing(kMhz);
  timing.refresh *= 0.99;
  MemoryBench bench(timing);
  CHECK_THROWS_WITH(bench.rest(kPower + 100'000), contains_text("REFRESH"));
}

}  // namespace kpu::test
