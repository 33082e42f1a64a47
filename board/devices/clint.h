// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "board/devices/device.h"
#include "board/devices/event_queue.h"

namespace kpu::board {

/// Software and timer interrupts of both harts; mtime counts one of 50 cycles.
class Clint final : public Device {
 public:
  static constexpr std::uint64_t kCyclesPerTick = 50;

  explicit Clint(const EventQueue& events) : events_(events) {}

  std::optional<std::uint64_t> read(std::uint32_t offset, unsigned bytes) override;
  bool write(std::uint32_t offset, unsigned bytes, std::uint64_t value) override;

  /// The two interrupts of a hart as bits of mip.
  std::uint64_t pending(unsigned hart) const;
  /// The cycle at which the next timer interrupt begins, or EventQueue::kNever.
  std::uint64_t next() const;

 private:
  /// The register that holds `offset`, or nothing.
  std::uint64_t* wide(std::uint32_t offset);

  const EventQueue& events_;
  std::array<std::uint32_t, 2> msip_{};
  std::array<std::uint64_t, 2> mtimecmp_{~std::uint64_t{0}, ~std::uint64_t{0}};
};

}  // namespace kpu::board
