// SPDX-License-Identifier: Apache-2.0
#include "board/devices/watchdog.h"

#include <algorithm>

#include "common/bits.h"

namespace kpu::board {
namespace {

enum : std::uint32_t {
  kWatchdogControl = 0x00,
  kTimeout = 0x04,
  kWatchdogCurrent = 0x08,
  kRestart = 0x0C,
  kWatchdogStatus = 0x10,
  kWatchdogEndOfInterrupt = 0x14,
};

constexpr std::uint32_t kWatchdogEnable = 1;
constexpr std::uint32_t kInterruptFirst = 2;
constexpr std::uint32_t kRestartKey = 0x76;

}  // namespace

void Watchdog::arm() {
  const std::uint64_t generation = ++generation_;
  if ((storage_.get(kWatchdogControl) & kWatchdogEnable) == 0) {
    return;
  }
  const std::uint64_t clocks = std::uint64_t{1} << (16 + bits(storage_.get(kTimeout), 0, 4));
  const std::uint64_t delay = std::max<std::uint64_t>(cycles_(clocks), 1);
  end_ = events_.now() + delay;
  events_.schedule(delay, [this, generation] {
    if (generation == generation_) {
      expire();
    }
  });
}

void Watchdog::expire() {
  if ((storage_.get(kWatchdogControl) & kInterruptFirst) == 0 || raised_) {
    if (reset_) {
      reset_();
    }
    return;
  }
  set_raised(true);
  arm();
}

void Watchdog::set_raised(bool raised) {
  raised_ = raised;
  plic_.set_level(irq_, raised);
}

std::optional<std::uint64_t> Watchdog::read(std::uint32_t offset, unsigned bytes) {
  switch (offset) {
    case kWatchdogCurrent: {
      const std::uint64_t left = end_ > events_.now() ? end_ - events_.now() : 0;
      return left / std::max<std::uint64_t>(cycles_(1), 1);
    }
    case kWatchdogStatus:
      return raised_ ? 1 : 0;
    case kWatchdogEndOfInterrupt:
      set_raised(false);
      return 0;
    default:
      return storage_.read(offset, bytes);
  }
}

bool Watchdog::write(std::uint32_t offset, unsigned bytes, std::uint64_t value) {
  const std::uint32_t before = storage_.get(offset);
  const bool known = storage_.write(offset, bytes, value);
  if (offset == kRestart && (value & 0xFF) == kRestartKey) {
    set_raised(false);
    arm();
  } else if (offset == kWatchdogControl && ((before ^ value) & kWatchdogEnable) != 0) {
    arm();
  }
  return known;
}

}  // namespace kpu::board
