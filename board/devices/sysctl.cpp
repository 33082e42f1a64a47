// SPDX-License-Identifier: Apache-2.0
#include "board/devices/sysctl.h"

#include "common/bits.h"

namespace kpu::board {
namespace {

constexpr std::uint64_t kCrystalHz = 26'000'000;

enum : std::uint32_t {
  kPll0 = 0x08,
  kPllLock = 0x18,
  kClockSelect = 0x20,
  kCentralEnable = 0x28,
  kPeripheralEnable = 0x2C,
  kSoftReset = 0x30,
  kTimerThresholds = 0x40,
  kWdtThresholds = 0x50,
  kDmaSelect0 = 0x64,
  kDmaSelect1 = 0x68,
  kSize = 0x80,
};

constexpr std::uint32_t kAllLocked = 0x0003'0303;

}  // namespace

Sysctl::Sysctl() : Storage(kSize) {
  set(kCentralEnable, 0x3F);
  set(kPeripheralEnable, ~0u);
}

std::optional<std::uint64_t> Sysctl::read(std::uint32_t offset, unsigned bytes) {
  return offset == kPllLock ? kAllLocked : Storage::read(offset, bytes);
}

bool Sysctl::write(std::uint32_t offset, unsigned bytes, std::uint64_t value) {
  if (offset == kSoftReset && (value & 1) != 0 && reset_) {
    reset_();
  }
  if ((offset == kDmaSelect0 || offset == kDmaSelect1) && select_) {
    select_(offset, static_cast<std::uint32_t>(value));
  }
  return Storage::write(offset, bytes, value);
}

std::uint64_t Sysctl::pll0_hz() const {
  const std::uint32_t pll = get(kPll0);
  return kCrystalHz / (bits(pll, 0, 4) + 1) * (bits(pll, 4, 6) + 1) / (bits(pll, 10, 4) + 1);
}

std::uint64_t Sysctl::cpu_hz() const {
  const std::uint32_t select = get(kClockSelect);
  return (select & 1) != 0 ? pll0_hz() >> (bits(select, 1, 2) + 1) : kCrystalHz;
}

std::uint64_t Sysctl::timer_hz(unsigned n) const {
  const std::uint64_t source = bits(get(kClockSelect), 13 + n, 1) != 0 ? pll0_hz() : kCrystalHz;
  return source / (2 * (bits(get(kTimerThresholds), 8 * n, 8) + 1));
}

std::uint64_t Sysctl::wdt_hz(unsigned n) const {
  return kCrystalHz / (2 * (bits(get(kWdtThresholds), 8 * n, 8) + 1));
}

unsigned Sysctl::dma_request(unsigned channel) const {
  return static_cast<unsigned>(channel < 5 ? bits(get(kDmaSelect0), 6 * channel, 6)
                                           : bits(get(kDmaSelect1), 0, 6));
}

}  // namespace kpu::board
