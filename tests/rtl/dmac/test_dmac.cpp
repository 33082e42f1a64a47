// SPDX-License-Identifier: Apache-2.0
//
// The DMA controller (docs/system.md).
//
// Covered: access rules of every register; every pair of item widths, fixed and incrementing, with
// random alignments, lengths and bursts against a byte-by-byte model, at three memory settings; the
// longest block; channels at the same time; linked lists; disable, abort, suspend and reset in the
// middle; an error response at each kind of access, followed by a good transfer; the promised rate.
#include "tests/rtl/dmac/dmac_bench.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iostream>
#include <vector>

#include "tb/random.h"
#include "tests/support/catch2.h"

namespace kpu::test {
namespace {

using namespace kpu::tb;

constexpr std::uint32_t kBase = DmacBench::kBase;
// Where the random transfers write.
constexpr std::uint32_t kNear = 0x1FF000;
constexpr std::uint32_t kNearBytes = 0x20000;

std::vector<std::uint8_t> random_content(Random& random) {
  std::vector<std::uint8_t> bytes(DmacBench::kSize);
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    const std::uint64_t word = random.next();
    std::memcpy(&bytes[i], &word, 8);
  }
  return bytes;
}

TEST_CASE("Registers of the controller keep their access rules") {
  DmacBench bench;
  bench.write(driver::kDmacComIntStatusEn, ~std::uint64_t{0});
  const auto bad = [&bench] {
    const std::uint64_t status = bench.read(driver::kDmacComIntStatus);
    bench.write(driver::kDmacComIntClear, 0x10F);
    return status;
  };
  CHECK(bench.read(driver::kDmacId) == 0x4B44'4D41);
  CHECK(bench.read(driver::kDmacVersion) == 0x3130'302A);
  CHECK(bench.read(driver::kDmacCfg) == 0);
  CHECK(bench.read(driver::kDmacChEn) == 0);
  CHECK(bench.read(driver::kDmacIntStatus) == 0);
  CHECK(bench.read(driver::kDmacComIntStatusEn) == 0x10F);
  CHECK(bench.read(driver::kDmacComIntSignalEn) == 0x10F);
  CHECK(bench.read(driver::kDmacReset) == 0);
  CHECK(bad() == 0);

  for (unsigned offset :
       {driver::kDmacId, driver::kDmacVersion, driver::kDmacIntStatus, driver::kDmacComIntStatus}) {
    bench.write(offset, 1);
    CHECK(bad() == driver::kDmacWriteToReadOnly);
  }
  CHECK(bench.read(driver::kDmacComIntClear) == 0);
  CHECK(bad() == driver::kDmacReadOfWriteOnly);
  for (unsigned offset : {0x20u, 0x60u, 0xF8u}) {
    CHECK(bench.read(offset) == 0);
    CHECK(bad() == driver::kDmacUndefined);
    bench.write(offset, 1);
    CHECK(bad() == driver::kDmacUndefined);
  }
  CHECK(bench.read(driver::dmac_channel(driver::kDmacChannels)) == 0);
  CHECK(bad() == driver::kDmacNoChannel);

  // The interrupt of bad accesses, and its enables.
  bench.write(driver::kDmacCfg, 2);
  bench.write(driver::kDmacId, 0);
  bench.top().eval();
  CHECK(bench.top().irq_common_o == 1);
  CHECK(bench.read(driver::kDmacIntStatus) == 0x10000);
  bench.write(driver::kDmacComIntSignalEn, 0);
  bench.top().eval();
  CHECK(bench.top().irq_common_o == 0);
  bench.write(driver::kDmacComIntClear, 0x10F);
  bench.write(driver::kDmacComIntStatusEn, 0);
  bench.write(driver::kDmacId, 0);
  CHECK(bad() == 0);
}

TEST_CASE("Registers of a channel keep their access rules") {
  DmacBench bench;
  const auto bad = [&bench] {
    const std::uint64_t status = bench.read(driver::kDmacComIntStatus);
    bench.write(driver::kDmacComIntClear, 0x10F);
    return status;
  };
  struct Expected {
    unsigned offset;
    std::uint64_t reset;
    std::uint64_t after_ones;
  };
  const std::uint64_t ones = ~std::uint64_t{0};
  for (unsigned n = 0; n < driver::kDmacChannels; ++n) {
    const unsigned base = driver::dmac_channel(n);
    for (const Expected& reg : {Expected{driver::kDmacSar, 0, 0xFFFFFFFF},
                                {driver::kDmacDar, 0, 0xFFFFFFFF},
                                {driver::kDmacBlockTs, 0, 0x3FFFFF},
                                {driver::kDmacCtl, 0, ones},
                                {driver::kDmacChCfg, 0, ones},
                                {driver::kDmacLlp, 0, ones},
                                {driver::kDmacIntStatusEn, 0, 0xFFFFFFFF},
                                {driver::kDmacIntSignalEn, 0xFFFFFFFF, 0xFFFFFFFF}}) {
      CAPTURE(n, reg.offset);
      CHECK(bench.read(base + reg.offset) == reg.reset);
      bench.write(base + reg.offset, ones);
      CHECK(bench.read(base + reg.offset) == reg.after_ones);
    }
    CHECK(bad() == 0);
    for (unsigned offset : {driver::kDmacStatus, driver::kDmacChIntStatus}) {
      bench.write(base + offset, ones);
      CHECK(bad() == driver::kDmacWriteToReadOnly);
    }
    CHECK(bench.read(base + driver::kDmacIntClear) == 0);
    CHECK(bad() == driver::kDmacReadOfWriteOnly);
    CHECK(bench.read(base + 0x40) == 0);
    CHECK(bad() == driver::kDmacUndefined);
  }
  // A running block cannot be changed.
  bench.driver_init();
  bench.driver_start(2, {.src = kBase, .dst = kBase + 0x10000, .items = 4096, .control = {}});
  bench.write(driver::dmac_channel(2) + driver::kDmacSar, 0);
  CHECK(bad() == driver::kDmacWriteOnHold);
  CHECK(bench.read(driver::dmac_channel(2) + driver::kDmacSar) == kBase);
  bench.wait(2);
}

TEST_CASE("A store of some bytes of a register leaves the others") {
  DmacBench bench;
  const auto bits_of = [](unsigned strobe) {
    std::uint64_t bits = 0;
    for (unsigned b = 0; b < 8; ++b) bits |= (strobe >> b & 1) != 0 ? std::uint64_t{0xFF} << (8 * b) : 0;
    return bits;
  };
  struct Register {
    unsigned offset;
    std::uint64_t writable;
  };
  const std::uint64_t low = 0xFFFFFFFF;
  const unsigned base = driver::dmac_channel(1);
  const std::vector<Register> registers{{base + driver::kDmacSar, low},
                                        {base + driver::kDmacDar, low},
                                        {base + driver::kDmacBlockTs, 0x3FFFFF},
                                        {base + driver::kDmacCtl, ~std::uint64_t{0}},
                                        {base + driver::kDmacChCfg, ~std::uint64_t{0}},
                                        {base + driver::kDmacLlp, ~std::uint64_t{0}},
                                        {base + driver::kDmacIntStatusEn, low},
                                        {base + driver::kDmacIntSignalEn, low},
                                        {driver::kDmacComIntStatusEn, 0x10F},
                                        {driver::kDmacComIntSignalEn, 0x10F},
                                        {driver::kDmacCfg, 3}};
  for (const Register& reg : registers) {
    for (const unsigned strobe : {0x0Fu, 0xF0u, 0x01u, 0x02u, 0x80u, 0x3Cu, 0x00u, 0xAAu}) {
      for (const std::uint64_t before : {std::uint64_t{0}, ~std::uint64_t{0}, 0x0123'4567'89AB'CDEFu}) {
        CAPTURE(reg.offset, strobe, before);
        const std::uint64_t value = ~before ^ 0x5A00'5A00'5A00'5A00;
        bench.write(reg.offset, before);
        bench.write(reg.offset, value, static_cast<std::uint8_t>(strobe));
        const std::uint64_t expected = (before & ~bits_of(strobe)) | (value & bits_of(strobe));
        REQUIRE(bench.read(reg.offset) == (expected & reg.writable));
      }
    }
  }
  // The reset bit lies in the lowest byte.
  bench.write(base + driver::kDmacSar, 0x1234);
  bench.write(driver::kDmacReset, ~std::uint64_t{0}, 0xFE);
  CHECK(bench.read(base + driver::kDmacSar) == 0x1234);
}

TEST_CASE("A channel's status counts the items of the block that its registers say") {
  DmacBench bench;
  const unsigned channel = driver::dmac_channel(0);
  const auto completed = [&] { return bench.read(channel + driver::kDmacStatus); };
  CHECK(completed() == 0);
  bench.driver_init();
  CHECK(completed() == 0);
  bench.driver_start(0, {.src = kBase, .dst = kBase + 0x10000, .items = 300, .control = {}});
  bench.wait(0);
  CHECK(completed() == 300);
  bench.write(channel + driver::kDmacBlockTs, 99);
  CHECK(completed() == 0);
}

TEST_CASE("The engine offers data without waiting for their address to be taken") {
  DmacBench bench({.data_first = true});
  bench.driver_init();
  bench.driver_start(0, {.src = kBase + 3, .dst = kBase + 0x10005, .items = 500, .control = {}});
  bench.wait(0, 20'000);
}

TEST_CASE("Transfers of all widths, alignments, lengths and bursts") {
  const int setting = GENERATE(0, 1, 2, 3);
  MemoryTiming timing{.read_latency = 1, .write_latency = 1};
  if (setting == 1) timing = {.read_latency = 30, .write_latency = 30, .bandwidth_percent = 50};
  if (setting == 2) timing.stall_percent = 40;
  // Data run ahead of addresses that nobody takes.
  if (setting == 3)
    timing = {.read_latency = 1, .write_latency = 1, .stall_percent = 70, .early_beats = 32};
  CAPTURE(setting);
  Random random(static_cast<std::uint64_t>(setting) + 21);
  DmacBench bench(timing);
  bench.driver_init();
  std::vector<std::uint8_t> expected = random_content(random);
  bench.set_content(expected);

  for (int i = 0; i < 300; ++i) {
    Transfer transfer;
    driver::DmacControl& control = transfer.control;
    control.src_width = random.below(4);
    control.dst_width = random.below(4);
    control.src_burst = random.below(6);
    control.dst_burst = random.below(6);
    control.src_fixed = random.chance(15);
    control.dst_fixed = random.chance(15);
    transfer.items = 1 + random.below(random.chance(10) ? 3000 : 60);
    // Around a multiple of 4 KiB; a fixed address is that of an item.
    transfer.src = kBase + 0x100000 + 0x1000 * random.below(16) - random.below(100);
    transfer.dst = kBase + 0x200000 + 0x1000 * random.below(16) - random.below(100);
    if (control.src_fixed) transfer.src = transfer.src >> control.src_width << control.src_width;
    if (control.dst_fixed) transfer.dst = transfer.dst >> control.dst_width << control.dst_width;
    bench.model(transfer, expected);
    const unsigned channel = random.below(driver::kDmacChannels);
    bench.driver_start(channel, transfer);
    bench.wait(channel);
    CAPTURE(i, channel, transfer.src, transfer.dst, transfer.items, control.word());
    REQUIRE(bench.same_content(expected, kNear, kNearBytes));
    REQUIRE(bench.read(driver::dmac_channel(channel) + driver::kDmacStatus) == transfer.items);
  }
  CHECK(bench.content() == expected);
}

TEST_CASE("The longest block, and the rate of an aligned copy") {
  DmacBench bench({.read_latency = 1, .write_latency = 1});
  bench.driver_init();
  Random random(3);
  std::vector<std::uint8_t> expected = random_content(random);
  bench.set_content(expected);

  Transfer transfer{.src = kBase,
                    .dst = kBase + 0x800000,
                    .items = 1 << 17,
                    .control = {.src_burst = 3, .dst_burst = 3}};
  const std::uint64_t start = bench.cycles();
  bench.driver_start(0, transfer);
  bench.wait(0);
  const std::uint64_t cycles = bench.cycles() - start;
  std::cout << "DMAC, aligned MiB: " << 1048576.0 / static_cast<double>(cycles)
            << " bytes a cycle\n";
  CHECK(1048576 >= 0.9 * 8 * static_cast<double>(cycles));
  bench.model(transfer, expected);

  transfer = {.src = kBase + 1,
              .dst = kBase + 0x800000,
              .items = (4 << 20) - 8,
              .control = {.src_width = 0, .dst_width = 3, .src_burst = 7, .dst_burst = 7}};
  bench.model(transfer, expected);
  bench.driver_start(5, transfer);
  bench.wait(5, 4'000'000);
  CHECK(bench.content() == expected);
}

TEST_CASE("Six channels at once each do their own transfer, and raise their own interrupt") {
  DmacBench bench({.read_latency = 10, .stall_percent = 20});
  bench.driver_init();
  Random random(17);
  std::vector<std::uint8_t> expected = random_content(random);
  bench.set_content(expected);
  for (unsigned n = 0; n < driver::kDmacChannels; ++n) {
    const Transfer transfer{.src = kBase + 0x10000 * n + n,
                            .dst = kBase + 0x800000 + 0x10000 * n,
                            .items = 500 + 100 * n,
                            .control = {.src_width = n % 4, .dst_width = 3 - n % 4}};
    bench.model(transfer, expected);
    bench.write(driver::dmac_channel(n) + driver::kDmacIntStatusEn, driver::kDmacTransferDone);
    bench.driver_start(n, transfer);
  }
  for (unsigned n = 0; n < driver::kDmacChannels; ++n)
    CHECK(bench.wait(n) == driver::kDmacTransferDone);
  CHECK(bench.content() == expected);
  CHECK(bench.read(driver::kDmacIntStatus) == 0x3F);
  for (unsigned n = 0; n < driver::kDmacChannels; ++n) {
    bench.write(driver::dmac_channel(n) + driver::kDmacIntClear, 0xFFFFFFFF);
    bench.top().eval();
    CHECK(bench.top().irq_o == (0x3Eu << n & 0x3F));
  }
}

constexpr std::uint32_t kList = 0x40000;

/// Four blocks, and their linked list in `memory` at kList.
std::vector<Transfer> put_list(std::vector<std::uint8_t>& memory) {
  std::vector<Transfer> blocks;
  for (std::uint32_t i = 0; i < 4; ++i) {
    blocks.push_back({.src = kBase + 0x1000 * i + i,
                      .dst = kBase + 0x80000 + 0x1000 * i,
                      .items = 30 + i,
                      .control = {.list_last = i == 3, .list_valid = true}});
    const std::uint32_t at = kList + 64 * i;
    const std::uint64_t item[] = {blocks[i].src, blocks[i].dst, blocks[i].items - 1,
                                  kBase + at + 64, blocks[i].control.word()};
    std::memcpy(&memory[at], item, sizeof item);
  }
  return blocks;
}

/// Channel 1 on the list.
void start_list(DmacBench& bench) {
  bench.write(driver::dmac_channel(1) + driver::kDmacIntStatusEn, ~std::uint64_t{0});
  bench.write(driver::dmac_channel(1) + driver::kDmacIntClear, ~std::uint64_t{0});
  bench.write(driver::dmac_channel(1) + driver::kDmacChCfg, driver::kDmacLinkedList);
  bench.write(driver::dmac_channel(1) + driver::kDmacLlp, kBase + kList);
  bench.enable(1, true);
}

TEST_CASE("Linked lists run item by item; an invalid item stops the channel") {
  DmacBench bench;
  bench.driver_init();
  Random random(9);
  std::vector<std::uint8_t> expected = random_content(random);
  const std::vector<Transfer> blocks = put_list(expected);
  bench.set_content(expected);
  start_list(bench);
  CHECK(bench.wait(1) == (driver::kDmacBlockDone | driver::kDmacTransferDone));
  for (const Transfer& block : blocks) bench.model(block, expected);
  CHECK(bench.content() == expected);

  const std::uint64_t invalid = 0;
  bench.memory.write(kBase + kList + 64 + 32, {reinterpret_cast<const std::uint8_t*>(&invalid), 8});
  start_list(bench);
  CHECK(bench.wait(1) == (driver::kDmacBlockDone | driver::kDmacListInvalid));

  bench.memory.add_fault(kBase + kList, 8);
  start_list(bench);
  CHECK((bench.wait(1) & (driver::kDmacListSlaveError | driver::kDmacTransferDone)) ==
        driver::kDmacListSlaveError);
}

TEST_CASE("A channel is switched off in any cycle of a list, and runs it again") {
  DmacBench bench({.read_latency = 10});
  bench.driver_init();
  Random random(13);
  std::vector<std::uint8_t> before = random_content(random);
  const std::vector<Transfer> blocks = put_list(before);
  std::vector<std::uint8_t> after = before;
  for (const Transfer& block : blocks) bench.model(block, after);
  bench.set_content(before);
  constexpr std::uint32_t kFirst = 0x80000;
  constexpr std::uint32_t kSize = 0x4000;
  bool finished = false;
  for (unsigned cycles = 0; !finished; ++cycles) {
    CAPTURE(cycles);
    bench.memory.write(kBase + kFirst, {&before[kFirst], kSize});
    start_list(bench);
    for (unsigned i = 0; i < cycles; ++i) bench.tick();
    bench.enable(1, false);
    const std::uint64_t status = bench.wait(1, 1000);
    finished = (status & driver::kDmacTransferDone) != 0;
    REQUIRE(((status & driver::kDmacDisabled) != 0) != finished);
    // Whatever it got to is right, and nothing else has changed.
    std::vector<std::uint8_t> bytes(kSize);
    bench.memory.read(kBase + kFirst, bytes);
    bool right = true;
    for (std::uint32_t i = 0; i < kSize; ++i) {
      const bool old = bytes[i] == before[kFirst + i] && !finished;
      right = right && (old || bytes[i] == after[kFirst + i]);
    }
    REQUIRE(right);
  }
  CHECK(bench.content() == after);
}

TEST_CASE("A channel that is disabled, aborted or suspended in the middle stops and starts again") {
  DmacBench bench({.read_latency = 20});
  bench.driver_init();
  bench.write(driver::dmac_channel(0) + driver::kDmacIntStatusEn, 0xFFFFFFFF);
  const Transfer transfer{.src = kBase, .dst = kBase + 0x100000, .items = 5000, .control = {}};

  bench.driver_start(0, transfer);
  for (int i = 0; i < 500; ++i) bench.tick();
  bench.enable(0, false);
  CHECK(bench.wait(0, 1000) == driver::kDmacDisabled);
  CHECK(bench.read(driver::dmac_channel(0) + driver::kDmacStatus) < transfer.items);

  bench.driver_start(0, transfer);
  for (int i = 0; i < 500; ++i) bench.tick();
  bench.write(driver::kDmacChEn, std::uint64_t{1} << 40 | std::uint64_t{1} << 32);
  CHECK(bench.wait(0, 1000) == driver::kDmacAborted);

  bench.driver_start(0, transfer);
  for (int i = 0; i < 300; ++i) bench.tick();
  bench.write(driver::kDmacChEn, 0x0101'0000);
  for (int i = 0; i < 300; ++i) bench.tick();
  const std::uint64_t at = bench.read(driver::dmac_channel(0) + driver::kDmacStatus);
  for (int i = 0; i < 300; ++i) bench.tick();
  CHECK(bench.read(driver::dmac_channel(0) + driver::kDmacStatus) == at);
  CHECK(bench.read(driver::kDmacChEn) == 0x1'0001);
  bench.write(driver::kDmacChEn, 0x0100'0000);
  CHECK(bench.wait(0) == (driver::kDmacBlockDone | driver::kDmacTransferDone));

  bench.driver_start(0, transfer);
  for (int i = 0; i < 500; ++i) bench.tick();
  bench.driver_init();
  CHECK(bench.read(driver::dmac_channel(0) + driver::kDmacSar) == 0);
  bench.driver_start(0, transfer);
  bench.wait(0);
  CHECK(bench.read(driver::dmac_channel(0) + driver::kDmacStatus) == transfer.items);
}

TEST_CASE("An error response ends the channel with its status, and the next transfer works") {
  DmacBench bench({.read_latency = 20});
  bench.driver_init();
  Random random(2);
  std::vector<std::uint8_t> expected = random_content(random);
  bench.set_content(expected);
  const Transfer good{.src = kBase, .dst = kBase + 0x100000, .items = 600, .control = {}};
  struct Case {
    std::uint32_t src;
    std::uint32_t dst;
    std::uint32_t fault;  ///< address that answers with an error; 0: none
    std::uint64_t status;
  };
  const Case cases[] = {
      {kBase, kBase + 0x100000, kBase + 0x800, driver::kDmacSrcSlaveError},
      {kBase, kBase + 0x100000, kBase + 0x100800, driver::kDmacDstSlaveError},
      {0x1000, kBase + 0x100000, 0, driver::kDmacSrcDecodeError},
      {kBase, 0x1000, 0, driver::kDmacDstDecodeError},
  };
  for (const Case& c : cases) {
    CAPTURE(c.status);
    if (c.fault != 0) bench.memory.add_fault(c.fault, 8);
    bench.write(driver::dmac_channel(4) + driver::kDmacIntStatusEn, 0xFFFFFFFF);
    bench.driver_start(4, {.src = c.src, .dst = c.dst, .items = 600, .control = {}});
    CHECK(bench.wait(4, 20'000) == c.status);
    bench.top().eval();
    CHECK(bench.top().irq_o == 1u << 4);
    bench.memory.clear_faults();
    // What was written before and behind the error is right or untouched.
    bench.driver_start(4, good);
    CHECK(bench.wait(4) == (driver::kDmacBlockDone | driver::kDmacTransferDone));
    std::vector<std::uint8_t> after = expected;
    bench.model(good, after);
    CHECK(bench.content() == after);
  }
}

}  // namespace
}  // namespace kpu::test
