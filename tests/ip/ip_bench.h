// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "Vopenkpu.h"
#include "driver/c/kpu.h"
#include "tb/axi_master.h"
#include "tb/axi_memory.h"
#include "tb/clock.h"
#include "tb/memory_map.h"
#include "tb/random.h"

namespace kpu::test {

/// Where the bench answers the driver: registers and AI RAM. Main memory is what m_axi sees.
inline constexpr std::uintptr_t kRegs = 0x1000'0000;
inline constexpr std::uintptr_t kRam = 0x2000'0000;
inline constexpr std::uint32_t kMemory = 0x8000'0000;
inline constexpr std::uint32_t kMemoryBytes = 0x40'0000;
inline constexpr std::uint32_t kRamBytes = 256 * 64;  // of the configuration `smallest`

/// How the interconnect around the wrapper behaves.
struct Interconnect {
  std::uint32_t stall_percent = 0;  ///< a master waits before it offers or takes
  tb::MemoryTiming memory;
  std::uint64_t seed = 1;
};

/// `openkpu` between an interconnect's ports: a 32-bit AXI4-Lite master, an AXI4 master with ids,
/// sizes and side signals at random, and a memory. Addresses and data of a write come in any order,
/// answers are taken late. In every cycle the wrapper's outputs are held to the rules of AXI: what
/// is offered stays as it is until it is taken; answers carry the id of a burst; bursts on m_axi
/// are of the kind that docs/integration.md states. Throws Error where they are not.
class IpBench final : public tb::Clock {
 public:
  explicit IpBench(const Interconnect& interconnect = {});
  ~IpBench() override;

  // A processor's accesses, which the driver's port uses, too. `strobe` counts for the four bytes.
  std::uint32_t read32(std::uintptr_t address);
  void write32(std::uintptr_t address, std::uint32_t value, std::uint8_t strobe = 0xF);

  /// Many bytes of AI RAM in bursts.
  void load_ram(std::uint32_t offset, std::span<const std::uint8_t> bytes) {
    axi_->write(offset, bytes);
  }
  void read_ram(std::uint32_t offset, std::span<std::uint8_t> bytes) { axi_->read(offset, bytes); }

  /// A reset of `cycles` cycles that begins and ends between two edges; all masters forget what
  /// they did.
  void reset(unsigned cycles);

  tb::MemoryMap& memory() { return map_; }
  bool irq() const { return top_->irq != 0; }
  Vopenkpu& top() { return *top_; }

  void settle() override;
  void edge() override;
  std::uint64_t cycles() const override { return cycles_; }

 private:
  /// A channel that the wrapper offers on: what was there in the last cycle and not taken.
  struct Held {
    const char* name;
    std::function<bool()> valid;
    std::function<bool()> ready;
    std::function<std::uint64_t()> payload;
    std::optional<std::uint64_t> last;
  };

  void watch();
  bool stalls() { return random_.chance(interconnect_.stall_percent); }
  std::uint32_t ram_read32(std::uint32_t offset);
  void ram_write32(std::uint32_t offset, std::uint32_t value, std::uint8_t strobe);
  void side_signals();

  Interconnect interconnect_;
  VerilatedContext context_;
  std::unique_ptr<Vopenkpu> top_;
  tb::Random random_;
  tb::MemoryMap map_;
  std::optional<tb::AxiReadMemory> memory_;
  std::optional<tb::AxiMaster> axi_;
  std::array<Held, 5> held_;
  std::uint64_t cycles_ = 0;
};

/// The bench that the driver's port talks to while this lives.
class DriverPort {
 public:
  explicit DriverPort(IpBench& bench);
  ~DriverPort();
  DriverPort(const DriverPort&) = delete;
  DriverPort& operator=(const DriverPort&) = delete;
};

}  // namespace kpu::test
