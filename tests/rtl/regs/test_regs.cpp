// SPDX-License-Identifier: Apache-2.0
//
// The register file (docs/registers.md).
//
// Covered: reset value and writable bits of every register, unlisted offsets, byte strobes; the
// layer FIFO's order, level, overflow and flush; the three interrupts with mask, clear and
// thresholds, and the vendor driver's sequence of one layer per interrupt; fifo_data_out with its
// rate and the read of an empty one; the status register's sticky bits and first codes.
#include <array>
#include <cstdint>
#include <vector>

#include "tests/rtl/regs/regs_bench.h"
#include "tests/support/catch2.h"

namespace kpu::test {
namespace {

using namespace kpu::tb;

constexpr std::uint64_t kOnes = ~std::uint64_t{0};

TEST_CASE("Registers have their reset values and writable bits, the rest reads zero") {
  RegsBench bench;
  bench.top.unit_state_i = 0x123456789ABCDEF0;
  struct Expected {
    std::uint16_t offset;
    std::uint64_t reset;
    std::uint64_t after_ones;
  };
  const std::vector<Expected> expected{
      {driver::kRegLayerArgumentFifo, 0, 0},
      {driver::kRegInterruptStatus, 0, 0},
      {driver::kRegInterruptRaw, 0, 0},
      {driver::kRegInterruptMask, 7, 7},
      {driver::kRegInterruptClear, 0, 0},
      {driver::kRegFifoThreshold, 0x1A, 0xFF},
      {driver::kRegFifoDataOut, 0, 0},
      {driver::kRegFifoCtrl, 0x1F, 0x1F},
      {driver::kRegEightBitMode, 0, 1},
      {0x48, 0, 0},
      {0xF8, 0, 0},
      {driver::kRegId, 0x4B50553100010000, 0x4B50553100010000},
      {driver::kRegConfig, 0x1010'40'0800'8000'40, 0x1010'40'0800'8000'40},
      {driver::kRegLayersDone, 0, 0},
      {driver::kRegUnitState, 0x123456789ABCDEF0, 0x123456789ABCDEF0},
      {0x130, 0, 0},
      {0x1C0, 0, 0},
      {0xFF8, 0, 0},
  };
  for (const Expected& reg : expected) {
    CAPTURE(reg.offset);
    CHECK(bench.regs.read(reg.offset) == reg.reset);
    bench.regs.write(reg.offset, kOnes);
    CHECK(bench.regs.read(reg.offset) == reg.after_ones);
  }
}

TEST_CASE("A control register is written only when byte 0 is strobed") {
  RegsBench bench;
  bench.regs.write(driver::kRegInterruptMask, 0, 0xFE);
  CHECK(bench.regs.read(driver::kRegInterruptMask) == 7);
  bench.regs.write(driver::kRegInterruptMask, 0, 0x01);
  CHECK(bench.regs.read(driver::kRegInterruptMask) == 0);
  CHECK(bench.top.eight_bit_o == 0);
  bench.regs.write(driver::kRegEightBitMode, 1, 0x0F);
  bench.top.eval();
  CHECK(bench.top.eight_bit_o == 1);
}

TEST_CASE("Layers come out word by word in order, and only when complete") {
  RegsBench bench;
  for (unsigned i = 0; i < kpu::kLayerWords - 1; ++i)
    bench.regs.write(driver::kRegLayerArgumentFifo, 100 + i);
  CHECK(bench.take_words(1).empty());
  CHECK(bench.layers() == 0);
  bench.regs.write(driver::kRegLayerArgumentFifo, 111);
  CHECK(bench.layers() == 1);
  bench.push_layer(200);
  CHECK(bench.layers() == 2);
  for (std::uint64_t first : {100, 200}) {
    const std::vector<std::uint64_t> words = bench.take_words(kpu::kLayerWords);
    REQUIRE(words.size() == kpu::kLayerWords);
    for (unsigned i = 0; i < kpu::kLayerWords; ++i) CHECK(words[i] == first + i);
  }
  CHECK(bench.layers() == 0);
}

TEST_CASE("A layer enters in the cycle in which another leaves") {
  RegsBench bench;
  bench.push_layer(100);
  CHECK(bench.take_words(kpu::kLayerWords - 2).size() == kpu::kLayerWords - 2);
  for (unsigned i = 0; i < kpu::kLayerWords - 1; ++i)
    bench.regs.write(driver::kRegLayerArgumentFifo, 200 + i);
  // The reader stays a word ahead: it takes the last word from memory as the word before it is
  // taken.
  bench.top.arg_ready_i = 1;
  bench.regs.write(driver::kRegLayerArgumentFifo, 211);
  bench.top.arg_ready_i = 0;
  CHECK(bench.layers() == 1);
  const std::vector<std::uint64_t> words = bench.take_words(kpu::kLayerWords);
  REQUIRE(!words.empty());
  CHECK(words.back() == 211);
  CHECK(bench.layers() == 0);
}

TEST_CASE("The layer FIFO holds sixteen layers and drops further ones whole") {
  RegsBench bench;
  // More rounds than one, so that the addresses wrap.
  for (int round = 0; round < 3; ++round) {
    for (unsigned i = 0; i < kLayers; ++i) bench.push_layer(1000 * (i + 1));
    CHECK(bench.layers() == kLayers);
    CHECK(bench.regs.read(driver::kRegStatus) == 0);
    // The first word finds no room; room for the others does not make half a layer. The decoder's
    // side reads one word ahead, so a layer leaves with its last word still at the output.
    bench.regs.write(driver::kRegLayerArgumentFifo, 7);
    CHECK(bench.regs.read(driver::kRegStatus) == driver::kStatusLayerOverflow);
    for (unsigned i = 1; i < 3; ++i) bench.regs.write(driver::kRegLayerArgumentFifo, 7);
    CHECK(bench.take_words(kpu::kLayerWords).size() == kpu::kLayerWords);
    for (unsigned i = 3; i < kpu::kLayerWords; ++i)
      bench.regs.write(driver::kRegLayerArgumentFifo, 7);
    CHECK(bench.layers() == kLayers - 1);
    bench.push_layer(5000);
    CHECK(bench.layers() == kLayers);
    for (unsigned i = 1; i <= kLayers; ++i) {
      const std::vector<std::uint64_t> words = bench.take_words(kpu::kLayerWords);
      REQUIRE(words.size() == kpu::kLayerWords);
      CHECK(words.front() == (i < kLayers ? 1000 * (i + 1) : 5000));
    }
    CHECK(bench.take_words(1).empty());
    bench.regs.write(driver::kRegStatus, driver::kStatusLayerOverflow);
    CHECK(bench.regs.read(driver::kRegStatus) == 0);
  }
}

TEST_CASE("Flushes are active low and reach what they name") {
  RegsBench bench;
  bench.push_layer(1);
  bench.regs.write(driver::kRegLayerArgumentFifo, 2);
  CHECK(bench.take_words(3).size() == 3);
  bench.push_out(9);

  bench.regs.write(driver::kRegFifoCtrl, 0x1F & ~0x04u);
  bench.top.eval();
  CHECK(bench.top.flush_cfg_o == 1);
  CHECK(bench.top.flush_core_o == 0);
  CHECK(bench.take_words(1).empty());
  CHECK(bench.layers() == 0);
  CHECK(bench.top.out_count_o == 1);

  bench.regs.write(driver::kRegFifoCtrl, 0x1F & ~0x01u);
  bench.clock.tick();
  CHECK(bench.top.out_count_o == 0);
  CHECK_FALSE(bench.push_out(10));

  for (unsigned bit : {1u, 3u, 4u}) {
    bench.regs.write(driver::kRegFifoCtrl, 0x1F & ~(1u << bit));
    bench.top.eval();
    CHECK(bench.top.flush_core_o == 1);
    CHECK(bench.top.flush_cfg_o == 0);
  }
  bench.regs.write(driver::kRegFifoCtrl, driver::kFifoCtrlRun);
  bench.top.eval();
  CHECK(bench.top.flush_core_o == 0);

  // A new layer is in step again.
  bench.push_layer(50);
  CHECK(bench.take_words(kpu::kLayerWords).front() == 50);
}

TEST_CASE("calc_done is sticky, masked by 1 and cleared by 1") {
  RegsBench bench;
  bench.top.layer_done_i = 1;
  bench.top.calc_done_i = 1;
  bench.pulse();
  CHECK_FALSE(bench.irq());
  CHECK(bench.regs.read(driver::kRegInterruptRaw) == driver::kIntCalcDone);
  CHECK(bench.regs.read(driver::kRegInterruptStatus) == 0);
  bench.regs.write(driver::kRegInterruptMask, 6);
  CHECK(bench.irq());
  CHECK(bench.regs.read(driver::kRegInterruptStatus) == driver::kIntCalcDone);
  bench.regs.write(driver::kRegInterruptClear, 6);
  CHECK(bench.irq());
  bench.regs.write(driver::kRegInterruptClear, 1);
  CHECK_FALSE(bench.irq());
  CHECK(bench.regs.read(driver::kRegInterruptRaw) == 0);
  CHECK(bench.regs.read(driver::kRegLayersDone) == 1);
}

TEST_CASE("The FIFO interrupts come when a layer crosses their thresholds") {
  RegsBench bench;
  bench.regs.write(driver::kRegFifoThreshold, 0x13);  // empty 1, full 3
  bench.push_layer(0);
  bench.push_layer(0);
  CHECK(bench.regs.read(driver::kRegInterruptRaw) == 0);
  bench.push_layer(0);
  CHECK(bench.regs.read(driver::kRegInterruptRaw) == driver::kIntAlmostFull);
  bench.regs.write(driver::kRegInterruptClear, driver::kIntAll);
  bench.push_layer(0);
  CHECK(bench.regs.read(driver::kRegInterruptRaw) == driver::kIntAlmostFull);
  bench.regs.write(driver::kRegInterruptClear, driver::kIntAll);
  for (unsigned left = 3; left > 1; --left) {
    bench.take_words(kpu::kLayerWords);
    CHECK(bench.regs.read(driver::kRegInterruptRaw) == 0);
  }
  for (unsigned left = 2; left > 0; --left) {
    bench.take_words(kpu::kLayerWords);
    CHECK(bench.regs.read(driver::kRegInterruptRaw) == driver::kIntAlmostEmpty);
    bench.regs.write(driver::kRegInterruptClear, driver::kIntAll);
    CHECK(bench.regs.read(driver::kRegInterruptRaw) == 0);
  }
}

TEST_CASE("The vendor's handler, one layer per almost-empty interrupt, runs all layers and ends") {
  RegsBench bench;
  unsigned remaining = 5;
  unsigned calls = 0;
  unsigned taken = 0;
  const auto handler = [&] {
    ++calls;
    bench.regs.write(driver::kRegInterruptClear, driver::kIntAll);
    if (remaining == 0) return;
    bench.push_layer(remaining--);
  };
  bench.regs.write(driver::kRegInterruptClear, driver::kIntAll);
  bench.regs.write(driver::kRegFifoThreshold, 0x1C);  // empty 1, full 12
  bench.regs.write(driver::kRegInterruptMask, driver::kIntAlmostFull);
  handler();
  for (int step = 0; step < 100; ++step) {
    if (bench.irq()) handler();
    if (bench.layers() > 0 && bench.take_words(kpu::kLayerWords).size() == kpu::kLayerWords)
      ++taken;
  }
  CHECK(taken == 5);
  CHECK(calls == 6);
  CHECK_FALSE(bench.irq());
}

TEST_CASE("fifo_data_out gives a word a cycle, and zero at once when it is empty") {
  RegsBench bench;
  CHECK(bench.regs.read(driver::kRegFifoDataOut) == 0);
  CHECK(bench.regs.read(driver::kRegStatus) == driver::kStatusOutEmptyRead);
  bench.regs.write(driver::kRegStatus, driver::kStatusOutEmptyRead);

  for (unsigned i = 0; i < kOutWords; ++i) REQUIRE(bench.push_out(100 + i));
  CHECK_FALSE(bench.push_out(1));
  CHECK(bench.top.dma_req_o == 1);
  CHECK(bench.regs.read(driver::kRegFifoLevels) >> 8 == kOutWords);
  std::array<std::uint64_t, kOutWords> words{};
  const std::uint64_t start = bench.clock.cycles();
  bench.regs.read_burst(driver::kRegFifoDataOut, 0, words);
  CHECK(bench.clock.cycles() - start <= kOutWords + 1);
  for (unsigned i = 0; i < kOutWords; ++i) CHECK(words[i] == 100 + i);
  bench.top.eval();
  CHECK(bench.top.dma_req_o == 0);
  CHECK(bench.regs.read(driver::kRegStatus) == 0);
}

TEST_CASE(
    "The end of a stream shows from its last word's reading to the next stream's first word") {
  RegsBench bench;
  const auto ended = [&bench] {
    bench.top.eval();
    return bench.top.dma_end_o != 0;
  };
  CHECK_FALSE(ended());
  REQUIRE(bench.push_out(1));
  REQUIRE(bench.push_out(2, true));
  CHECK_FALSE(ended());
  CHECK(bench.regs.read(driver::kRegFifoDataOut) == 1);
  CHECK_FALSE(ended());
  CHECK(bench.regs.read(driver::kRegFifoDataOut) == 2);
  CHECK(ended());
  REQUIRE(bench.push_out(3));
  CHECK_FALSE(ended());
  CHECK(bench.regs.read(driver::kRegFifoDataOut) == 3);
  CHECK_FALSE(ended());
}

TEST_CASE("Status bits stick one by one, with the code of the first event") {
  RegsBench bench;
  bench.top.unsupported_i = 1;
  bench.top.unsupported_code_i = 0x21;
  bench.pulse();
  bench.top.unsupported_i = 1;
  bench.top.unsupported_code_i = 0x55;
  bench.pulse();
  CHECK(bench.regs.read(driver::kRegStatus) == (0x2100 | driver::kStatusUnsupported));
  bench.top.bus_error_i = 1;
  bench.top.bus_error_src_i = 3;
  bench.pulse();
  bench.top.conv_overflow_i = 1;
  bench.top.norm_overflow_i = 1;
  bench.pulse();
  CHECK(bench.regs.read(driver::kRegStatus) ==
        (0x32100 | driver::kStatusUnsupported | driver::kStatusBusError |
         driver::kStatusConvOverflow | driver::kStatusNormOverflow));
  bench.regs.write(driver::kRegStatus, driver::kStatusUnsupported | driver::kStatusConvOverflow);
  CHECK(bench.regs.read(driver::kRegStatus) ==
        (0x30000 | driver::kStatusBusError | driver::kStatusNormOverflow));
  bench.regs.write(driver::kRegStatus, driver::kStatusAll);
  CHECK(bench.regs.read(driver::kRegStatus) == 0);
}

TEST_CASE("Performance counters are read at their offsets") {
  RegsBench bench;
  // 16 x 40 bits in 32-bit words.
  for (unsigned bit = 0; bit < 640; bit += 32) bench.top.perf_i[bit / 32] = 0;
  for (unsigned i = 0; i < driver::kPerfCounters; ++i) {
    const unsigned bit = i * 40;
    const std::uint64_t value = 0x80 + i;  // fits where a counter starts within its word
    bench.top.perf_i[bit / 32] |= static_cast<std::uint32_t>(value << (bit % 32));
  }
  std::array<std::uint64_t, driver::kPerfCounters> counters{};
  bench.regs.read_burst(driver::kRegPerf, 8, counters);
  for (unsigned i = 0; i < driver::kPerfCounters; ++i) CHECK(counters[i] == 0x80 + i);
}

}  // namespace
}  // namespace kpu::test
