// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>

#include "board/devices/device.h"

namespace kpu::board {

/// Interrupt sources of the chip.
enum Irq : unsigned {
  kIrqSpi0 = 1,
  kIrqI2c0 = 8,
  kIrqUart1 = 11,
  kIrqTimer0A = 14,
  kIrqRtc = 20,
  kIrqWdt0 = 21,
  kIrqGpio = 23,
  kIrqDvp = 24,
  kIrqKpuSource = 25,
  kIrqDmac0 = 27,
  kIrqUarths = 33,
  kIrqGpiohs0 = 34,
  kIrqEnd = 66,
};

/// The interrupt controller: level inputs, one machine-mode context for each hart. A source that
/// was claimed is masked until it is completed; a hart sees what has more priority than its
/// threshold.
class Plic final : public Device {
 public:
  std::optional<std::uint64_t> read(std::uint32_t offset, unsigned bytes) override;
  bool write(std::uint32_t offset, unsigned bytes, std::uint64_t value) override;

  void set_level(unsigned source, bool level) { level_[source] = level; }
  /// An input that is raised for a moment: pending until it is claimed.
  void pulse(unsigned source) { pulses_[source] = true; }
  /// Whether the hart's external interrupt is raised.
  bool pending(unsigned hart) const { return best(hart) != 0; }

 private:
  /// The source that a claim gives: the one of most priority above the threshold, or 0.
  unsigned best(unsigned hart) const;

  std::array<std::uint32_t, kIrqEnd> priority_{};
  std::array<std::bitset<kIrqEnd>, 2> enabled_;
  std::array<std::uint32_t, 2> threshold_{};
  std::bitset<kIrqEnd> level_;
  std::bitset<kIrqEnd> pulses_;
  std::bitset<kIrqEnd> claimed_;
};

}  // namespace kpu::board
