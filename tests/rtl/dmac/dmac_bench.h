// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "Vkpu_dmac.h"
#include "driver/dmac_registers.h"
#include "tb/axi_memory.h"
#include "tb/axil_master.h"
#include "tb/memory_map.h"
#include "tests/rtl/support/unit_clock.h"

namespace kpu::test {

/// What a channel is told to do.
struct Transfer {
  std::uint32_t src = 0;
  std::uint32_t dst = 0;
  std::uint32_t items = 1;  ///< of the source's width
  driver::DmacControl control;
  std::uint64_t cfg = driver::kDmacMemoryToMemory;
};

/// kpu_dmac with memory and a processor that writes its registers.
class DmacBench final : public tb::Clock {
 public:
  explicit DmacBench(const tb::MemoryTiming& timing = {});

  void settle() override;
  void edge() override;
  std::uint64_t cycles() const override { return clock_.cycles(); }

  /// Two cycles of reset; memory forgets the bursts under way.
  void reset();

  std::uint64_t read(unsigned offset) { return regs_.read(static_cast<std::uint16_t>(offset)); }
  void write(unsigned offset, std::uint64_t value, std::uint8_t strobe = 0xFF) {
    regs_.write(static_cast<std::uint16_t>(offset), value, strobe);
  }

  /// The vendor driver's start-up and its start of one transfer, access by access.
  void driver_init();
  void driver_start(unsigned channel, const Transfer& transfer);
  bool enabled(unsigned channel) { return (read(driver::kDmacChEn) >> channel & 1) != 0; }
  /// Lets time pass until the channel has stopped; its interrupt status. Throws Error if it does
  /// not within `limit` cycles.
  std::uint64_t wait(unsigned channel, std::uint64_t limit = 2'000'000);
  void enable(unsigned channel, bool on);

  /// What `transfer` leaves in memory, byte by byte.
  void model(const Transfer& transfer, std::vector<std::uint8_t>& memory) const;
  std::vector<std::uint8_t> content() const;
  /// Whether `size` bytes from offset `at` on are those of `expected`.
  bool same_content(const std::vector<std::uint8_t>& expected, std::uint32_t at,
                    std::uint32_t size) const;
  void set_content(std::span<const std::uint8_t> bytes);

  static constexpr std::uint32_t kBase = 0x8000'0000;
  static constexpr std::uint32_t kSize = 16 << 20;

  Vkpu_dmac& top() { return clock_.top(); }
  tb::MemoryMap memory;

 private:
  UnitClock<Vkpu_dmac> clock_;
  tb::AxiReadMemory reads_;
  tb::AxiWriteMemory writes_;
  tb::AxiLiteMaster regs_;
};

}  // namespace kpu::test
