// SPDX-License-Identifier: Apache-2.0
#include "board/devices/timer.h"

#include <algorithm>

namespace kpu::board {
namespace {

enum : std::uint32_t {
  kLoadCount = 0x00,
  kCurrent = 0x04,
  kTimerControl = 0x08,
  kEndOfInterrupt = 0x0C,
  kInterruptStatus = 0x10,
  kStride = 0x14,
  kTimersEnd = 4 * kStride,
  kAllStatus = 0xA0,
  kAllEnd = 0xA4,
  kAllRaw = 0xA8,
};

constexpr std::uint32_t kTimerEnable = 1;
constexpr std::uint32_t kMask = 4;

}  // namespace

bool Timer::masked(unsigned n) const { return (storage_.get(n * kStride + kTimerControl) & kMask) != 0; }

void Timer::arm(unsigned n) {
  const std::uint64_t generation = ++generation_[n];
  if ((storage_.get(n * kStride + kTimerControl) & kTimerEnable) == 0) {
    return;
  }
  const std::uint64_t count = std::uint64_t{storage_.get(n * kStride + kLoadCount)} + 1;
  const std::uint64_t delay = std::max<std::uint64_t>(cycles_(count), 1);
  end_[n] = events_.now() + delay;
  events_.schedule(delay, [this, n, generation] {
    if (generation == generation_[n]) {
      expire(n);
    }
  });
}

void Timer::expire(unsigned n) {
  raised_[n] = true;
  update_interrupts();
  arm(n);
}

void Timer::update_interrupts() {
  for (unsigned pair = 0; pair < 2; ++pair) {
    const bool first = raised_[2 * pair] && !masked(2 * pair);
    const bool second = raised_[2 * pair + 1] && !masked(2 * pair + 1);
    plic_.set_level(irq_ + pair, first || second);
  }
}

std::optional<std::uint64_t> Timer::read(std::uint32_t offset, unsigned bytes) {
  const auto all = [this](bool raw) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < kTimers; ++i) {
      value |= std::uint64_t{raised_[i] && (raw || !masked(i))} << i;
    }
    return value;
  };
  if (offset < kTimersEnd) {
    const unsigned n = offset / kStride;
    switch (offset % kStride) {
      case kCurrent: {
        const std::uint64_t left = end_[n] > events_.now() ? end_[n] - events_.now() : 0;
        return left / std::max<std::uint64_t>(cycles_(1), 1);
      }
      case kEndOfInterrupt:
        raised_[n] = false;
        update_interrupts();
        return 0;
      case kInterruptStatus:
        return raised_[n] && !masked(n);
      default:
        return storage_.read(offset, bytes);
    }
  }
  switch (offset) {
    case kAllStatus:
      return all(false);
    case kAllRaw:
      return all(true);
    case kAllEnd:
      raised_.fill(false);
      update_interrupts();
      return 0;
    default:
      return storage_.read(offset, bytes);
  }
}

bool Timer::write(std::uint32_t offset, unsigned bytes, std::uint64_t value) {
  const std::uint32_t before = storage_.get(offset);
  const bool known = storage_.write(offset, bytes, value);
  if (offset < kTimersEnd && offset % kStride == kTimerControl) {
    if (((before ^ value) & kTimerEnable) != 0) {
      arm(offset / kStride);
    }
    update_interrupts();
  }
  return known;
}

}  // namespace kpu::board
