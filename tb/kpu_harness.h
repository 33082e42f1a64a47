// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "driver/dmac_registers.h"
#include "driver/k210_map.h"
#include "driver/kpu_system.h"
#include "driver/traffic.h"
#include "tb/axi_memory.h"
#include "tb/axi_target.h"
#include "tb/clock.h"
#include "tb/cpu_port.h"
#include "tb/memory_map.h"

namespace kpu::tb {

struct HarnessConfig {
  MemoryTiming memory;     ///< of SRAM
  std::uint64_t seed = 1;  ///< of the values that uninitialised registers start with
  /// What is behind the memory port, in the place of the harness's own SRAM: SRAM from address 0 on,
  /// devices from 0x5000_0000 on. Must outlive the harness.
  AxiTarget* outside = nullptr;
};

/// The Verilated `kpu_soc` with its clock, SRAM and processor port; addresses are the K210's. Reset
/// has been done when the constructor returns. With memory outside, the functions that look into
/// SRAM find none.
///
/// A failed assertion of the RTL is printed by the simulator and throws HardwareFault at the end of
/// its cycle.
class KpuHarness final : public Clock, public driver::KpuSystem {
 public:
  explicit KpuHarness(const HarnessConfig& config = {});
  ~KpuHarness() override;
  KpuHarness(const KpuHarness&) = delete;
  KpuHarness& operator=(const KpuHarness&) = delete;

  // ---- Time
  void settle() override;
  void edge() override;
  std::uint64_t cycles() const override { return cycles_; }
  void pause() override { tick(); }
  std::uint64_t time() const override { return cycles_; }
  /// Four cycles of reset. The content of memory and of AI RAM stays.
  void reset();

  // ---- Software's view
  CpuPort& cpu() override { return *cpu_; }
  std::uint32_t interrupts() const override;

  /// Request line that a DMA channel listens to, 0 .. 63.
  unsigned dma_select(unsigned channel) const;
  /// How many items the device outside holds that `channel` listens to; from the next cycle on.
  void set_dma_items(unsigned channel, std::uint8_t items);

  // ---- Test aids that take no simulated time
  void load_memory(std::uint32_t address, std::span<const std::uint8_t> bytes) override;
  void peek_memory(std::uint32_t address, std::span<std::uint8_t> bytes) const override;
  /// Accesses of SRAM that touch the range are answered with an error, until clear_faults().
  void add_fault(std::uint32_t address, std::size_t size);
  void clear_faults() { memory_.clear_faults(); }
  /// As peek_ai_ram().
  void load_ai_ram(std::size_t address, std::span<const std::uint8_t> bytes);
  void peek_ai_ram(std::size_t address, std::span<std::uint8_t> bytes) const override;
  std::size_t memory_size() const override { return driver::kSramBytes; }
  std::size_t ai_ram_size() const override { return ai_ram_bytes(); }
  unsigned dma_channels() const override { return driver::kDmacChannels; }
  static std::size_t ai_ram_bytes();
  /// Bytes of a word of AI RAM: the lanes this RTL was built with.
  static std::size_t lanes();
  driver::Traffic traffic(driver::Initiator initiator) const override;
  /// docs/performance.md, "What a layer moves".
  std::map<std::string, std::uint64_t> layer_traffic() override;
  bool counts_layers() const override;

  // ---- Waves
  /// Records all signals in an FST file: from `from` cycles after this one on, for `cycles` cycles
  /// or up to stop_trace(). Throws Error if it cannot be written. While it records, there is also a
  /// file <path>.hier.
  void start_trace(const std::string& path, std::uint64_t from = 0,
                   std::uint64_t cycles = std::numeric_limits<std::uint64_t>::max());
  void stop_trace();

 private:
  struct Design;

  std::unique_ptr<Design> design_;
  MemoryMap memory_;  ///< SRAM, from address 0 on
  std::unique_ptr<AxiReadMemory> reads_;
  std::unique_ptr<AxiWriteMemory> writes_;
  std::unique_ptr<CpuPort> cpu_;
  std::deque<std::map<std::string, std::uint64_t>> layer_traffic_;  ///< of layers that have ended
  std::uint32_t layers_ = 0;                                        ///< that have ended, modulo 2^32
  std::uint64_t cycles_ = 0;
};

}  // namespace kpu::tb
