// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>

#include "board/cpu/ram.h"
#include "board/devices/accelerator.h"
#include "tb/axi_target.h"
#include "tb/kpu_harness.h"

namespace kpu::sim {

/// What lies behind the RTL's memory port on the virtual board: the machine's own memory, and the
/// data registers of devices.
class OutsideBus final : public tb::AxiTarget {
 public:
  /// `ports` must outlive this.
  explicit OutsideBus(const board::BoardPorts& ports) : ports_(ports) {}

  /// Called when a beat has taken an item from a device.
  void on_taken(std::function<void()> call) { on_taken_ = std::move(call); }
  /// Beats so far.
  std::uint64_t beats() const { return beats_; }

  tb::AxiResponse read_beat(std::uint32_t address, unsigned size, std::uint64_t& word) override;
  tb::AxiResponse write_beat(std::uint32_t address, std::uint64_t word,
                             std::uint8_t strobe) override;

 private:
  const board::BoardPorts& ports_;
  std::function<void()> on_taken_;
  std::uint64_t beats_ = 0;
};

/// The RTL's AI RAM for the board's processors and devices, without simulated time.
class HarnessAiRam final : public board::AiRamPort {
 public:
  explicit HarnessAiRam(tb::KpuHarness& harness) : harness_(harness) {}

  void read(std::size_t at, std::span<std::uint8_t> bytes) override {
    harness_.peek_ai_ram(at, bytes);
  }
  void write(std::size_t at, std::span<const std::uint8_t> bytes) override {
    harness_.load_ai_ram(at, bytes);
  }

 private:
  tb::KpuHarness& harness_;
};

}  // namespace kpu::sim
