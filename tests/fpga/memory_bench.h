// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "Vkpu_board_sram.h"
#include "tb/random.h"
#include "tb/sdram_chip.h"
#include "tests/rtl/support/unit_clock.h"

namespace kpu::test {

using Bytes = std::vector<std::uint8_t>;

// As in CMakeLists.txt: the memory is a chip of SDRAM at this clock, or block memory if 0.
inline constexpr unsigned kMhz = KPU_SDRAM_MHZ;
inline constexpr std::uint32_t kMemoryBytes = kMhz == 0 ? 65'536 : 32 << 20;

/// A burst of 64-bit beats.
struct Burst {
  std::uint32_t address;
  unsigned beats;
  std::uint8_t id = 0;
  std::vector<std::uint64_t> data = {};      ///< a write's, or what a read has brought
  std::vector<std::uint8_t> strobes = {};    ///< of a write
  std::vector<std::uint8_t> responses = {};  ///< each beat's; a write has one
};

/// Bursts that are under way at the same time, in order on each side.
struct Traffic {
  std::vector<Burst> reads = {};
  std::vector<Burst> writes = {};
  std::uint32_t stall_percent =
      0;  ///< of the cycles that could offer or take something, each channel by itself
  bool hold_data = false;   ///< no write data until all reads are answered
  bool hold_reads = false;  ///< no read data are taken until all writes are answered
};

/// `kpu_board_sram`, and a chip at its pins, whose clock is the inverted one.
class MemoryBench {
 public:
  explicit MemoryBench(const tb::SdramTiming& timing = tb::sdram_timing(kMhz)) : chip(timing) {
    Vkpu_board_sram& top = clock.top();
    top.s_axi_awvalid_i = top.s_axi_wvalid_i = top.s_axi_bready_i = 0;
    top.s_axi_arvalid_i = top.s_axi_rready_i = 0;
    clock.reset();
  }

  /// One cycle; what the design says in it is to be looked at between settle() and edge().
  void settle() {
    clock.settle();
    const Vkpu_board_sram& top = clock.top();
    chip.edge({.rasn = top.sdram_rasn_o != 0,
               .casn = top.sdram_casn_o != 0,
               .wen = top.sdram_wen_o != 0,
               .bank = top.sdram_ba_o,
               .address = top.sdram_a_o,
               .mask = top.sdram_dqm_o,
               .driven = top.sdram_oe_o != 0,
               .data = top.sdram_d_o});
  }
  void edge() {
    clock.edge();
    clock.top().sdram_d_i = chip.data();  // the register at the pins
  }
  void rest(unsigned cycles) {
    for (unsigned i = 0; i < cycles; ++i) {
      settle();
      edge();
    }
  }

  /// Runs bursts to their ends; returns the cycles. Throws Error if nothing moves for 20,000 of
  /// them, if an answer comes that nobody asked for, or with another id or end.
  std::uint64_t run(Traffic& traffic);

  UnitClock<Vkpu_board_sram> clock;
  tb::SdramChip chip;
  tb::Random random{1};
};

}  // namespace kpu::test
