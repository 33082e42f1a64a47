// SPDX-License-Identifier: Apache-2.0
#include "board/devices/plic.h"

namespace kpu::board {
namespace {

constexpr std::uint32_t kPendingBits = 0x1000;
constexpr std::uint32_t kEnableBits = 0x2000;
constexpr std::uint32_t kEnableStride = 0x100;  // a context for machine and one for supervisor mode
constexpr std::uint32_t kContexts = 0x20'0000;
constexpr std::uint32_t kContextStride = 0x2000;
constexpr std::uint32_t kWords = (kIrqEnd + 31) / 32;

std::uint32_t word_of(const std::bitset<kIrqEnd>& set, std::uint32_t word) {
  std::uint32_t value = 0;
  for (unsigned i = 32 * word; i < 32 * word + 32 && i < kIrqEnd; ++i) {
    value |= std::uint32_t{set[i]} << i % 32;
  }
  return value;
}

}  // namespace

unsigned Plic::best(unsigned hart) const {
  unsigned found = 0;
  std::uint32_t priority = threshold_[hart];
  const std::bitset<kIrqEnd> candidates = (level_ | pulses_) & ~claimed_ & enabled_[hart];
  if (candidates.none()) {
    return 0;
  }
  for (unsigned i = 1; i < kIrqEnd; ++i) {
    if (candidates[i] && priority_[i] > priority) {
      found = i;
      priority = priority_[i];
    }
  }
  return found;
}

std::optional<std::uint64_t> Plic::read(std::uint32_t offset, unsigned) {
  if (offset < kPendingBits) {
    return offset / 4 < kIrqEnd ? priority_[offset / 4] : 0;
  }
  if (offset < kEnableBits) {
    const std::uint32_t word = (offset - kPendingBits) / 4;
    return word < kWords ? word_of((level_ | pulses_) & ~claimed_, word) : 0;
  }
  if (offset < kEnableBits + 4 * kEnableStride) {
    const std::uint32_t word = offset % (kEnableStride / 2) / 4;
    const std::uint32_t context = (offset - kEnableBits) / (kEnableStride / 2);
    return context % 2 == 0 && context < 4 && word < kWords ? word_of(enabled_[context / 2], word)
                                                            : 0;
  }
  const std::uint32_t hart = (offset - kContexts) / kContextStride;
  if (offset < kContexts || hart > 1) {
    return std::nullopt;
  }
  switch (offset % 0x1000) {
    case 0:
      return threshold_[hart];
    case 4: {
      const unsigned source = best(hart);
      claimed_[source] = source != 0;
      pulses_[source] = false;
      return source;
    }
    default:
      return std::nullopt;
  }
}

bool Plic::write(std::uint32_t offset, unsigned, std::uint64_t value) {
  if (offset < kPendingBits) {
    if (offset / 4 < kIrqEnd) {
      priority_[offset / 4] = static_cast<std::uint32_t>(value);
    }
    return true;
  }
  if (offset < kEnableBits) {
    return true;
  }
  if (offset < kEnableBits + 4 * kEnableStride) {
    const std::uint32_t word = offset % (kEnableStride / 2) / 4;
    const std::uint32_t context = (offset - kEnableBits) / (kEnableStride / 2);
    if (context % 2 == 0 && context < 4) {
      for (unsigned i = 32 * word; i < 32 * word + 32 && i < kIrqEnd; ++i) {
        enabled_[context / 2][i] = (value >> i % 32 & 1) != 0;
      }
    }
    return true;
  }
  const std::uint32_t hart = (offset - kContexts) / kContextStride;
  if (offset < kContexts || hart > 1) {
    return false;
  }
  switch (offset % 0x1000) {
    case 0:
      threshold_[hart] = static_cast<std::uint32_t>(value);
      return true;
    case 4:
      if (value < kIrqEnd) {
        claimed_[value] = false;
      }
      return true;
    default:
      return false;
  }
}

}  // namespace kpu::board
