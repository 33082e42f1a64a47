// SPDX-License-Identifier: Apache-2.0
#include "board/devices/uart.h"

#include <utility>

namespace kpu::board {
namespace {

enum : std::uint32_t {
  kUartData = 0x00,
  kInterruptEnable = 0x04,
  kIdentification = 0x08,
  kLineControl = 0x0C,
  kLineStatus = 0x14,
  kUartStatus = 0x7C,
  kUartReceiveLevel = 0x84,
};

constexpr std::uint32_t kProgrammableThreshold = 0x80;  // of kInterruptEnable
constexpr std::uint32_t kReceiveInterrupt = 0x01;
constexpr std::uint32_t kSendInterrupt = 0x02;
constexpr std::uint32_t kUartReceived = 0x01;  // of kLineStatus
constexpr std::uint32_t kIdle = 0x40;
constexpr std::uint32_t kHoldingEmpty = 0x20;  // with the programmable threshold it means full
/// Of kIdentification: FIFOs are on; nothing, transmit FIFO empty, data received.
constexpr std::uint32_t kFifosOn = 0xC0;
constexpr std::uint32_t kNothing = 1, kSendEmpty = 2, kDataReceived = 4;

}  // namespace

Uart::Uart(std::string name, unsigned irq, Console& console, Plic& plic)
    : name_(std::move(name)), irq_(irq), console_(console), plic_(plic) {
  console_.on_input([this] { update(); });
}

bool Uart::divisor_access() const { return (storage_.get(kLineControl) & 0x80) != 0; }

std::uint32_t Uart::identification() const {
  const std::uint32_t enabled = storage_.get(kInterruptEnable);
  if ((enabled & kReceiveInterrupt) != 0 && console_.has_input(name_)) {
    return kDataReceived;
  }
  return (enabled & kSendInterrupt) != 0 && !empty_told_ ? kSendEmpty : kNothing;
}

void Uart::update() { plic_.set_level(irq_, identification() != kNothing); }

std::optional<std::uint64_t> Uart::read(std::uint32_t offset, unsigned bytes) {
  const bool received = console_.has_input(name_);
  switch (offset) {
    case kUartData:
      return divisor_access() ? storage_.get(kUartData) : console_.take(name_);
    case kIdentification: {
      const std::uint32_t what = identification();
      empty_told_ = empty_told_ || what == kSendEmpty;
      update();
      return kFifosOn | what;
    }
    case kLineStatus:
      return kIdle | (received ? kUartReceived : 0) |
             ((storage_.get(kInterruptEnable) & kProgrammableThreshold) != 0 ? 0 : kHoldingEmpty);
    case kUartStatus:
      return 6 | (received ? 8 : 0);  // transmit FIFO empty and not full; receive FIFO not empty
    case kUartReceiveLevel:
      return received ? 1 : 0;
    default:
      return storage_.read(offset, bytes);
  }
}

bool Uart::write(std::uint32_t offset, unsigned bytes, std::uint64_t value) {
  if (offset == kUartData && !divisor_access()) {
    console_.print(name_, static_cast<char>(value));
    empty_told_ = false;
    update();
    return true;
  }
  if (offset == kInterruptEnable && divisor_access()) {
    return true;  // upper byte of the divisor
  }
  if (offset == kInterruptEnable && (storage_.get(kInterruptEnable) & kSendInterrupt) == 0) {
    empty_told_ = false;
  }
  const bool known = storage_.write(offset, bytes, value);
  update();
  return known;
}

}  // namespace kpu::board
