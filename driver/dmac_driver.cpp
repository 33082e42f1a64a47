// SPDX-License-Identifier: Apache-2.0
#include "driver/dmac_driver.h"

#include <fmt/format.h>

#include "common/error.h"
#include "driver/k210_map.h"

namespace kpu::driver {
namespace {

constexpr std::uint64_t kAllInterrupts = 0xFFFFFFFF;
constexpr std::uint64_t kEnableAndInterrupts = 3;
constexpr int kPatience = 1'000'000;  // polls of a channel

}  // namespace

std::uint64_t DmacDriver::read(unsigned offset) { return cpu_.read(kDmacBase + offset); }
void DmacDriver::write(unsigned offset, std::uint64_t value) {
  cpu_.write(kDmacBase + offset, value);
}

void DmacDriver::initialize() {
  write(kDmacReset, 1);
  while (read(kDmacReset) != 0) {
  }
  write(kDmacComIntClear, 0x10F);
  write(kDmacCfg, 0);
  while (read(kDmacCfg) != 0) {
  }
  write(kDmacChEn, 0x3F00);
  for (unsigned n = 0; n < channels_; ++n) write(dmac_channel(n) + kDmacIntStatusEn, 0);
  write(kDmacCfg, kEnableAndInterrupts);
}

void DmacDriver::select(unsigned channel, unsigned request) {
  const std::uint32_t address = channel < 5 ? kDmaSelect0 : kDmaSelect1;
  const unsigned shift = channel < 5 ? 6 * channel : 0;
  const std::uint64_t others = cpu_.read(address, 4) & ~(std::uint64_t{0x3F} << shift);
  cpu_.write(address, others | std::uint64_t{request} << shift, 4);
}

void DmacDriver::start(unsigned channel, const DmaTransfer& transfer) {
  const unsigned base = dmac_channel(channel);
  write(base + kDmacIntClear, kAllInterrupts);
  stop(channel);
  write(base + kDmacIntStatusEn, kAllInterrupts);
  write(base + kDmacChCfg, transfer.cfg);
  write(base + kDmacSar, transfer.src);
  write(base + kDmacDar, transfer.dst);
  write(base + kDmacCtl, transfer.control.word());
  write(base + kDmacBlockTs, transfer.items - 1);
  write(kDmacCfg, kEnableAndInterrupts);
  write(kDmacChEn, std::uint64_t{0x101} << channel);
}

std::uint64_t DmacDriver::completed(unsigned channel) {
  return read(dmac_channel(channel) + kDmacStatus);
}

void DmacDriver::abort(unsigned channel) {
  write(kDmacChEn, std::uint64_t{0x101} << (32 + channel));
}

bool DmacDriver::running(unsigned channel) { return (read(kDmacChEn) >> channel & 1) != 0; }

void DmacDriver::wait(unsigned channel) {
  for (int polls = 0; running(channel); ++polls) {
    if (polls == kPatience) throw HardwareFault(fmt::format("DMA channel {} does not end", channel));
  }
  const unsigned base = dmac_channel(channel);
  const std::uint64_t status = read(base + kDmacChIntStatus);
  write(base + kDmacIntClear, kAllInterrupts);
  if ((status & kDmacTransferDone) == 0) {
    throw Error(fmt::format("DMA channel {}: ended with status {:#x}", channel, status));
  }
}

void DmacDriver::stop(unsigned channel) {
  write(kDmacChEn, std::uint64_t{0x100} << channel);
  for (int polls = 0; running(channel); ++polls) {
    if (polls == kPatience) throw HardwareFault(fmt::format("DMA channel {} does not stop", channel));
  }
}

}  // namespace kpu::driver
