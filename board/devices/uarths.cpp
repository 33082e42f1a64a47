// SPDX-License-Identifier: Apache-2.0
#include "board/devices/uarths.h"

namespace kpu::board {
namespace {

enum : std::uint32_t { kTxData = 0x00, kRxData = 0x04, kIe = 0x10, kIp = 0x14 };

constexpr std::uint32_t kEmpty = 0x8000'0000;
constexpr std::uint32_t kTxReady = 1;
constexpr std::uint32_t kRxReady = 2;

const char* const kName = "UARTHS";

}  // namespace

Uarths::Uarths(Console& console, Plic& plic) : console_(console), plic_(plic) {
  console_.on_input([this] { update(); });
}

std::uint32_t Uarths::pending() const {
  return kTxReady | (console_.has_input(kName) ? kRxReady : 0);
}

void Uarths::update() { plic_.set_level(kIrqUarths, (pending() & storage_.get(kIe)) != 0); }

std::optional<std::uint64_t> Uarths::read(std::uint32_t offset, unsigned bytes) {
  switch (offset) {
    case kTxData:
      return 0;
    case kRxData: {
      const std::uint32_t value = console_.has_input(kName) ? console_.take(kName) : kEmpty;
      update();
      return value;
    }
    case kIp:
      return pending();
    default:
      return storage_.read(offset, bytes);
  }
}

bool Uarths::write(std::uint32_t offset, unsigned bytes, std::uint64_t value) {
  if (offset == kTxData) {
    console_.print(kName, static_cast<char>(value));
    return true;
  }
  const bool known = storage_.write(offset, bytes, value);
  update();
  return known;
}

}  // namespace kpu::board
