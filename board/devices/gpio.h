// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "board/devices/device.h"

namespace kpu::board {

/// Pin multiplexer: 48 words, the function of a pin in bits 7:0.
class Fpioa final : public Storage {
 public:
  static constexpr unsigned kPins = 48;
  static constexpr unsigned kGpiohs0 = 24;  ///< function number of GPIOHS 0; 32 of them

  Fpioa() : Storage(0x100) {}

  /// Number of the GPIOHS line at a pin, or nothing.
  std::optional<unsigned> gpiohs_at(unsigned pin) const {
    const unsigned function = get(4 * pin) & 0xFF;
    return function >= kGpiohs0 && function < kGpiohs0 + 32 ? std::optional(function - kGpiohs0)
                                                            : std::nullopt;
  }
};

/// GPIOHS: 32 lines. What nobody drives reads as one.
class Gpiohs final : public Storage {
 public:
  Gpiohs() : Storage(0x44) {}

  std::optional<std::uint64_t> read(std::uint32_t offset, unsigned bytes) override {
    return offset == 0 ? std::optional<std::uint64_t>(~get(kOutputEnable) | get(kOutput))
                       : Storage::read(offset, bytes);
  }
  /// Level that the chip drives on a line.
  bool output(unsigned line) const { return (get(kOutput) >> line & 1) != 0; }

 private:
  static constexpr std::uint32_t kOutputEnable = 0x08;
  static constexpr std::uint32_t kOutput = 0x0C;
};

/// GPIO: 8 lines, inputs read as ones.
class Gpio final : public Storage {
 public:
  Gpio() : Storage(0x80) {}

  std::optional<std::uint64_t> read(std::uint32_t offset, unsigned bytes) override {
    return offset == kInput ? std::optional<std::uint64_t>(0xFF) : Storage::read(offset, bytes);
  }

 private:
  static constexpr std::uint32_t kInput = 0x50;
};

}  // namespace kpu::board
