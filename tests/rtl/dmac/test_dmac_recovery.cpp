// SPDX-License-Identifier: Apache-2.0
//
// What the DMA controller leaves behind: after power-up with any content of its registers, and
// after a reset, by its pin or by its register, in any cycle of six channels that copy, follow
// lists, wait for a peripheral, meet errors and are switched off. Then every register has its reset
// value, the bus is quiet, and each channel does a copy and a transfer from a peripheral.
#include <cstdint>
#include <vector>

#include "tb/random.h"
#include "tests/rtl/dmac/dmac_bench.h"
#include "tests/support/catch2.h"

namespace kpu::test {
namespace {

using namespace kpu::tb;

constexpr std::uint64_t kSeed = 41;
constexpr std::uint32_t kBase = DmacBench::kBase;
constexpr std::uint32_t kList = kBase + 0x40000;
constexpr std::uint64_t kEnd = driver::kDmacBlockDone | driver::kDmacTransferDone;

/// Every register that a write can change, all channels at work, and each interrupt possible.
void make_busy(DmacBench& bench, Random& random) {
  bench.write(driver::kDmacCfg, 3);
  for (unsigned n = 0; n < driver::kDmacChannels; ++n) {
    const unsigned base = driver::dmac_channel(n);
    const std::uint32_t bad = random.chance(20) ? 0x1000 : kBase;  // nobody answers there
    bench.write(base + driver::kDmacIntStatusEn, ~std::uint64_t{0});
    bench.write(base + driver::kDmacLlp, kList + 64 * random.below(4));
    bench.driver_start(n, {.src = bad + 0x1000 * n + random.below(8),
                           .dst = kBase + 0x80000 + 0x1000 * n + random.below(8),
                           .items = 1 + random.below(200),
                           .control = {.src_fixed = random.chance(20),
                                       .src_width = random.below(4),
                                       .dst_width = random.below(4),
                                       .src_burst = random.below(6)},
                           .cfg = random.chance(25)   ? driver::kDmacLinkedList
                                  : random.chance(30) ? driver::dmac_from_peripheral(n)
                                                      : driver::kDmacMemoryToMemory});
    if (random.chance(30)) bench.write(base + driver::kDmacIntSignalEn, random.next());
  }
  bench.top().hs_items_i = random.next();
  bench.top().hs_end_i = random.below(64);
  bench.write(driver::kDmacComIntSignalEn, random.below(0x200));
  bench.write(driver::kDmacId, 0);
  bench.read(driver::kDmacComIntClear);
  const std::uint64_t some = random.below(64);
  if (random.chance(30)) bench.write(driver::kDmacChEn, some << 24 | some << 16);  // suspended
  if (random.chance(30)) bench.write(driver::kDmacChEn, some << 40 | some << 32);  // aborted
  if (random.chance(30)) bench.write(driver::kDmacChEn, some << 8);                // disabled
  if (random.chance(30)) bench.write(driver::kDmacComIntStatusEn, 0);
  for (std::uint32_t cycles = random.below(300); cycles > 0; --cycles) bench.tick();
}

void check_reset_values(DmacBench& bench) {
  CHECK(bench.read(driver::kDmacCfg) == 0);
  CHECK(bench.read(driver::kDmacChEn) == 0);
  CHECK(bench.read(driver::kDmacIntStatus) == 0);
  CHECK(bench.read(driver::kDmacComIntStatusEn) == 0x10F);
  CHECK(bench.read(driver::kDmacComIntSignalEn) == 0x10F);
  CHECK(bench.read(driver::kDmacComIntStatus) == 0);
  CHECK(bench.read(driver::kDmacReset) == 0);
  for (unsigned n = 0; n < driver::kDmacChannels; ++n) {
    CAPTURE(n);
    for (const unsigned offset : {driver::kDmacSar, driver::kDmacDar, driver::kDmacBlockTs,
                                  driver::kDmacCtl, driver::kDmacChCfg, driver::kDmacLlp,
                                  driver::kDmacIntStatusEn, driver::kDmacChIntStatus}) {
      CAPTURE(offset);
      CHECK(bench.read(driver::dmac_channel(n) + offset) == 0);
    }
    CHECK(bench.read(driver::dmac_channel(n) + driver::kDmacIntSignalEn) == 0xFFFFFFFF);
  }
}

/// The first cycle after reset.
void check_quiet(DmacBench& bench) {
  bench.settle();
  CHECK(bench.top().m_axi_arvalid_o == 0);
  CHECK(bench.top().m_axi_awvalid_o == 0);
  CHECK(bench.top().m_axi_wvalid_o == 0);
  CHECK(bench.top().s_axil_bvalid_o == 0);
  CHECK(bench.top().s_axil_rvalid_o == 0);
  CHECK(bench.top().irq_o == 0);
  CHECK(bench.top().irq_common_o == 0);
  bench.edge();
}

void check_works(DmacBench& bench, Random& random) {
  bench.top().hs_items_i = 0;
  bench.top().hs_end_i = 0;
  bench.write(driver::kDmacCfg, 3);
  std::vector<std::uint8_t> expected(DmacBench::kSize);
  for (unsigned n = 0; n < driver::kDmacChannels; ++n) {
    CAPTURE(n);
    const unsigned base = driver::dmac_channel(n);
    const Transfer copy{.src = kBase + 0x1000 * n + n,
                        .dst = kBase + 0x100000 + 0x1000 * n,
                        .items = 20 + random.below(20),
                        .control = {.src_width = 2}};
    for (std::uint32_t at = copy.src & ~7u; at < copy.src + 256; at += 8) {
      const std::uint64_t word = random.next();
      bench.memory.write(at, {reinterpret_cast<const std::uint8_t*>(&word), 8});
    }
    bench.write(base + driver::kDmacIntStatusEn, ~std::uint64_t{0});
    bench.driver_start(n, copy);
    CHECK(bench.wait(n, 5'000) == kEnd);
    CHECK(bench.read(base + driver::kDmacStatus) == copy.items);
    bench.memory.read(kBase, expected);
    bench.model(copy, expected);
    CHECK(bench.same_content(expected, copy.dst - kBase - 64, 512));

    // Four items are there, and exactly those are asked for.
    bench.driver_start(n, {.src = kBase,
                           .dst = kBase + 0x200000,
                           .items = 5,
                           .control = {.src_fixed = true},
                           .cfg = driver::dmac_from_peripheral(n)});
    bench.top().hs_items_i = std::uint64_t{4} << (8 * n);
    int asked = 0;
    for (int cycle = 0; cycle < 200; ++cycle) {
      bench.settle();
      asked += bench.top().m_axi_arvalid_o && bench.top().m_axi_arready_i;
      if (asked == 4) bench.top().hs_items_i = 0;
      bench.edge();
    }
    CHECK(asked == 4);
    CHECK(bench.enabled(n));
    bench.top().hs_end_i = 1u << n;
    CHECK(bench.wait(n, 1'000) == kEnd);
    bench.top().hs_end_i = 0;
  }
}

TEST_CASE("Power-up of the controller with any content") {
  Random random(kSeed);
  for (int i = 0; i < 8; ++i) {
    CAPTURE(i);
    DmacBench bench;
    check_quiet(bench);
    check_reset_values(bench);
    check_works(bench, random);
  }
}

TEST_CASE("A reset of the controller in any cycle") {
  CAPTURE(kSeed);
  const bool by_register = GENERATE(false, true);
  CAPTURE(by_register);
  Random random(kSeed + 1);
  DmacBench bench({.read_latency = 12, .write_latency = 7, .stall_percent = 20});
  for (int i = 0; i < 40; ++i) {
    CAPTURE(i);
    make_busy(bench, random);
    if (by_register) {
      bench.write(driver::kDmacReset, 1);
      for (int cycle = 0; cycle < 1'000; ++cycle) bench.tick();
    } else {
      bench.reset();
      check_quiet(bench);
    }
    check_reset_values(bench);
    check_works(bench, random);
  }
}

}  // namespace
}  // namespace kpu::test
