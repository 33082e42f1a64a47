// SPDX-License-Identifier: Apache-2.0
#include "board/devices/dmac.h"

#include <cstddef>
#include <span>
#include <vector>

#include "common/bits.h"

namespace kpu::board {
namespace {

using namespace driver;

constexpr std::uint64_t kId = 0x201;
constexpr std::uint64_t kVersion = 0x3130'322A;

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
        value |= std::uint64_t{(channels_[i].status & channels_[i].status_enable) != 0} << i;
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

bool Dmac::write(std::uint32_t offset, unsigned, std::uint64_t value) {
  if (offset >= 0x100) {
    if (offset % 0x100 == kDmacIntClear && offset / 0x100 <= channels_.size()) {
      channels_[offset / 0x100 - 1].status &= ~value;
    } else {
      std::uint64_t* reg = channel_register(offset);
      if (reg == nullptr) {
        return false;
      }
      *reg = value;
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
    if (on && !channel.enabled) {
      channel.moved = 0;
    }
    if (on != channel.enabled) {
      ++channel.generation;
    }
    channel.enabled = on;
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
      const std::uint64_t before = channel.moved;
      const std::uint64_t items = bits(channel.block_ts, 0, 22) + 1;
      if (!channel.enabled || channel.moved >= items) {
        continue;
      }
      if (move_block(channel)) {
        const std::uint64_t generation = channel.generation;
        const bool good = channel.moved == items;
        channel.moved = items;
        events_.schedule(items, [this, i, generation, good] {
          if (channels_[i].generation == generation) {
            finish(i, good ? kDmacBlockDone | kDmacTransferDone : kDmacSrcDecodeError);
          }
        });
      }
      again = again || channel.moved != before;
    }
  }
  moving_ = false;
}

bool Dmac::move_block(Channel& channel) {
  const std::uint64_t items = bits(channel.block_ts, 0, 22) + 1;
  const std::size_t width = std::size_t{1} << bits(channel.control, 8, 3);
  const bool source_fixed = bits(channel.control, 4, 1) != 0;
  const bool destination_fixed = bits(channel.control, 6, 1) != 0;
  DmaEndpoint* const source = find_ ? find_(channel.source) : nullptr;
  DmaEndpoint* const destination = find_ ? find_(channel.destination) : nullptr;
  bool ok = true;
  bool wrote = false;
  while (ok && channel.moved < items) {
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
      ok = at != Ram::kNowhere && width <= 8;
      if (ok) {
        copy_bytes(&item, &ram_.bytes()[at], width);
      }
    }
    if (ok && destination != nullptr) {
      destination->dma_write(item);
      wrote = true;
    } else if (ok) {
      const std::uint64_t to =
          channel.destination + (destination_fixed ? 0 : channel.moved * width);
      const std::size_t at = Ram::offset(to, width);
      ok = at != Ram::kNowhere;
      if (ok) {
        ram_.write(at, std::span(reinterpret_cast<const std::uint8_t*>(&item), width));
      }
    }
    channel.moved += ok ? 1 : 0;
  }
  if (wrote) {
    destination->dma_written();
  }
  return !ok || channel.moved == items;
}

void Dmac::finish(unsigned index, std::uint64_t interrupts) {
  Channel& channel = channels_[index];
  channel.enabled = false;
  channel.status |= interrupts;
  if (observer_) {
    observer_(index, channel.source, channel.destination, bits(channel.block_ts, 0, 22) + 1);
  }
  update_interrupts();
}

void Dmac::update_interrupts() {
  for (unsigned i = 0; i < channels_.size(); ++i) {
    plic_.set_level(kIrqDmac0 + i, (channels_[i].status & channels_[i].status_enable) != 0);
  }
}

}  // namespace kpu::board
