// SPDX-License-Identifier: Apache-2.0
#include "board/devices/rtc.h"

#include "common/bits.h"

namespace kpu::board {
namespace {

enum : std::uint32_t {
  kDate = 0x00,        // week 2:0, day 12:8, month 19:16, year 31:20
  kTime = 0x04,        // second 15:10, minute 21:16, hour 28:24
  kInterrupts = 0x18,  // tick enable 0, tick mode 3:2
  kRtcControl = 0x1C,     // read enable 0, write enable 1
  kExtended = 0x28,    // century 4:0
};

std::uint64_t days_in(std::uint64_t month, std::uint64_t year) {
  constexpr unsigned kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return kDays[(month + 11) % 12] + (month == 2 && leap ? 1u : 0u);
}

}  // namespace

bool Rtc::runs() const { return (storage_.get(kRtcControl) & 3) == 1; }

void Rtc::schedule() {
  events_.schedule(hz_(), [this, generation = generation_] {
    if (generation == generation_) {
      tick();
      schedule();
    }
  });
}

void Rtc::next_day() {
  const std::uint32_t date = storage_.get(kDate);
  std::uint64_t week = (bits(date, 0, 3) + 1) % 7;
  std::uint64_t day = bits(date, 8, 5) + 1;
  std::uint64_t month = bits(date, 16, 4);
  std::uint64_t year = bits(date, 20, 12);
  std::uint64_t century = bits(storage_.get(kExtended), 0, 5);
  if (day > days_in(month, 100 * century + year)) {
    day = 1;
    ++month;
  }
  if (month > 12) {
    month = 1;
    ++year;
  }
  if (year > 99) {
    year = 0;
    ++century;
  }
  storage_.set(kDate, static_cast<std::uint32_t>(week | day << 8 | month << 16 | year << 20));
  storage_.set(kExtended, static_cast<std::uint32_t>(century & 31));
}

void Rtc::tick() {
  const std::uint32_t time = storage_.get(kTime);
  std::uint64_t second = bits(time, 10, 6) + 1;
  std::uint64_t minute = bits(time, 16, 6);
  std::uint64_t hour = bits(time, 24, 5);
  unsigned passed = 0;  // the longest unit that ends: second, minute, hour, day
  if (second > 59) {
    second = 0;
    ++minute;
    passed = 1;
  }
  if (minute > 59) {
    minute = 0;
    ++hour;
    passed = 2;
  }
  if (hour > 23) {
    hour = 0;
    passed = 3;
    next_day();
  }
  storage_.set(kTime, static_cast<std::uint32_t>(second << 10 | minute << 16 | hour << 24));
  const std::uint32_t interrupts = storage_.get(kInterrupts);
  if ((interrupts & 1) != 0 && passed >= bits(interrupts, 2, 2)) {
    plic_.pulse(kIrqRtc);
  }
}

std::optional<std::uint64_t> Rtc::read(std::uint32_t offset, unsigned bytes) {
  return storage_.read(offset, bytes);
}

bool Rtc::write(std::uint32_t offset, unsigned bytes, std::uint64_t value) {
  const bool before = runs();
  const bool known = storage_.write(offset, bytes, value);
  if (runs() != before) {
    ++generation_;
    if (runs()) {
      schedule();
    }
  }
  return known;
}

}  // namespace kpu::board
