// SPDX-License-Identifier: Apache-2.0
//
// What the register file leaves behind: after power-up with any content of its registers, after a
// reset or a flush in any cycle of busy traffic. And answers on the bus that nobody takes for a
// while.
#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "tests/rtl/regs/regs_bench.h"
#include "tests/support/catch2.h"

namespace kpu::test {
namespace {

using namespace kpu::tb;

constexpr std::uint32_t kSeed = 31;

/// All inputs of the unit at random, one cycle after the other; requests stay until they are taken.
class RandomTraffic {
 public:
  RandomTraffic(RegsBench& bench, std::uint32_t seed)
      : top_(bench.top), clock_(bench.clock), random_(seed) {}

  void run(std::uint32_t cycles) {
    for (std::uint32_t i = 0; i < cycles; ++i) cycle();
  }
  /// No request any more, whatever became of the last ones; answers are taken.
  void stop() {
    top_.s_axil_awvalid_i = top_.s_axil_wvalid_i = top_.s_axil_arvalid_i = 0;
    top_.s_axil_bready_i = top_.s_axil_rready_i = 1;
    top_.arg_ready_i = top_.out_valid_i = 0;
    top_.layer_done_i = top_.calc_done_i = top_.unsupported_i = 0;
    top_.conv_overflow_i = top_.norm_overflow_i = top_.bus_error_i = 0;
  }
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

 private:
  bool chance(std::uint32_t percent) { return below(100) < percent; }

  void cycle() {
    constexpr std::uint16_t kWritten[] = {driver::kRegInterruptMask, driver::kRegInterruptClear,
                                          driver::kRegFifoThreshold, driver::kRegEightBitMode,
                                          driver::kRegStatus};
    constexpr std::uint16_t kRead[] = {driver::kRegFifoDataOut, driver::kRegInterruptRaw,
                                       driver::kRegFifoLevels, driver::kRegId};
    if (!top_.s_axil_awvalid_i && chance(80)) {
      top_.s_axil_awaddr_i =
          chance(90) ? std::uint16_t{driver::kRegLayerArgumentFifo} : kWritten[below(5)];
      top_.s_axil_wdata_i = random_();
      top_.s_axil_wstrb_i = 0xFF;
      top_.s_axil_awvalid_i = top_.s_axil_wvalid_i = 1;
    }
    if (!top_.s_axil_arvalid_i && chance(40)) {
      top_.s_axil_araddr_i = kRead[below(4)];
      top_.s_axil_arvalid_i = 1;
    }
    if (!top_.out_valid_i && chance(40)) {
      top_.out_valid_i = 1;
      top_.out_data_i = random_();
      top_.out_last_i = chance(20);
    }
    top_.s_axil_bready_i = chance(70);
    top_.s_axil_rready_i = chance(70);
    top_.arg_ready_i = chance(60);
    top_.layer_done_i = chance(5);
    top_.calc_done_i = top_.layer_done_i;
    top_.unsupported_i = chance(2);
    top_.conv_overflow_i = chance(2);
    top_.norm_overflow_i = chance(2);
    top_.bus_error_i = chance(2);
    clock_.settle();
    const bool written = top_.s_axil_awready_o;
    const bool read = top_.s_axil_arready_o;
    const bool out = top_.out_ready_o;
    clock_.edge();
    if (written) top_.s_axil_awvalid_i = top_.s_axil_wvalid_i = 0;
    if (read) top_.s_axil_arvalid_i = 0;
    if (out) top_.out_valid_i = 0;
  }

  Vkpu_regs& top_;
  UnitClock<Vkpu_regs>& clock_;
  std::mt19937_64 random_;
};

/// Nothing waits anywhere.
void check_empty(RegsBench& bench) {
  CHECK(bench.regs.read(driver::kRegInterruptRaw) == 0);
  CHECK(bench.regs.read(driver::kRegFifoLevels) == 0);
  bench.top.eval();
  CHECK(bench.top.arg_valid_o == 0);
  CHECK(bench.top.dma_req_o == 0);
  CHECK(bench.top.dma_end_o == 0);
}

/// The first cycle after reset, and what software finds then.
void check_reset(RegsBench& bench) {
  bench.top.eval();
  CHECK(bench.top.s_axil_bvalid_o == 0);
  CHECK(bench.top.s_axil_rvalid_o == 0);
  CHECK(bench.top.arg_valid_o == 0);
  CHECK(bench.top.irq_o == 0);
  CHECK(bench.top.eight_bit_o == 0);
  CHECK(bench.top.flush_core_o == 0);
  CHECK(bench.top.flush_cfg_o == 0);
  CHECK(bench.regs.read(driver::kRegInterruptMask) == 7);
  CHECK(bench.regs.read(driver::kRegFifoThreshold) == 0x1A);
  CHECK(bench.regs.read(driver::kRegFifoCtrl) == 0x1F);
  CHECK(bench.regs.read(driver::kRegEightBitMode) == 0);
  CHECK(bench.regs.read(driver::kRegStatus) == 0);
  CHECK(bench.regs.read(driver::kRegLayersDone) == 0);
  check_empty(bench);
}

/// Layers and stream words pass as if nothing had been.
void check_works(RegsBench& bench) {
  for (std::uint64_t first : {100, 200}) {
    bench.push_layer(first);
    CHECK(bench.layers() == 1);
    const std::vector<std::uint64_t> words = bench.take_words(kpu::kLayerWords);
    REQUIRE(words.size() == kpu::kLayerWords);
    for (unsigned i = 0; i < kpu::kLayerWords; ++i) CHECK(words[i] == first + i);
    REQUIRE(bench.push_out(first));
    CHECK(bench.regs.read(driver::kRegFifoDataOut) == first);
  }
}

TEST_CASE("Power-up with any content") {
  for (int i = 0; i < 16; ++i) {
    CAPTURE(i);
    RegsBench bench;
    check_reset(bench);
    check_works(bench);
  }
}

TEST_CASE("A reset in any cycle of busy traffic") {
  CAPTURE(kSeed);
  RegsBench bench;
  RandomTraffic traffic(bench, kSeed);
  for (int i = 0; i < 200; ++i) {
    CAPTURE(i);
    traffic.run(1 + traffic.below(150));
    traffic.stop();
    bench.clock.reset();
    check_reset(bench);
    check_works(bench);
  }
}

TEST_CASE("A flush in any cycle of busy traffic") {
  CAPTURE(kSeed);
  RegsBench bench;
  RandomTraffic traffic(bench, kSeed + 1);
  for (int i = 0; i < 300; ++i) {
    CAPTURE(i);
    bench.regs.write(driver::kRegFifoThreshold, 0xF1);  // each layer that comes or goes is an event
    traffic.run(1 + traffic.below(150));
    // The last write of the traffic may be under way still: the flush follows in the next cycle.
    bench.top.s_axil_bready_i = 1;
    bench.clock.tick();
    traffic.stop();
    bench.top.arg_ready_i = traffic.below(2) != 0;
    bench.regs.write(driver::kRegFifoCtrl, 0);
    bench.clock.tick();
    bench.clock.tick();
    bench.regs.write(driver::kRegInterruptClear, driver::kIntAll);
    check_empty(bench);
    bench.top.arg_ready_i = 0;
    bench.regs.write(driver::kRegFifoCtrl, driver::kFifoCtrlRun);
    check_empty(bench);
    check_works(bench);
  }
}

TEST_CASE("A layer that leaves as the flush comes is no event of the time after") {
  RegsBench bench;
  for (unsigned taken = 0; taken < kpu::kLayerWords; ++taken) {
    CAPTURE(taken);
    bench.push_layer(1);
    bench.take_words(taken);
    bench.top.arg_ready_i = 1;
    bench.regs.write(driver::kRegFifoCtrl, 0);
    bench.top.arg_ready_i = 0;
    bench.clock.tick();
    bench.regs.write(driver::kRegInterruptClear, driver::kIntAll);
    check_empty(bench);
    bench.regs.write(driver::kRegFifoCtrl, driver::kFifoCtrlRun);
    check_works(bench);
    bench.regs.write(driver::kRegInterruptClear, driver::kIntAll);
  }
}

TEST_CASE("Answers wait for a master that does not take them") {
  RegsBench bench;
  Vkpu_regs& top = bench.top;
  top.s_axil_awaddr_i = driver::kRegInterruptMask;
  top.s_axil_wdata_i = 3;
  top.s_axil_wstrb_i = 0xFF;
  top.s_axil_araddr_i = driver::kRegId;
  top.s_axil_awvalid_i = top.s_axil_wvalid_i = top.s_axil_arvalid_i = 1;
  top.s_axil_bready_i = top.s_axil_rready_i = 0;
  bench.clock.settle();
  REQUIRE(top.s_axil_awready_o == 1);
  REQUIRE(top.s_axil_arready_o == 1);
  bench.clock.edge();
  // The next accesses have to wait, too.
  top.s_axil_wdata_i = 5;
  top.s_axil_araddr_i = driver::kRegInterruptMask;
  for (int cycle = 0; cycle < 5; ++cycle) {
    bench.clock.settle();
    CHECK(top.s_axil_bvalid_o == 1);
    CHECK(top.s_axil_rvalid_o == 1);
    CHECK(top.s_axil_rdata_o >> 32 == driver::kIdValue);
    CHECK(top.s_axil_awready_o == 0);
    CHECK(top.s_axil_arready_o == 0);
    bench.clock.edge();
  }
  top.s_axil_bready_i = 1;
  bench.clock.tick();
  top.s_axil_awvalid_i = top.s_axil_wvalid_i = 0;
  bench.clock.tick();
  top.s_axil_rready_i = 1;
  bench.clock.tick();
  top.s_axil_arvalid_i = 0;
  bench.clock.settle();
  CHECK(top.s_axil_bvalid_o == 0);
  CHECK(top.s_axil_rvalid_o == 1);
  CHECK(top.s_axil_rdata_o == 5);
  bench.clock.edge();
  bench.clock.settle();
  CHECK(top.s_axil_rvalid_o == 0);
  bench.clock.edge();
}

}  // namespace
}  // namespace kpu::test
