// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "board/devices/device.h"
#include "board/devices/event_queue.h"
#include "board/devices/plic.h"

namespace kpu::board {

/// One of three blocks of four timers that count down and raise an interrupt at zero.
class Timer final : public Device {
 public:
  /// `irq` is the source of timers 0 and 1, the next one that of timers 2 and 3; `cycles` gives the
  /// cycles of simulated time for a number of the timer's own clocks.
  Timer(Plic& plic, EventQueue& events, unsigned irq,
        std::function<std::uint64_t(std::uint64_t)> cycles)
      : plic_(plic), events_(events), irq_(irq), cycles_(std::move(cycles)) {}

  std::optional<std::uint64_t> read(std::uint32_t offset, unsigned bytes) override;
  bool write(std::uint32_t offset, unsigned bytes, std::uint64_t value) override;

 private:
  static constexpr unsigned kTimers = 4;

  void arm(unsigned n);
  void expire(unsigned n);
  void update_interrupts();
  bool masked(unsigned n) const;

  Plic& plic_;
  EventQueue& events_;
  unsigned irq_;
  std::function<std::uint64_t(std::uint64_t)> cycles_;
  Storage storage_{0xC0};
  std::array<bool, kTimers> raised_{};
  std::array<std::uint64_t, kTimers> end_{};  ///< time at which it expires
  std::array<std::uint64_t, kTimers> generation_{};
};

}  // namespace kpu::board
