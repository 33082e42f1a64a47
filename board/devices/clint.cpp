// SPDX-License-Identifier: Apache-2.0
#include "board/devices/clint.h"

#include <algorithm>

#include "board/cpu/hart_state.h"
#include "common/bits.h"

namespace kpu::board {
namespace {

constexpr std::uint32_t kMtimecmp = 0x4000;
constexpr std::uint32_t kMtime = 0xBFF8;

}  // namespace

std::uint64_t* Clint::wide(std::uint32_t offset) {
  return offset >= kMtimecmp && offset < kMtimecmp + 16 ? &mtimecmp_[(offset - kMtimecmp) / 8]
                                                        : nullptr;
}

std::optional<std::uint64_t> Clint::read(std::uint32_t offset, unsigned) {
  const unsigned shift = (offset & 4) * 8;
  if (offset < 8) {
    return msip_[offset / 4];
  }
  if (const std::uint64_t* reg = wide(offset)) {
    return *reg >> shift;
  }
  if (offset == kMtime || offset == kMtime + 4) {
    return events_.now() / kCyclesPerTick >> shift;
  }
  return std::nullopt;
}

bool Clint::write(std::uint32_t offset, unsigned bytes, std::uint64_t value) {
  if (offset < 8) {
    msip_[offset / 4] = value & 1;
    return true;
  }
  if (std::uint64_t* reg = wide(offset)) {
    if (bytes == 8) {
      *reg = value;
    } else {
      const unsigned other = (offset & 4) != 0 ? 0 : 32;
      *reg = place_bits(value, 32 - other, 32) | place_bits(*reg >> other, other, 32);
    }
    return true;
  }
  return offset == kMtime || offset == kMtime + 4;  // time goes its own way
}

std::uint64_t Clint::pending(unsigned hart) const {
  return (msip_[hart] != 0 ? kSoftwareInterrupt : 0) |
         (events_.now() / kCyclesPerTick >= mtimecmp_[hart] ? kTimerInterrupt : 0);
}

std::uint64_t Clint::next() const {
  std::uint64_t next = EventQueue::kNever;
  for (const std::uint64_t compare : mtimecmp_) {
    if (compare < EventQueue::kNever / kCyclesPerTick && compare * kCyclesPerTick > events_.now()) {
      next = std::min(next, compare * kCyclesPerTick);
    }
  }
  return next;
}

}  // namespace kpu::board
