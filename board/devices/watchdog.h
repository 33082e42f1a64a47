// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "board/devices/device.h"
#include "board/devices/event_queue.h"
#include "board/devices/plic.h"

namespace kpu::board {

/// A watchdog: counts 2^(16 + top) of its clocks, then interrupts or resets the chip; in the first
/// case it counts again, and resets the chip if nobody has cleared the interrupt by then.
class Watchdog final : public Device {
 public:
  /// `cycles` gives the cycles of simulated time for a number of the watchdog's clocks.
  Watchdog(Plic& plic, EventQueue& events, unsigned irq,
           std::function<std::uint64_t(std::uint64_t)> cycles)
      : plic_(plic), events_(events), irq_(irq), cycles_(std::move(cycles)) {}

  void on_reset(std::function<void()> reset) { reset_ = std::move(reset); }

  std::optional<std::uint64_t> read(std::uint32_t offset, unsigned bytes) override;
  bool write(std::uint32_t offset, unsigned bytes, std::uint64_t value) override;

 private:
  void arm();
  void expire();
  void set_raised(bool raised);

  Plic& plic_;
  EventQueue& events_;
  unsigned irq_;
  std::function<std::uint64_t(std::uint64_t)> cycles_;
  std::function<void()> reset_;
  Storage storage_{0x100};
  bool raised_ = false;
  std::uint64_t end_ = 0;         ///< time at which it expires
  std::uint64_t generation_ = 0;  ///< tells an end that was scheduled before a restart
};

}  // namespace kpu::board
