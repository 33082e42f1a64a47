// SPDX-License-Identifier: Apache-2.0
//
// The register block at the other end of a DMA transfer: bursts of writes push layers, bursts of
// reads meet a destination that is slower than they are.
#include <cstdint>
#include <cstring>
#include <vector>

#include "driver/dmac_driver.h"
#include "tests/rtl/machine/machine.h"

namespace kpu::test {
namespace {

constexpr std::uint32_t kSeed = 17;
constexpr std::uint32_t kWordsAt = 0x500000;  ///< of SRAM, behind tables and streams

void transfer(Machine& machine, std::uint32_t dst, std::uint32_t src, std::uint32_t words,
              bool dst_fixed) {
  driver::DmacDriver dmac(machine.harness().cpu());
  dmac.initialize();
  dmac.start(0, {.src = src, .dst = dst, .items = words, .control = {.dst_fixed = dst_fixed}});
  dmac.wait(0);
}

TEST_CASE("layers pushed by DMA", "[dma]") {
  CAPTURE(kSeed);
  RandomEngine random(kSeed);
  Machine machine(kSeed);
  for (int i = 0; i < 20; ++i) {
    CAPTURE(i);
    RandomLayer layer = draw(random);
    layer.stream_out = false;
    INFO(Machine::describe(layer));
    machine.driver().initialize();
    machine.driver().set_eight_bit_mode(layer.eight_bit);
    const driver::QueuedLayer queued = machine.place(layer, 0);
    const golden::KpuLayerOutput want = machine.reference(layer);
    std::vector<std::uint8_t> bytes(queued.words.size() * 8);
    std::memcpy(bytes.data(), queued.words.data(), bytes.size());
    machine.harness().load_memory(driver::kSramBase + kWordsAt, bytes);
    machine.write(driver::kRegInterruptMask, driver::kIntAll & ~driver::kIntCalcDone);
    transfer(machine, driver::kKpuBase + driver::kRegLayerArgumentFifo,
             driver::kSramBase + kWordsAt, static_cast<std::uint32_t>(queued.words.size()), true);
    machine.wait_for_interrupt();
    if (want.range.ok()) machine.check_output(layer, want);
  }
}

TEST_CASE("registers read by DMA into a slow memory", "[dma]") {
  tb::MemoryTiming slow;
  slow.bandwidth_percent = 5;
  slow.write_latency = 100;
  Machine machine(kSeed, slow);
  RandomEngine random(kSeed);
  machine.check(draw(random));
  constexpr std::uint32_t kWords = 256;
  constexpr std::uint32_t kFirst = driver::kRegId;
  std::vector<std::uint8_t> bytes(kWords * 8);
  transfer(machine, driver::kSramBase + kWordsAt, driver::kKpuBase + kFirst, kWords, false);
  machine.harness().peek_memory(driver::kSramBase + kWordsAt, bytes);
  for (std::uint32_t i = 0; i < kWords; ++i) {
    CAPTURE(i);
    std::uint64_t got = 0;
    std::memcpy(&got, &bytes[8 * i], 8);
    REQUIRE(got == machine.harness().cpu().read(driver::kKpuBase + kFirst + 8 * i));
  }
}

}  // namespace
}  // namespace kpu::test
