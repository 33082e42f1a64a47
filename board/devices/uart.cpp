// SPDX-License-Identifier: Apache-2.0
#include "board/devices/uart.h"

namespace kpu::board {
namespace {

enum Register : std::uint32_t {
  kData = 0x00,
  kInterruptEnable = 0x04,
  kLineControl = 0x0C,
  kLineStatus = 0x14,
  kUartStatus = 0x7C,
};

constexpr std::uint32_t kProgrammableThreshold = 0x80;  // of kInterruptEnable
constexpr std::uint32_t kIdle = 0x40;
constexpr std::uint32_t kHoldingEmpty = 0x20;  // with the programmable threshold it means full

}  // namespace

bool Uart::divisor_access() const { return (storage_.get(kLineControl) & 0x80) != 0; }

std::optional<std::uint64_t> Uart::read(std::uint32_t offset, unsigned bytes) {
  switch (offset) {
    case kData:
      return divisor_access() ? storage_.get(kData) : 0;
    case kLineStatus:
      return (storage_.get(kInterruptEnable) & kProgrammableThreshold) != 0 ? kIdle
                                                                            : kIdle | kHoldingEmpty;
    case kUartStatus:
      return 6;  // transmit FIFO empty and not full
    default:
      return storage_.read(offset, bytes);
  }
}

bool Uart::write(std::uint32_t offset, unsigned bytes, std::uint64_t value) {
  if (offset == kData && !divisor_access()) {
    console_.print(name_, static_cast<char>(value));
    return true;
  }
  if (offset == kInterruptEnable && divisor_access()) {
    return true;  // upper byte of the divisor
  }
  return storage_.write(offset, bytes, value);
}

}  // namespace kpu::board
