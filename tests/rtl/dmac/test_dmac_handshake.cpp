// SPDX-License-Identifier: Apache-2.0
//
// Channels from a peripheral: never more items asked for than it holds, with fixed and incrementing
// addresses, the one item too many at the end of a stream, and the end of an earlier stream.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "tb/random.h"
#include "tests/rtl/dmac/dmac_bench.h"
#include "tests/support/catch2.h"

namespace kpu::test {
namespace {

using namespace kpu::tb;

constexpr std::uint32_t kBase = DmacBench::kBase;

TEST_CASE("A peripheral source is asked for no more items than it holds") {
  DmacBench bench({.read_latency = 12});
  bench.driver_init();
  constexpr unsigned kChannel = 3;
  constexpr unsigned kItems = 100;
  const auto set_items = [&bench](unsigned items) {
    bench.top().hs_items_i = std::uint64_t{items} << (8 * kChannel);
  };
  bench.driver_start(kChannel, {.src = kBase,
                                .dst = kBase + 0x1000,
                                .items = kItems + 1,
                                .control = {.src_fixed = true, .src_burst = 2, .dst_burst = 2},
                                .cfg = driver::dmac_from_peripheral(kChannel)});
  // The peripheral's fill goes up by random steps, and down by one with each address it is given.
  Random random(5);
  unsigned given = 0;
  unsigned held = 0;
  unsigned asked = 0;
  while (asked < kItems) {
    if (given < kItems && random.chance(10)) {
      const unsigned step = std::min(1 + random.below(6), kItems - given);
      given += step;
      held += step;
    }
    set_items(held);
    bench.settle();
    const bool address = bench.top().m_axi_arvalid_o && bench.top().m_axi_arready_i;
    bench.edge();
    if (address) {
      REQUIRE(held > 0);
      --held;
      ++asked;
    }
  }
  // The item too many: it waits as long as the stream may go on, then is read blindly.
  set_items(0);
  for (int i = 0; i < 200; ++i) bench.tick();
  CHECK(bench.enabled(kChannel));
  bench.top().hs_end_i = 1u << kChannel;
  bench.wait(kChannel, 1000);
}

TEST_CASE("A peripheral with incrementing addresses is served item by item") {
  DmacBench bench({.read_latency = 12});
  bench.driver_init();
  Random random(6);
  std::vector<std::uint8_t> expected(DmacBench::kSize);
  for (std::uint32_t i = 0; i < 800; ++i)
    expected[i] = static_cast<std::uint8_t>(random.below(256));
  bench.set_content(expected);
  for (unsigned width = 0; width < 4; ++width) {
    CAPTURE(width);
    const Transfer transfer{.src = kBase,
                            .dst = kBase + 0x1000,
                            .items = 100,
                            .control = {.src_width = width},
                            .cfg = driver::dmac_from_peripheral(2)};
    bench.driver_start(2, transfer);
    std::uint64_t held = transfer.items;
    for (int cycle = 0; held > 0 && cycle < 10'000; ++cycle) {
      bench.top().hs_items_i = held << 16;
      bench.settle();
      held -= bench.top().m_axi_arvalid_o && bench.top().m_axi_arready_i;
      bench.edge();
    }
    bench.top().hs_items_i = 0;
    CHECK(bench.wait(2, 1000) == 0);
    bench.model(transfer, expected);
  }
  CHECK(bench.content() == expected);
}

TEST_CASE("A finished stream does not feed a transfer that has not begun") {
  DmacBench bench;
  bench.driver_init();
  bench.top().hs_end_i = 1;
  bench.driver_start(0, {.src = kBase,
                         .dst = kBase + 0x1000,
                         .items = 4,
                         .control = {.src_fixed = true},
                         .cfg = driver::dmac_from_peripheral(0)});
  for (int i = 0; i < 300; ++i) bench.tick();
  CHECK(bench.enabled(0));
  bench.top().hs_end_i = 0;
  bench.top().hs_items_i = 4;
  bench.wait(0, 1000);
}

}  // namespace
}  // namespace kpu::test
