// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "board/devices/console.h"
#include "board/devices/device.h"
#include "board/devices/plic.h"

namespace kpu::board {

/// One of UART1..3, in the manner of a 16550 whose transmit FIFO is never full.
class Uart final : public Device {
 public:
  Uart(std::string name, unsigned irq, Console& console, Plic& plic);

  std::optional<std::uint64_t> read(std::uint32_t offset, unsigned bytes) override;
  bool write(std::uint32_t offset, unsigned bytes, std::uint64_t value) override;

 private:
  bool divisor_access() const;
  /// What the interrupt identification register says.
  std::uint32_t identification() const;
  void update();

  std::string name_;
  unsigned irq_;
  Console& console_;
  Plic& plic_;
  Storage storage_{0x100};
  bool empty_told_ = false;  ///< the interrupt of the empty transmit FIFO has been seen
};

}  // namespace kpu::board
