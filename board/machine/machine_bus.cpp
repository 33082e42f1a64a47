// SPDX-License-Identifier: Apache-2.0
//
// The machine's bus: which device an access is for, and what is told about it.
#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "board/machine/machine.h"

namespace kpu::board {
namespace {

/// The pages at address 0 read as zeros: some firmware looks through a null pointer and goes on.
constexpr std::uint64_t kLowBytes = 0x1'0000;
/// DMA request lines: receive and send of SPI0, SPI1 and SPI3.
enum RequestLine : unsigned { kLineSpi0 = 0, kLineSpi1 = 2, kLineSpi3 = 6 };

}  // namespace

const Machine::Window* Machine::find(std::uint64_t address) const {
  for (const Window& window : windows_) {
    if (address - window.base < window.size) {
      return &window;
    }
  }
  return nullptr;
}

DmaEndpoint* Machine::endpoint(std::uint64_t address) const {
  const Window* const window = find(address);
  const std::uint64_t offset = window != nullptr ? address - window->base : 0;
  return offset >= 0x60 && offset < 0xF0 ? dynamic_cast<Spi*>(window->device) : nullptr;
}

DmaEndpoint* Machine::requester(unsigned line) {
  switch (line & ~1u) {
    case kLineSpi0:
      return &spi0_;
    case kLineSpi1:
      return &spi1_;
    case kLineSpi3:
      return &spi3_;
    default:
      return nullptr;
  }
}

bool Machine::in_ai_ram(std::uint64_t address, unsigned bytes) const {
  return Ram::offset(address, bytes) != Ram::kNowhere &&
         ram_.direct(address, bytes) == Ram::kNowhere;
}

bool Machine::load(std::uint64_t address, unsigned bytes, std::uint64_t& value) {
  value = 0;
  if (current_ != nullptr) {
    events_.set_now(hart_start_ + current_->elapsed());
  }
  accelerator_->catch_up();
  if (in_ai_ram(address, bytes)) {
    ram_.read(Ram::offset(address, bytes),
              std::span(reinterpret_cast<std::uint8_t*>(&value), bytes));
    return true;
  }
  const Window* const window = find(address);
  if (window == nullptr) {
    return address < kLowBytes;
  }
  const auto one = [&](std::uint64_t at, unsigned size) {
    const std::uint64_t offset = at - window->base;
    const std::optional<std::uint64_t> read =
        window->device->read(static_cast<std::uint32_t>(offset), size);
    if (!read) {
      note_unknown(window->name, offset, false);
    }
    return size == 4 ? read.value_or(0) & 0xFFFF'FFFF : read.value_or(0);
  };
  if (bytes == 8) {
    const std::uint64_t low = address & ~std::uint64_t{7};
    value = window->wide ? one(low, 8) : one(low, 4) | one(low + 4, 4) << 32;
  } else {
    value = one(address & ~std::uint64_t{3}, 4) >> (address & 3) * 8;
    value &= bytes == 4 ? 0xFFFF'FFFF : (std::uint64_t{1} << bytes * 8) - 1;
  }
  if (trace_) {
    trace_access(*window, address, bytes, value, false);
  }
  return true;
}

bool Machine::store(std::uint64_t address, unsigned bytes, std::uint64_t value) {
  if (current_ != nullptr) {
    events_.set_now(hart_start_ + current_->elapsed());
  }
  accelerator_->catch_up();
  if (in_ai_ram(address, bytes)) {
    ram_.write(Ram::offset(address, bytes),
               std::span(reinterpret_cast<const std::uint8_t*>(&value), bytes));
    return true;
  }
  const Window* const window = find(address);
  if (window == nullptr) {
    return address < kLowBytes;
  }
  if (trace_) {
    trace_access(*window, address, bytes, value, true);
  }
  const auto one = [&](std::uint64_t at, unsigned size, std::uint64_t part) {
    const std::uint64_t offset = at - window->base;
    if (!window->device->write(static_cast<std::uint32_t>(offset), size, part)) {
      note_unknown(window->name, offset, true);
    }
  };
  if (bytes == 8 && window->wide) {
    one(address & ~std::uint64_t{7}, 8, value);
  } else if (bytes == 8) {
    one(address & ~std::uint64_t{7}, 4, value & 0xFFFF'FFFF);
    one((address & ~std::uint64_t{7}) + 4, 4, value >> 32);
  } else {
    one(address & ~std::uint64_t{3}, 4, (value << (address & 3) * 8) & 0xFFFF'FFFF);
  }
  return true;
}

void Machine::note_unknown(const std::string& name, std::uint64_t offset, bool is_write) {
  Unknown& unknown = unknown_[{name, offset}];
  if (unknown.reads + unknown.writes == 0) {
    unknown.pc = current_ != nullptr ? current_->state().pc : 0;
  }
  ++(is_write ? unknown.writes : unknown.reads);
  if (options_.strict) {
    end_ = End::Unknown;
  }
}

void Machine::trace_access(const Window& window, std::uint64_t address, unsigned bytes,
                           std::uint64_t value, bool is_write) {
  trace_(fmt::format("{:>12} hart {} {:<7} +{:#06x} {} {:0{}x}", events_.now(),
                     current_ != nullptr ? current_->id() : 0, window.name, address - window.base,
                     is_write ? "<-" : "->", value, 2 * bytes));
}

std::vector<std::string> Machine::unknown_registers() const {
  std::vector<std::string> lines;
  for (const auto& [where, unknown] : unknown_) {
    lines.push_back(fmt::format("{} {:#x}: {} reads, {} writes, first near pc {:#x}", where.first,
                                where.second, unknown.reads, unknown.writes, unknown.pc));
  }
  return lines;
}

}  // namespace kpu::board
