// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "board/devices/console.h"
#include "board/devices/device.h"

namespace kpu::board {

/// One of UART1..3, in the manner of a 16550 with a FIFO that is never full.
class Uart final : public Device {
 public:
  Uart(std::string name, Console& console) : name_(std::move(name)), console_(console) {}

  std::optional<std::uint64_t> read(std::uint32_t offset, unsigned bytes) override;
  bool write(std::uint32_t offset, unsigned bytes, std::uint64_t value) override;

 private:
  bool divisor_access() const;

  std::string name_;
  Console& console_;
  Storage storage_{0x100};
};

}  // namespace kpu::board
