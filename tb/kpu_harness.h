// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "tb/axi_master.h"
#include "tb/axi_memory.h"
#include "tb/axil_master.h"
#include "tb/clock.h"
#include "tb/memory_map.h"

namespace kpu::tb {

struct HarnessConfig {
  MemoryTiming memory;     ///< of the memory with weights and tables
  std::uint64_t seed = 1;  ///< of the values that uninitialised registers start with
};

/// The Verilated `kpu_top` with its clock, memory and bus masters. Reset has been done when the
/// constructor returns; `memory()` has no segments yet.
///
/// A failed assertion of the RTL is printed by the simulator and throws Error at the end of its
/// cycle.
class KpuHarness final : public Clock {
 public:
  explicit KpuHarness(const HarnessConfig& config = {});
  ~KpuHarness() override;
  KpuHarness(const KpuHarness&) = delete;
  KpuHarness& operator=(const KpuHarness&) = delete;

  // ---- Time
  void settle() override;
  void edge() override;
  std::uint64_t cycles() const override { return cycles_; }
  /// Four cycles of reset. The content of memory and of AI RAM stays.
  void reset();

  // ---- Software's view
  MemoryMap& memory() { return memory_; }
  AxiLiteMaster& registers() { return *registers_; }
  AxiMaster& ai_ram_bus() { return *ai_ram_bus_; }
  bool interrupt() const;         ///< level of irq_o
  unsigned stream_words() const;  ///< words in fifo_data_out, as its DMA handshake tells

  // ---- Test aids that take no simulated time
  /// Bytes of AI RAM from `address` on. Throws Error if the range leaves AI RAM.
  void load_ai_ram(std::size_t address, std::span<const std::uint8_t> bytes);
  void peek_ai_ram(std::size_t address, std::span<std::uint8_t> bytes) const;
  std::size_t ai_ram_bytes() const;
  /// Bytes of a word of AI RAM: the lanes this RTL was built with.
  static std::size_t lanes();
  /// 8-byte beats of weights and tables that memory has given.
  std::uint64_t memory_beats() const;

  // ---- Waves
  /// Records all signals from here to stop_trace() in an FST file. Throws Error if it cannot be
  /// written.
  void start_trace(const std::string& path);
  void stop_trace();

 private:
  struct Design;

  std::unique_ptr<Design> design_;
  MemoryMap memory_;
  std::unique_ptr<AxiReadMemory> read_memory_;
  std::unique_ptr<AxiLiteMaster> registers_;
  std::unique_ptr<AxiMaster> ai_ram_bus_;
  std::uint64_t cycles_ = 0;
};

}  // namespace kpu::tb
