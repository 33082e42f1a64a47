// SPDX-License-Identifier: Apache-2.0
#include "board/devices/i2c.h"

#include <cstddef>

namespace kpu::board {
namespace {

enum : std::uint32_t {
  kTarget = 0x04,
  kI2cData = 0x10,
  kRawInterrupts = 0x34,
  kClearAbort = 0x54,
  kI2cEnable = 0x6C,
  kI2cStatus = 0x70,
  kTransmitLevel = 0x74,
  kI2cReceiveLevel = 0x78,
  kAbortSource = 0x80,
};

constexpr std::uint32_t kRead = 0x100;
constexpr std::uint32_t kTransmitReady = 0x06;
constexpr std::uint32_t kI2cReceived = 0x08;
constexpr std::uint32_t kAbortInterrupt = 0x40;
constexpr std::uint32_t kNoAcknowledge = 0x01;

}  // namespace

std::optional<std::uint64_t> I2c::read(std::uint32_t offset, unsigned bytes) {
  switch (offset) {
    case kI2cData: {
      if (received_.empty()) {
        return 0;
      }
      const std::uint8_t value = received_.front();
      received_.pop_front();
      return value;
    }
    case kRawInterrupts:
      return aborted_ ? kAbortInterrupt : 0;
    case kClearAbort:
      aborted_ = false;
      return 0;
    case kI2cStatus:
      return kTransmitReady | (received_.empty() ? 0 : kI2cReceived);
    case kTransmitLevel:
      return 0;
    case kI2cReceiveLevel:
      return received_.size();
    case kAbortSource:
      return aborted_ ? kNoAcknowledge : 0;
    default:
      return storage_.read(offset, bytes);
  }
}

bool I2c::write(std::uint32_t offset, unsigned bytes, std::uint64_t value) {
  if (offset == kI2cData) {
    command(static_cast<std::uint32_t>(value));
    return true;
  }
  if (offset == kI2cEnable && (value & 1) == 0) {
    written_.clear();
    received_.clear();
  }
  return storage_.write(offset, bytes, value);
}

void I2c::command(std::uint32_t value) {
  const unsigned address = storage_.get(kTarget) & 0x3FF;
  CameraSensor* chip = nullptr;
  for (CameraSensor* const sensor : sensors_) {
    chip = sensor->address() == address ? sensor : chip;
  }
  if (chip == nullptr) {
    aborted_ = true;
    written_.clear();
  }
  if ((value & kRead) != 0) {
    received_.push_back(chip != nullptr ? chip->read(register_) : 0xFF);
    written_.clear();
    return;
  }
  if (chip == nullptr) {
    return;
  }
  written_.push_back(static_cast<std::uint8_t>(value));
  const std::size_t address_bytes = chip->wide() ? 2 : 1;
  if (written_.size() == address_bytes) {
    register_ = address_bytes == 2 ? static_cast<std::uint16_t>(written_[0] << 8 | written_[1])
                                   : written_[0];
  } else if (written_.size() > address_bytes) {
    chip->write(register_, written_.back());
    written_.clear();
  }
}

}  // namespace kpu::board
