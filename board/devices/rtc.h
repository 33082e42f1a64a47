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

/// The time of day. It runs in simulated time from the moment at which software has it run, from
/// what software has set. Ticks interrupt every second, minute, hour or day; alarms do not.
class Rtc final : public Device {
 public:
  /// `hz` gives the cycles of simulated time in a second.
  Rtc(Plic& plic, EventQueue& events, std::function<std::uint64_t()> hz)
      : plic_(plic), events_(events), hz_(std::move(hz)) {}

  std::optional<std::uint64_t> read(std::uint32_t offset, unsigned bytes) override;
  bool write(std::uint32_t offset, unsigned bytes, std::uint64_t value) override;

 private:
  bool runs() const;
  void schedule();
  /// A second passes.
  void tick();
  void next_day();

  Plic& plic_;
  EventQueue& events_;
  std::function<std::uint64_t()> hz_;
  Storage storage_{0x40};
  std::uint64_t generation_ = 0;  ///< tells a second that began before the clock was stopped
};

}  // namespace kpu::board
