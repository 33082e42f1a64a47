// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "board/devices/device.h"

namespace kpu::board {

/// The system controller: clocks, PLLs that are locked at once, DMA request selection, reset.
class Sysctl final : public Storage {
 public:
  Sysctl();

  std::optional<std::uint64_t> read(std::uint32_t offset, unsigned bytes) override;
  bool write(std::uint32_t offset, unsigned bytes, std::uint64_t value) override;

  /// Frequency in Hz of the processor, and so of a cycle of simulated time.
  std::uint64_t cpu_hz() const;
  std::uint64_t pll0_hz() const;
  /// Clock of timer block n, 0..2, in Hz.
  std::uint64_t timer_hz(unsigned n) const;
  /// Clock of watchdog n, 0 or 1, in Hz.
  std::uint64_t wdt_hz(unsigned n) const;
  /// Request line that DMA channel n, 0..5, listens to.
  unsigned dma_request(unsigned channel) const;
  /// Called when software resets the chip.
  void on_reset(std::function<void()> reset) { reset_ = std::move(reset); }
  /// Called with offset and value when software writes one of the registers of dma_request().
  void on_select(std::function<void(std::uint32_t, std::uint32_t)> select) {
    select_ = std::move(select);
  }

 private:
  std::function<void()> reset_;
  std::function<void(std::uint32_t, std::uint32_t)> select_;
};

}  // namespace kpu::board
