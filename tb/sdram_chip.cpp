// SPDX-License-Identifier: Apache-2.0
#include "tb/sdram_chip.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "common/error.h"

namespace kpu::tb {
namespace {

constexpr std::uint16_t kMode = 0x020;       // bursts of length 1, in sequence, CAS latency 2
constexpr std::uint16_t kAddress10 = 0x400;  // all banks; close the row behind the column
constexpr unsigned kColumns = 512;
constexpr double kMayOwe = 2;  // refreshes; a chip asks for 8,192 in 64 ms

/// Number of a byte's row, its column, its half.
struct Place {
  unsigned bank, row, column, half;
  explicit Place(std::uint32_t address)
      : bank(address >> 10 & 3),
        row(address >> 12 & 0x1FFF),
        column(address >> 1 & 0x1FF),
        half(address & 1) {}
};

}  // namespace

SdramTiming sdram_timing(double mhz) {
  const auto cycles = [&](double ns) { return static_cast<unsigned>(std::ceil(ns * mhz / 1000)); };
  return {.trcd = cycles(21),
          .trp = cycles(21),
          .tras = cycles(45),
          .trc = cycles(66),
          .trrd = 2,
          .trfc = cycles(70),
          .twr = 2,
          .tmrd = 2,
          .power = cycles(200'000),
          .refresh = 7812.5 * mhz / 1000};
}

SdramChip::SdramChip(const SdramTiming& timing, std::uint64_t seed)
    : timing_(timing), random_(seed) {}

void SdramChip::fault(const char* command, const std::string& what) const {
  throw HardwareFault(fmt::format("SDRAM, cycle {}: {}: {}", cycle_, command, what));
}

void SdramChip::require(const char* command, std::int64_t past, unsigned distance,
                        const char* name) const {
  if (cycle_ - past < distance) {
    fault(command,
          fmt::format("{} cycles: expected at least {} of {}", cycle_ - past, name, distance));
  }
}

void SdramChip::require_all_closed(const char* command) const {
  for (const Bank& bank : banks_) {
    if (bank.open) fault(command, "a row is open: expected none");
    require(command, bank.closed, timing_.trp, "tRP");
  }
}

void SdramChip::restart() {
  begin_ = cycle_;
  mode_set_ = false;
  early_refreshes_ = 0;
}

void SdramChip::edge(const SdramPins& pins) {
  ++cycle_;
  const bool drove = driving_;
  driving_ = next_driving_;
  data_ = driving_ ? next_data_ : static_cast<std::uint16_t>(random_.next());
  next_driving_ = false;
  if (pins.driven && (drove || driving_)) fault("data pins", "both sides drive them");
  if (mode_set_) {
    owed_ += 1 / timing_.refresh;
    if (owed_ > kMayOwe)
      fault("REFRESH", fmt::format("{} are due: expected at most {}", owed_, kMayOwe));
  }

  const unsigned command = unsigned{pins.rasn} << 2 | unsigned{pins.casn} << 1 | unsigned{pins.wen};
  if (command == 7) return;
  require("command", begin_, timing_.power, "rest");
  require("command", refresh_at_, timing_.trfc, "tRFC");
  require("command", mode_at_, timing_.tmrd, "tMRD");
  if (!mode_set_ && command != 0 && command != 1 && command != 2)
    fault("command", "the mode is not set");
  switch (command) {
    case 0:
      return set_mode(pins);
    case 1:
      return refresh();
    case 2:
      return close_rows(pins);
    case 3:
      return open_row(pins);
    case 4:
    case 5:
      return column(pins);
    default:
      fault("BURST TERMINATE", "bursts have one column");
  }
}

void SdramChip::set_mode(const SdramPins& pins) {
  require_all_closed("MODE");
  if (early_refreshes_ < 2)
    fault("MODE", fmt::format("{} refreshes: expected at least 2", early_refreshes_));
  if (pins.address != kMode || pins.bank != 0) {
    fault("MODE",
          fmt::format("bank {}, {:#05x}: expected 0, {:#05x}", pins.bank, pins.address, kMode));
  }
  mode_set_ = true;
  mode_at_ = cycle_;
  owed_ = 0;
}

void SdramChip::refresh() {
  require_all_closed("REFRESH");
  refresh_at_ = cycle_;
  ++refreshes_;
  if (!mode_set_) ++early_refreshes_;
  owed_ = std::max(owed_ - 1, -1.0);
}

void SdramChip::open_row(const SdramPins& pins) {
  Bank& bank = banks_[pins.bank];
  if (bank.open) fault("ACTIVE", fmt::format("bank {} has row {} open", pins.bank, bank.row));
  require("ACTIVE", bank.closed, timing_.trp, "tRP");
  require("ACTIVE", bank.opened, timing_.trc, "tRC");
  require("ACTIVE", opened_at_, timing_.trrd, "tRRD");
  bank.open = true;
  bank.row = pins.address;
  bank.opened = cycle_;
  opened_at_ = cycle_;
  ++rows_opened_;
}

void SdramChip::close_rows(const SdramPins& pins) {
  for (unsigned b = 0; b < banks_.size(); ++b) {
    Bank& bank = banks_[b];
    if (!bank.open || (b != pins.bank && !(pins.address & kAddress10))) continue;
    require("PRECHARGE", bank.opened, timing_.tras, "tRAS");
    require("PRECHARGE", bank.written, timing_.twr, "tWR");
    bank.open = false;
    bank.closed = cycle_;
  }
}

void SdramChip::column(const SdramPins& pins) {
  const char* const command = pins.wen ? "READ" : "WRITE";
  Bank& bank = banks_[pins.bank];
  if (!bank.open) fault(command, fmt::format("bank {} has no row open", pins.bank));
  require(command, bank.opened, timing_.trcd, "tRCD");
  if (pins.address >= kColumns)
    fault(command, fmt::format("address {:#x}: expected a column below 512", pins.address));
  Row& cells = row(pins.bank, bank.row);
  std::uint16_t& data = cells.data[pins.address];
  std::uint8_t& written = cells.written[pins.address];
  const unsigned meant = ~unsigned{pins.mask} & 3;
  const unsigned bits = (meant & 1 ? 0xFFu : 0u) | (meant & 2 ? 0xFF00u : 0u);
  if (pins.wen) {
    // The mask reaches the data two cycles later, as they do.
    next_driving_ = true;
    next_data_ = static_cast<std::uint16_t>((data & bits) | (random_.next() & ~bits));
    unwritten_ += ((meant & ~unsigned{written}) & 1) + ((meant & ~unsigned{written}) >> 1);
  } else {
    if (meant != 0 && !pins.driven) fault(command, "nobody drives the data pins");
    data = static_cast<std::uint16_t>((data & ~bits) | (pins.data & bits));
    written = static_cast<std::uint8_t>(written | meant);
    bank.written = cycle_;
  }
}

SdramChip::Row& SdramChip::row(unsigned bank, unsigned row) {
  const auto [at, fresh] = rows_.try_emplace(row << 2 | bank);
  if (fresh) {
    for (std::uint16_t& cell : at->second.data) cell = static_cast<std::uint16_t>(random_.next());
    at->second.written.fill(0);
  }
  return at->second;
}

std::uint8_t SdramChip::peek(std::uint32_t address) const {
  const Place place(address);
  const auto at = rows_.find(place.row << 2 | place.bank);
  if (at == rows_.end()) return 0;
  return static_cast<std::uint8_t>(at->second.data[place.column] >> (8 * place.half));
}

void SdramChip::poke(std::uint32_t address, std::uint8_t value) {
  const Place place(address);
  Row& cells = row(place.bank, place.row);
  std::uint16_t& data = cells.data[place.column];
  const unsigned shift = 8 * place.half;
  data = static_cast<std::uint16_t>((data & ~(0xFFu << shift)) | unsigned{value} << shift);
  cells.written[place.column] =
      static_cast<std::uint8_t>(cells.written[place.column] | 1u << place.half);
}

}  // namespace kpu::tb
