// SPDX-License-Identifier: Apache-2.0
#include "board/machine/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <span>

#include "driver/k210_map.h"

namespace kpu::board {
namespace {

/// Harts run in turns of so many cycles.
constexpr std::uint64_t kTurn = 1000;
/// Longest loop, in instructions, that is recognised as waiting for somebody else.
constexpr unsigned kSpinLength = 32;
/// Pins at which boards have the panel's command/data line: LicheeDan and Maix, PaddlePi, KD233.
constexpr unsigned kLcdPins[] = {38, 37, 8};

}  // namespace

Machine::Machine(const MakeAccelerator& accelerator, MachineOptions options)
    : options_(std::move(options)),
      timers_{
          Timer(plic_, events_, kIrqTimer0A,
                [this](std::uint64_t n) { return n * sysctl_.cpu_hz() / sysctl_.timer_hz(0); }),
          Timer(plic_, events_, kIrqTimer0A + 2,
                [this](std::uint64_t n) { return n * sysctl_.cpu_hz() / sysctl_.timer_hz(1); }),
          Timer(plic_, events_, kIrqTimer0A + 4,
                [this](std::uint64_t n) { return n * sysctl_.cpu_hz() / sysctl_.timer_hz(2); })},
      dvp_(ram_, plic_, events_, [this] { return sysctl_.cpu_hz(); }),
      lcd_([this] { return lcd_is_data(); }) {
  connect(accelerator);
  for (unsigned i = 0; i < harts_.size(); ++i) {
    harts_[i] = std::make_unique<Hart>(i, ram_, *this);
    harts_[i]->state().pc = Ram::kCached;
  }
}

Machine::~Machine() = default;

void Machine::connect(const MakeAccelerator& accelerator) {
  for (const CameraSensor::Kind kind :
       {CameraSensor::Kind::Ov2640, CameraSensor::Kind::Ov5640, CameraSensor::Kind::Gc0328}) {
    sensors_.push_back(std::make_unique<CameraSensor>(kind));
    dvp_.attach(*sensors_.back());
    if (std::count(options_.i2c_sensors.begin(), options_.i2c_sensors.end(), kind) != 0) {
      for (I2c& bus : i2c_) {
        bus.attach(*sensors_.back());
      }
    }
  }
  dvp_.start();
  spi0_.attach(3, lcd_);
  spi3_.attach(0, flash_);
  for (Spi* const spi : {&spi0_, &spi1_, &spi3_}) {
    spi->on_receive([this] { accelerator_->device_has_data(); });
  }
  accelerator_ =
      accelerator({.ram = ram_,
                   .plic = plic_,
                   .events = events_,
                   .endpoint = [this](std::uint64_t address) { return endpoint(address); },
                   .requester = [this](unsigned line) { return requester(line); },
                   .pc = [this] { return current_ != nullptr ? current_->state().pc : 0; },
                   .cpu_hz = [this] { return sysctl_.cpu_hz(); },
                   .stall =
                       [this](std::uint64_t cycles) {
                         return current_ != nullptr ? current_->stall(cycles) : 0;
                       }});
  sysctl_.on_select([this](std::uint32_t offset, std::uint32_t value) {
    accelerator_->select_request(offset, value);
  });
  sysctl_.on_reset([this] { end_ = End::Reset; });
  watchdog0_.on_reset([this] { end_ = End::Reset; });
  watchdog1_.on_reset([this] { end_ = End::Reset; });

  windows_ = {{"CLINT", 0x0200'0000, 0x1'0000, &clint_, true},
              {"PLIC", 0x0C00'0000, 0x400'0000, &plic_},
              {"UARTHS", 0x3800'0000, 0x1000, &uarths_},
              {"GPIOHS", 0x3800'1000, 0x1000, &gpiohs_},
              {"KPU", driver::kKpuBase, 0x1000, &accelerator_->kpu(), true},
              {"DMAC", driver::kDmacBase, 0x1000, &accelerator_->dmac(), true},
              {"GPIO", 0x5020'0000, 0x1'0000, &gpio_},
              {"UART1", 0x5021'0000, 0x1'0000, &uart1_},
              {"UART2", 0x5022'0000, 0x1'0000, &uart2_},
              {"UART3", 0x5023'0000, 0x1'0000, &uart3_},
              {"I2C0", 0x5028'0000, 0x1'0000, &i2c_[0]},
              {"I2C1", 0x5029'0000, 0x1'0000, &i2c_[1]},
              {"I2C2", 0x502A'0000, 0x1'0000, &i2c_[2]},
              {"FPIOA", 0x502B'0000, 0x1'0000, &fpioa_},
              {"TIMER0", 0x502D'0000, 0x1'0000, &timers_[0]},
              {"TIMER1", 0x502E'0000, 0x1'0000, &timers_[1]},
              {"TIMER2", 0x502F'0000, 0x1'0000, &timers_[2]},
              {"WDT0", 0x5040'0000, 0x1'0000, &watchdog0_},
              {"WDT1", 0x5041'0000, 0x1'0000, &watchdog1_},
              {"RTC", 0x5046'0000, 0x1'0000, &rtc_},
              {"DVP", 0x5043'0000, 0x1'0000, &dvp_},
              {"SYSCTL", 0x5044'0000, 0x1'0000, &sysctl_},
              {"SPI0", 0x5200'0000, 0x100'0000, &spi0_},
              {"SPI1", 0x5300'0000, 0x100'0000, &spi1_},
              {"SPI3", 0x5400'0000, 0x100'0000, &spi3_}};
  // What firmware sets up without waiting for it.
  struct Kept {
    const char* name;
    std::uint64_t base;
    std::uint32_t size;
  };
  for (const Kept& kept :
       {Kept{"I2S0", 0x5025'0000, 0x200}, Kept{"I2S1", 0x5026'0000, 0x200},
        Kept{"I2S2", 0x5027'0000, 0x200},
        // Not modelled: every register of these is unknown.
        Kept{"FFT", 0x4200'0000, 0}, Kept{"SPI slave", 0x5024'0000, 0}, Kept{"SHA", 0x502C'0000, 0},
        Kept{"OTP", 0x5042'0000, 0}, Kept{"AES", 0x5045'0000, 0}}) {
    storage_.push_back(std::make_unique<Storage>(kept.size));
    windows_.push_back({kept.name, kept.base, 0x1'0000, storage_.back().get()});
  }
}

bool Machine::lcd_is_data() const {
  if (options_.lcd_pin) {
    const std::optional<unsigned> line = fpioa_.gpiohs_at(*options_.lcd_pin);
    return !line || gpiohs_.output(*line);
  }
  for (const unsigned pin : kLcdPins) {
    if (const std::optional<unsigned> line = fpioa_.gpiohs_at(pin)) {
      return gpiohs_.output(*line);
    }
  }
  return true;
}

std::uint64_t Machine::pending(unsigned hart) const {
  return clint_.pending(hart) | (plic_.pending(hart) ? kExternalInterrupt : 0);
}

std::uint64_t Machine::next_event() const { return std::min(events_.next(), clint_.next()); }

void Machine::type(const std::string& text) { console_.type(text); }

bool Machine::spins(unsigned index, std::uint64_t& time, std::uint64_t horizon) {
  Hart& hart = *harts_[index];
  const HartState before = hart.state();
  const std::uint64_t effects = hart.effects();
  for (unsigned i = 0; i < kSpinLength && time < horizon; ++i) {
    hart.run(time, 1);
    ++time;
    if (hart.effects() != effects) {
      return false;
    }
    if (hart.state() == before) {
      return true;
    }
  }
  return false;
}

void Machine::run_hart(unsigned index, std::uint64_t& horizon) {
  Hart& hart = *harts_[index];
  Idle& idle = idle_[index];
  std::uint64_t time = time_;
  current_ = &hart;
  while (time < horizon && !end_) {
    events_.set_now(time);
    hart.set_pending(pending(index));
    if (idle.waiting && !hart.wakes()) {
      break;
    }
    idle.waiting = false;
    hart_start_ = time;
    const bool traced = trace_left_ != 0 && time >= trace_from_;
    const std::uint64_t end =
        trace_left_ != 0 && !traced ? std::min(horizon, trace_from_) : horizon;
    if (idle.quiet && !traced) {
      idle.quiet = false;
      idle.spinning = spins(index, time, end);
      if (idle.spinning) {
        idle.quiet = true;
        break;
      }
      continue;
    }
    const std::uint64_t effects = hart.effects();
    const Stop stop = traced ? run_traced(hart, time) : hart.run(time, end - time);
    time += hart.elapsed();
    if (stop == Stop::Trapped) {
      end_ = End::Lost;
      stopped_hart_ = index;
    } else if (stop == Stop::Wait) {
      idle.waiting = true;
    } else if (stop == Stop::Budget) {
      // A loop that is skipped would hide a breakpoint in it.
      idle.quiet = hart.effects() == effects && !has_breakpoints_ && !traced;
    } else if (stop == Stop::Breakpoint) {
      end_ = End::Break;
      stopped_hart_ = index;
    }
    horizon = std::min(horizon, std::max(time, next_event()));
  }
  current_ = nullptr;
}

End Machine::run(std::uint64_t cycles) {
  end_.reset();
  const std::uint64_t last = time_ + cycles;
  while (!end_) {
    if (time_ >= last) {
      end_ = End::Limit;
      break;
    }
    events_.set_now(time_);
    const auto resting = [this](unsigned i) {
      harts_[i]->set_pending(pending(i));
      return (idle_[i].waiting || idle_[i].spinning) && !harts_[i]->wakes();
    };
    const std::uint64_t next = next_event();
    const bool all_rest = resting(0) && resting(1);
    if (all_rest && next == EventQueue::kNever) {
      end_ = End::Asleep;
      break;
    }
    std::uint64_t horizon = std::max(
        time_ + 1, all_rest ? next : std::min(next, time_ + std::min(kTurn, last - time_)));
    run_hart(0, horizon);
    run_hart(1, horizon);
    time_ = std::max(horizon, time_);
    events_.set_now(time_);
    events_.run_due();
  }
  return *end_;
}

End Machine::step(unsigned index) {
  end_.reset();
  Hart& hart = *harts_[index];
  idle_[index] = {};
  events_.set_now(time_);
  hart.set_pending(pending(index));
  current_ = &hart;
  hart_start_ = time_;
  const Stop stop = hart.run(time_, 1);
  current_ = nullptr;
  time_ += std::max<std::uint64_t>(hart.elapsed(), 1);
  if (stop == Stop::Wait && next_event() != EventQueue::kNever) {
    time_ = std::max(time_, next_event());
  }
  events_.set_now(time_);
  events_.run_due();
  if (stop == Stop::Trapped) {
    end_ = End::Lost;
    stopped_hart_ = index;
  }
  return end_.value_or(End::Limit);
}

void Machine::set_breakpoints(const std::set<std::uint64_t>& places) {
  has_breakpoints_ = !places.empty();
  for (const std::unique_ptr<Hart>& hart : harts_) {
    hart->set_breakpoints(places);
  }
  idle_[0].spinning = idle_[1].spinning = idle_[0].quiet = idle_[1].quiet = false;
}

Stop Machine::run_traced(Hart& hart, std::uint64_t time) {
  --trace_left_;
  const HartState before = hart.state();
  const std::size_t at = ram_.direct(before.pc, 2);
  std::uint32_t word = at != Ram::kNowhere ? ram_.load<std::uint16_t>(at) : 0;
  if ((word & 3) == 3 && ram_.direct(before.pc, 4) != Ram::kNowhere) {
    word = ram_.load<std::uint32_t>(at);
  }
  const Stop stop = hart.run(time, 1);
  std::string line = fmt::format("{:>12} hart {} pc {:#x}: {:0{}x}", time, hart.id(), before.pc, word,
                                 (word & 3) == 3 ? 8 : 4);
  for (unsigned i = 1; i < 32; ++i) {
    if (hart.state().x[i] != before.x[i]) {
      line += fmt::format(" x{}={:#x}", i, hart.state().x[i]);
    }
  }
  if (trace_) {
    trace_(line);
  }
  return stop;
}

std::string Machine::describe() const { return harts_[0]->describe() + harts_[1]->describe(); }

}  // namespace kpu::board
