// SPDX-License-Identifier: Apache-2.0
//
// The interconnect: crossbar, register slices, and the way into the register blocks.
//
// Covered: bursts of every length, kind and size from three masters to the edges and the middle of
// every region and to nobody, data before and behind their address, any stall on either side; the
// order of turns and the rate; how many bursts may be open; power-up with any content and a reset in
// any cycle. The bench checks every beat. What the blocks behind the addresses do with them is the
// matter of their own tests.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/rtl/soc/soc_bench.h"
#include "tests/support/catch2.h"

namespace kpu::test {
namespace {

constexpr std::uint64_t kSeed = 7;

/// Nothing waits except for its turn.
constexpr Mix kFull{.idle = 0, .hold = 0, .stall = 0, .ahead = 40, .beats = 1};

TEST_CASE("Every burst reaches its slave, and every answer its master, at any stalls") {
  constexpr unsigned kNone = 1 << kNobody;
  const Mix mix = GENERATE_COPY(
      Mix{}, Mix{.idle = 0, .hold = 0, .stall = 0}, Mix{.idle = 0, .hold = 80, .stall = 0},
      Mix{.idle = 0, .hold = 0, .stall = 80}, Mix{.idle = 80, .hold = 0, .stall = 0},
      Mix{.idle = 10, .hold = 60, .stall = 60, .beats = 2},
      Mix{.slaves = {1 << kRegs, 1 << kRegs | kNone, 1 << kSram | kNone}},
      Mix{.idle = 0, .hold = 50, .stall = 10, .ahead = 12, .beats = 1, .slaves = {1, 3, 1}});
  CAPTURE(kSeed, mix.idle, mix.hold, mix.stall, mix.beats, mix.slaves[0]);
  SocBench bench(kSeed);
  bench.run(6000, mix);
  bench.drain(mix);
  const unsigned addressed = mix.slaves[0] | mix.slaves[1] | mix.slaves[2];
  for (unsigned s = 0; s <= kNobody; ++s) {
    CAPTURE(s);
    CHECK((bench.written[s] >= 10) == ((addressed >> s & 1) != 0));
    CHECK((bench.read[s] >= 10) == ((addressed >> s & 1) != 0));
  }
}

/// In any three addresses that follow each other all masters have their turn.
bool fair(const std::vector<unsigned>& order) {
  for (std::size_t i = 20; i + kMasters <= order.size(); ++i) {
    unsigned seen = 0;
    for (unsigned k = 0; k < kMasters; ++k) seen |= 1u << order[i + k];
    if (seen != (1u << kMasters) - 1) return false;
  }
  return true;
}

TEST_CASE("Masters that want the same slave take turns, an address a cycle") {
  constexpr std::uint32_t kCycles = 1000;
  for (const Slave slave : {kSram, kAiRam}) {
    CAPTURE(slave);
    SocBench bench(kSeed);
    Mix mix = kFull;
    mix.slaves.fill(1u << slave);
    bench.run(kCycles, mix);
    CHECK(fair(bench.write_order[slave]));
    CHECK(fair(bench.read_order[slave]));
    CHECK(bench.write_order[slave].size() >= kCycles - 10);
    CHECK(bench.read_order[slave].size() >= kCycles - 10);
  }
}

TEST_CASE("Masters with different slaves do not wait for each other") {
  constexpr std::uint32_t kCycles = 1000;
  SocBench bench(kSeed);
  Mix mix = kFull;
  mix.slaves = {1 << kSram, 1 << kAiRam, 1 << kRegs};
  bench.run(kCycles, mix);
  for (const Slave slave : {kSram, kAiRam}) {
    CHECK(bench.written[slave] >= kCycles - 20);
    CHECK(bench.read[slave] >= kCycles - 20);
  }
  // Registers are read one a cycle and written one in four.
  CHECK(bench.read[kRegs] >= kCycles - 20);
  CHECK(bench.written[kRegs] >= kCycles / 4 - 10);
}

TEST_CASE("A master has 63 bursts open and no more") {
  const auto count = [](const std::vector<unsigned>& order, unsigned master) {
    return std::count(order.begin(), order.end(), master);
  };
  SocBench bench(kSeed);
  Mix mix = kFull;
  mix.ahead = 80;
  mix.slaves = {1 << kAiRam, 1 << kAiRam, 1 << kAiRam};
  mix.answers = false;
  bench.run(600, mix);
  for (unsigned m = 0; m < kMasters; ++m) {
    CAPTURE(m);
    CHECK(count(bench.write_order[kAiRam], m) == 63);
    CHECK(count(bench.read_order[kAiRam], m) == 63);
  }
  mix.answers = true;
  bench.drain(mix);
}

TEST_CASE("Power-up with any content") {
  for (std::uint64_t seed = 0; seed < 16; ++seed) {
    CAPTURE(seed);
    SocBench bench(seed);
    bench.run(100, {});
    bench.drain({});
  }
}

TEST_CASE("A reset in any cycle") {
  SocBench bench(kSeed);
  for (int i = 0; i < 200; ++i) {
    CAPTURE(kSeed, i);
    bench.run(1 + bench.random().below(80), {});
    bench.reset();
    bench.run(20, {});
    bench.drain({});
  }
}

}  // namespace
}  // namespace kpu::test
