// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "driver/bus.h"
#include "driver/k210_map.h"
#include "driver/traffic.h"

namespace kpu::driver {

/// A KPU with SRAM and DMA controller at the K210's addresses, as its software sees it: simulated
/// (KpuHarness), or a board at a serial port (SerialSystem).
class KpuSystem {
 public:
  virtual ~KpuSystem() = default;

  virtual Bus& cpu() = 0;
  /// Levels of the interrupts: kIrqKpu, irq_dma(n).
  virtual std::uint32_t interrupts() const = 0;

  /// Lets time pass while software has nothing to do: a cycle of a simulation.
  virtual void pause() = 0;
  /// What watchdogs count: cycles of a simulation, microseconds of a board.
  virtual std::uint64_t time() const = 0;
  /// What a master has moved from and to SRAM so far; zero where nobody counts.
  virtual Traffic traffic(Initiator initiator) const = 0;
  /// What the oldest layer moved that has ended and was not asked for yet, by name; empty where nobody counts.
  virtual std::map<std::string, std::uint64_t> layer_traffic() { return {}; }
  /// Whether layer_traffic() counts.
  virtual bool counts_layers() const { return false; }

  /// Bytes of SRAM at a K210 address in either alias. Throws Error if the range leaves SRAM.
  virtual void load_memory(std::uint32_t address, std::span<const std::uint8_t> bytes) = 0;
  virtual void peek_memory(std::uint32_t address, std::span<std::uint8_t> bytes) const = 0;
  /// Bytes of AI RAM; `address` counts from its beginning. Throws Error if the range leaves AI RAM.
  virtual void peek_ai_ram(std::size_t address, std::span<std::uint8_t> bytes) const = 0;

  /// Sizes in bytes.
  virtual std::size_t memory_size() const = 0;
  virtual std::size_t ai_ram_size() const = 0;
  /// Channels of the DMA controller that software may use: 0 to this, exclusive.
  virtual unsigned dma_channels() const = 0;
};

}  // namespace kpu::driver
