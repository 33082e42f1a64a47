// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "driver/traffic.h"
#include "golden/kpu/kpu_backend.h"
#include "sim/model/configuration.h"
#include "tb/axi_memory.h"

namespace kpu::sim {

/// What is recorded of one layer, and where.
struct WaveRequest {
  /// FST file; empty: nothing is recorded. A GTKWave save file is written beside it.
  std::string path;
  std::size_t layer = 0;   ///< index among the network's KPU layers
  std::uint64_t from = 0;  ///< first cycle, counted from the layer's start
  /// Cycles from there; all up to the layer's end if that comes first.
  std::uint64_t cycles = std::numeric_limits<std::uint64_t>::max();
};

/// How the simulated hardware is run and watched.
struct RtlOptions {
  WaveRequest wave;
  tb::MemoryTiming memory;  ///< of SRAM, where weights, tables and results lie
  bool use_dma = true;      ///< input and output by DMA; else by the processor
  /// write_ram() takes no simulated time and no bus.
  bool direct_ram = false;
  std::uint64_t seed = 1;  ///< of what uninitialised registers hold
  /// Called now and then with the cycles simulated so far; may be empty.
  std::function<void(std::uint64_t cycles)> on_cycles;
};

/// The hardware, simulated or on a board, as a KPU that also tells what its system did.
class RtlKpu : public golden::KpuBackend {
 public:
  /// Bytes between SRAM and each master so far: "cpu", "dmac", "kpu"; empty
  /// where nobody counts.
  virtual std::map<std::string, driver::Traffic> traffic() const = 0;
  /// Its shape. A board does not tell all of it: what is not known is kUnknownParameter.
  virtual Configuration configuration() const = 0;
  std::uint32_t lanes() const { return configuration().lanes; }
  /// Lines of its AI RAM from line 0 on that layers may use.
  virtual std::size_t ram_lines() const = 0;
};

/// The RTL under Verilator as a KPU for the network interpreter. It is driven as software drives
/// the chip: registers, layer FIFO, interrupts, DMA.
std::unique_ptr<RtlKpu> make_rtl_backend(const RtlOptions& options);

}  // namespace kpu::sim
