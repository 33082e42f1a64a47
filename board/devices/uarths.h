// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "board/devices/console.h"
#include "board/devices/device.h"
#include "board/devices/plic.h"

namespace kpu::board {

/// The high-speed UART: never full, a byte at once.
class Uarths final : public Device {
 public:
  Uarths(Console& console, Plic& plic);

  std::optional<std::uint64_t> read(std::uint32_t offset, unsigned bytes) override;
  bool write(std::uint32_t offset, unsigned bytes, std::uint64_t value) override;

 private:
  void update();
  std::uint32_t pending() const;

  Console& console_;
  Plic& plic_;
  Storage storage_{0x1C};
};

}  // namespace kpu::board
