// SPDX-License-Identifier: Apache-2.0
#include "board/devices/dmac.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "common/bits.h"

namespace kpu::board {
namespace {

using namespace driver;

constexpr std::uint64_t kId = 0x201;
constexpr std::uint64_t kVersion = 0x3130'322A;

/// Flags of an item's ctl.
constexpr std::uint64_t kItemLast = std::uint64_t{1} << 62;
constexpr std::uint64_t kItemValid = std::uint64_t{1} << 63;
constexpr std::size_t kItemBytes = 40;

bool is_list(std::uint64_t config) { return bits(config, 0, 2) == 3 || bits(config, 2, 2) == 3; }

}  // namespace

std::uint64_t* Dmac::channel_register(std::uint32_t offset) {
  const std::uint32_t index = offset / 0x100 - 1;
  if (offset < 0x100 || index >= channels_.size()) {
    return nullptr;
  }
  Channel& channel = channels_[index];
  switch (offset % 0x100) {
    case kDmacSar:
      return &channel.source;
    case kDmacDar:
      return &channel.destination;
    case kDmacBlockTs:
      return &channel.block_ts;
    case kDmacCtl:
      return &channel.control;
    case kDmacChCfg:
      return &channel.config;
    case kDmacLlp:
      return &channel.list;
    case kDmacStatus:
      return &channel.moved;
    case kDmacIntStatusEn:
      return &channel.status_enable;
    case kDmacChIntStatus:
      return &channel.status;
    case kDmacIntSignalEn:
      return &channel.signal_enable;
    default:
      return nullptr;
  }
}

std::optional<std::uint64_t> Dmac::read(std::uint32_t offset, unsigned) {
  const unsigned shift = (offset & 4) * 8;
  const std::uint32_t whole = offset & ~7u;
  if (whole >= 0x100) {
    if (whole % 0x100 == kDmacIntClear) {
      return 0;
    }
    const std::uint64_t* reg = channel_register(whole);
    return reg != nullptr ? std::optional(*reg >> shift) : std::nullopt;
  }
  std::uint64_t value = 0;
  switch (whole) {
    case kDmacId:
      value = kId;
      break;
    case kDmacVersion:
      value = kVersion;
      break;
    case kDmacCfg:
      value = config_;
      break;
    case kDmacChEn:
      for (std::size_t i = 0; i < channels_.size(); ++i) {
        value |= std::uint64_t{channels_[i].enabled} << i;
      }
      break;
    case kDmacIntStatus:
      for (std::size_t i = 0; i < channels_.size(); ++i) {
        value |= std::uint64_t{(channels_[i].status & channels_[i].signal_enable) != 0} << i;
      }
      break;
    case kDmacComIntClear:
    case kDmacComIntStatusEn:
    case kDmacComIntSignalEn:
    case kDmacComIntStatus:
    case kDmacReset:
      break;
    default:
      return std::nullopt;
  }
  return value >> shift;
}

bool Dmac::write(std::uint32_t offset, unsigned bytes, std::uint64_t value) {
  if (offset >= 0x100) {
    if (offset % 0x100 == kDmacIntClear && offset / 0x100 <= channels_.size()) {
      channels_[offset / 0x100 - 1].status &= ~value;
    } else {
      std::uint64_t* reg = channel_register(offset & ~7u);
      if (reg == nullptr) {
        return false;
      }
      // A store to one half leaves the other.
      const unsigned shift = (offset & 4) * 8;
      const std::uint64_t mask = (bytes == 4 ? 0xFFFF'FFFF : ~std::uint64_t{0}) << shift;
      *reg = (*reg & ~mask) | (value << shift & mask);
    }
    update_interrupts();
    return true;
  }
  switch (offset) {
    case kDmacCfg:
      config_ = value & 3;
      return true;
    case kDmacChEn:
      enable(value);
      return true;
    case kDmacComIntClear:
    case kDmacComIntStatusEn:
    case kDmacComIntSignalEn:
      return true;
    case kDmacReset:
      if ((value & 1) != 0) {
        for (Channel& channel : channels_) {
          channel = Channel{.generation = channel.generation + 1};
        }
        config_ = 0;
        update_interrupts();
      }
      return true;
    default:
      return false;
  }
}

void Dmac::enable(std::uint64_t value) {
  for (unsigned i = 0; i < channels_.size(); ++i) {
    Channel& channel = channels_[i];
    if (bits(value, 8 + i, 1) == 0) {
      continue;
    }
    const bool on = bits(value, i, 1) != 0;
    if (on == channel.enabled) {
      continue;
    }
    ++channel.generation;
    channel.enabled = on;
    channel.moved = channel.error = 0;
    channel.ending = false;
    if (const std::uint64_t wrong = on && is_list(channel.config) ? load_item(channel) : 0) {
      finish(i, wrong);
    }
  }
  move();
}

void Dmac::move() {
  if (moving_) {
    return;
  }
  moving_ = true;
  // What one channel sends may be what another one waits for, whichever comes first.
  bool again = true;
  while (again) {
    again = false;
    for (unsigned i = 0; i < channels_.size(); ++i) {
      Channel& channel = channels_[i];
      if (!channel.enabled || channel.ending) {
        continue;
      }
      const std::uint64_t before = channel.moved;
      move_block(i);
      const std::uint64_t items = bits(channel.block_ts, 0, 22) + 1;
      if (channel.moved == items || channel.error != 0) {
        channel.ending = true;
        events_.schedule(items, [this, i, generation = channel.generation] {
          if (channels_[i].generation == generation) {
            end_block(i);
          }
        });
      }
      again = again || channel.moved != before;
    }
  }
  moving_ = false;
}

std::uint64_t Dmac::load_item(Channel& channel) {
  const std::size_t at = Ram::offset(channel.list & ~std::uint64_t{63}, kItemBytes);
  if (at == Ram::kNowhere) {
    return kDmacListDecodeError;
  }
  channel.source = ram_.load<std::uint64_t>(at) & 0xFFFF'FFFF;
  channel.destination = ram_.load<std::uint64_t>(at + 8) & 0xFFFF'FFFF;
  channel.block_ts = ram_.load<std::uint64_t>(at + 16);
  channel.list = ram_.load<std::uint64_t>(at + 24);
  channel.control = ram_.load<std::uint64_t>(at + 32);
  channel.moved = 0;
  channel.ending = false;
  return (channel.control & kItemValid) != 0 ? 0 : std::uint64_t{kDmacListInvalid};
}

void Dmac::move_block(unsigned index) {
  Channel& channel = channels_[index];
  const std::uint64_t items = bits(channel.block_ts, 0, 22) + 1;
  // Items wider than the bus move as the bus is wide.
  const std::size_t width = std::size_t{1}
                            << std::min<std::uint64_t>(bits(channel.control, 8, 3), 3);
  const bool source_fixed = bits(channel.control, 4, 1) != 0;
  const bool destination_fixed = bits(channel.control, 6, 1) != 0;
  DmaEndpoint* const source = find_ ? find_(channel.source) : nullptr;
  DmaEndpoint* const destination = find_ ? find_(channel.destination) : nullptr;
  // A channel that a device in hardware is to pace hears only the one that it listens to.
  const bool paced = bits(channel.config, 33, 1) != 0 && bits(channel.config, 35, 1) == 0;
  if (paced && requester_ && requester_(index) != source) {
    return;
  }
  bool wrote = false;
  for (; channel.moved < items; ++channel.moved) {
    std::uint64_t item = 0;
    if (source != nullptr) {
      const std::optional<std::uint64_t> next = source->dma_read(channel.moved);
      if (!next) {
        break;
      }
      item = *next;
    } else {
      const std::uint64_t from = channel.source + (source_fixed ? 0 : channel.moved * width);
      const std::size_t at = Ram::offset(from, width);
      if (at == Ram::kNowhere) {
        channel.error = kDmacSrcDecodeError;
        break;
      }
      copy_bytes(&item, &ram_.bytes()[at], width);
    }
    if (destination != nullptr) {
      destination->dma_write(item);
      wrote = true;
      continue;
    }
    const std::uint64_t to = channel.destination + (destination_fixed ? 0 : channel.moved * width);
    const std::size_t at = Ram::offset(to, width);
    if (at == Ram::kNowhere) {
      channel.error = kDmacDstDecodeError;
      break;
    }
    ram_.write(at, std::span(reinterpret_cast<const std::uint8_t*>(&item), width));
  }
  if (wrote) {
    destination->dma_written();
  }
}

void Dmac::end_block(unsigned index) {
  Channel& channel = channels_[index];
  if (channel.error != 0) {
    finish(index, channel.error);
    return;
  }
  if (!is_list(channel.config) || (channel.control & kItemLast) != 0) {
    finish(index, kDmacBlockDone | kDmacTransferDone);
    return;
  }
  channel.status |= kDmacBlockDone & channel.status_enable;
  update_interrupts();
  if (const std::uint64_t wrong = load_item(channel)) {
    finish(index, wrong);
    return;
  }
  move();
}

void Dmac::finish(unsigned index, std::uint64_t interrupts) {
  Channel& channel = channels_[index];
  channel.enabled = false;
  channel.status |= interrupts & channel.status_enable;
  update_interrupts();
}

void Dmac::update_interrupts() {
  for (unsigned i = 0; i < channels_.size(); ++i) {
    plic_.set_level(kIrqDmac0 + i, (channels_[i].status & channels_[i].signal_enable) != 0);
  }
}

}  // namespace kpu::board
