// SPDX-License-Identifier: Apache-2.0
//
// What the DMA controller makes of its control words: every field of every burst, for all pairs of
// item widths, burst lengths and kinds of address; whose turn it is; which types of block mean a
// list. What the transfers leave in memory is test_dmac.cpp's matter.
#include <algorithm>
#include <cstdint>

#include "tests/rtl/dmac/dmac_bench.h"
#include "tests/support/catch2.h"

namespace kpu::test {
namespace {

using namespace kpu::tb;

constexpr std::uint32_t kBase = DmacBench::kBase;

TEST_CASE("Bursts are as long as the smaller of the two that are asked for") {
  DmacBench bench({.read_latency = 1, .write_latency = 1});
  bench.driver_init();
  constexpr std::uint32_t kBytes = 512;
  const auto burst_bytes = [](unsigned code, unsigned width) {
    return (code == 0 ? 1u : 2u << std::min(code, 6u)) << width;
  };
  for (unsigned i = 0; i < 16 * 64; ++i) {
    const driver::DmacControl control{.src_fixed = i % 5 == 0,
                                      .dst_fixed = i % 7 == 0,
                                      .src_width = i % 4,
                                      .dst_width = i / 4 % 4,
                                      .src_burst = i / 16 % 8,
                                      .dst_burst = i / 128};
    const unsigned src_item = 1u << control.src_width;
    const unsigned dst_item = 1u << control.dst_width;
    unsigned chunk = std::min({128u, burst_bytes(control.src_burst, control.src_width),
                               burst_bytes(control.dst_burst, control.dst_width)});
    if (control.src_fixed) chunk = std::min(chunk, 16 * src_item);
    chunk = std::max({chunk, src_item, dst_item});
    CAPTURE(i, chunk, control.word());
    bench.driver_start(
        0, {.src = kBase, .dst = kBase + 0x1000, .items = kBytes / src_item, .control = control});
    std::uint32_t reads = 0;
    std::uint32_t writes = 0;
    for (int cycle = 0; cycle < 3000 && reads + writes < 2 * kBytes; ++cycle) {
      bench.settle();
      if (bench.top().m_axi_arvalid_o && bench.top().m_axi_arready_i) {
        REQUIRE(bench.top().m_axi_araddr_o == kBase + (control.src_fixed ? 0 : reads));
        REQUIRE(bench.top().m_axi_arburst_o == 1);
        REQUIRE(bench.top().m_axi_arsize_o == (control.src_fixed ? control.src_width : 3));
        REQUIRE(bench.top().m_axi_arlen_o + 1u == (control.src_fixed ? 1 : (chunk + 7) / 8));
        reads += control.src_fixed ? src_item : chunk;
      }
      if (bench.top().m_axi_awvalid_o && bench.top().m_axi_awready_i) {
        REQUIRE(bench.top().m_axi_awaddr_o == kBase + 0x1000 + (control.dst_fixed ? 0 : writes));
        REQUIRE(bench.top().m_axi_awburst_o == 1);
        REQUIRE(bench.top().m_axi_awsize_o == (control.dst_fixed ? control.dst_width : 3));
        REQUIRE(bench.top().m_axi_awlen_o + 1u == (control.dst_fixed ? 1 : (chunk + 7) / 8));
        writes += control.dst_fixed ? dst_item : chunk;
      }
      bench.edge();
    }
    CHECK(reads == kBytes);
    CHECK(writes == kBytes);
    bench.wait(0);
  }
}

TEST_CASE("Items wider than the bus move as the bus is wide") {
  DmacBench bench;
  bench.driver_init();
  for (unsigned code = 3; code < 8; ++code) {
    CAPTURE(code);
    bench.driver_start(
        0,
        {.src = kBase,
         .dst = kBase + 0x1000,
         .items = 3,
         .control = {.src_fixed = true, .dst_fixed = true, .src_width = code, .dst_width = code}});
    unsigned reads = 0;
    unsigned writes = 0;
    for (int cycle = 0; cycle < 200; ++cycle) {
      bench.settle();
      if (bench.top().m_axi_arvalid_o && bench.top().m_axi_arready_i) {
        REQUIRE(bench.top().m_axi_arsize_o == 3);
        ++reads;
      }
      if (bench.top().m_axi_awvalid_o && bench.top().m_axi_awready_i) {
        REQUIRE(bench.top().m_axi_awsize_o == 3);
        ++writes;
      }
      bench.edge();
    }
    CHECK(reads == 3);
    CHECK(writes == 3);
    bench.wait(0);
  }
}

TEST_CASE("Channels take turns, chunk by chunk") {
  DmacBench bench({.read_latency = 5, .write_latency = 5});
  bench.driver_init();
  constexpr std::uint32_t kItems = 4096;
  for (unsigned n = 0; n < driver::kDmacChannels; ++n) {
    bench.driver_start(n, {.src = kBase + 0x10000 * n,
                           .dst = kBase + 0x100000 + 0x10000 * n,
                           .items = kItems,
                           .control = {}});
  }
  unsigned last = 0;
  for (unsigned chunks = 0; chunks < 600;) {
    bench.settle();
    if (bench.top().m_axi_arvalid_o && bench.top().m_axi_arready_i) {
      const unsigned channel = (bench.top().m_axi_araddr_o - kBase) / 0x10000;
      CAPTURE(chunks, last, channel);
      if (chunks > 0) REQUIRE(channel == (last + 1) % driver::kDmacChannels);
      last = channel;
      ++chunks;
    }
    bench.edge();
  }
}

TEST_CASE("Type 3 of either side means a list, every other type a contiguous block") {
  DmacBench bench;
  bench.driver_init();
  const std::uint32_t list = kBase + 0x40000;
  const driver::DmacControl control{.list_last = true, .list_valid = true};
  const std::uint64_t item[] = {kBase, kBase + 0x2000, 7, 0, control.word()};
  bench.memory.write(list, {reinterpret_cast<const std::uint8_t*>(item), sizeof(item)});
  for (unsigned types = 0; types < 16; ++types) {
    CAPTURE(types);
    bench.write(driver::dmac_channel(0) + driver::kDmacLlp, list);
    bench.driver_start(
        0, {.src = kBase, .dst = kBase + 0x1000, .items = 4, .control = control, .cfg = types});
    bench.wait(0);
    const bool is_list = types % 4 == 3 || types / 4 == 3;
    CHECK(bench.read(driver::dmac_channel(0) + driver::kDmacStatus) == (is_list ? 8 : 4));
  }
}

}  // namespace

TEST_CASE("Blocks of single items move an item a cycle, to a register two in three") {
  constexpr std::uint32_t kItems = 4000;
  constexpr std::uint64_t kStartAndEnd = 40;
  for (unsigned fixed = 0; fixed < 4; ++fixed) {
    CAPTURE(fixed);
    DmacBench bench({.read_latency = 2, .write_latency = 1});
    bench.driver_init();
    const bool to_register = (fixed & 1) != 0;
    const Transfer transfer{.src = kBase,
                            .dst = kBase + 0x800000,
                            .items = kItems,
                            .control = {.src_fixed = (fixed & 2) != 0,
                                        .dst_fixed = to_register,
                                        .src_width = 2,
                                        .dst_width = 2,
                                        .src_burst = 0,
                                        .dst_burst = 0}};
    const std::uint64_t start = bench.cycles();
    bench.driver_start(0, transfer);
    bench.wait(0);
    const std::uint64_t rate_cycles = to_register ? kItems * 3 / 2 : kItems;
    CHECK(bench.cycles() - start <= rate_cycles + kStartAndEnd);
  }
}

}  // namespace kpu::test
