// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "board/cpu/bus.h"
#include "board/cpu/hart.h"
#include "board/cpu/ram.h"
#include "board/devices/accelerator.h"
#include "board/devices/camera.h"
#include "board/devices/clint.h"
#include "board/devices/console.h"
#include "board/devices/device.h"
#include "board/devices/dvp.h"
#include "board/devices/event_queue.h"
#include "board/devices/flash.h"
#include "board/devices/gpio.h"
#include "board/devices/i2c.h"
#include "board/devices/lcd.h"
#include "board/devices/plic.h"
#include "board/devices/rtc.h"
#include "board/devices/spi.h"
#include "board/devices/sysctl.h"
#include "board/devices/timer.h"
#include "board/devices/uart.h"
#include "board/devices/uarths.h"
#include "board/devices/watchdog.h"

namespace kpu::board {

struct MachineOptions {
  /// Pin of the LCD's command/data line; by default the first of the usual boards' that firmware
  /// has given to a GPIOHS line: 38 (LicheeDan, Maix), 37 (PaddlePi), 8 (KD233).
  std::optional<unsigned> lcd_pin;
  /// Cameras on the I2C buses; on the camera port's own bus all of them answer.
  std::vector<CameraSensor::Kind> i2c_sensors = {CameraSensor::Kind::Ov2640};
  bool strict = false;  ///< an unknown register ends the run
};

/// Why a run ended.
enum class End : std::uint8_t {
  Limit,    ///< as many cycles as allowed
  Asked,    ///< stop() was called
  Break,    ///< a hart is before an instruction at a breakpoint
  Reset,    ///< software reset the chip
  Lost,     ///< traps without end
  Asleep,   ///< all harts wait, and nothing will wake them
  Unknown,  ///< an unknown register, with MachineOptions::strict
};

/// The board: two harts, 8 MiB of RAM, the devices, a flash, an LCD, cameras and a serial line.
class Machine final : public Bus {
 public:
  /// `accelerator` makes KPU and DMA controller; what it refers to must outlive the machine.
  Machine(const MakeAccelerator& accelerator, MachineOptions options);
  ~Machine() override;
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  /// Runs until `instructions` more of them have been executed by hart 0, or something else ends
  /// it.
  End run(std::uint64_t instructions);
  /// Executes one instruction of a hart, or lets time pass to the next event where it waits in wfi;
  /// the other hart stands still.
  End step(unsigned hart);
  /// Places before whose instruction every hart stops; a hart that stands there goes on from it.
  void set_breakpoints(const std::set<std::uint64_t>& places);
  /// The hart that ended run() with End::Break or End::Lost.
  unsigned stopped_hart() const { return stopped_hart_; }
  /// Ends run() soon.
  void stop() { end_ = end_.value_or(End::Asked); }

  // ---- Bus
  bool load(std::uint64_t address, unsigned bytes, std::uint64_t& value) override;
  bool store(std::uint64_t address, unsigned bytes, std::uint64_t value) override;

  // ---- Parts
  Ram& ram() { return ram_; }
  Hart& hart(unsigned i) { return *harts_[i]; }
  Flash& flash() { return flash_; }
  Lcd& lcd() { return lcd_; }
  Dvp& dvp() { return dvp_; }
  Console& console() { return console_; }
  Accelerator& accelerator() { return *accelerator_; }
  const Sysctl& sysctl() const { return sysctl_; }
  /// Time in cycles of the processor.
  std::uint64_t now() const { return time_; }
  /// Types text on the serial line.
  void type(const std::string& text);

  /// Called with each register access as one line of text.
  void set_trace(std::function<void(std::string_view line)> trace) { trace_ = std::move(trace); }
  /// The trace gets a line for each of `count` instructions of both harts from cycle `from` on, too.
  void trace_instructions(std::uint64_t from, std::uint64_t count) {
    trace_from_ = from;
    trace_left_ = count;
  }
  /// One line for each register that was accessed and is not known.
  std::vector<std::string> unknown_registers() const;
  /// State of the harts as text.
  std::string describe() const;

 private:
  struct Window {
    std::string name;
    std::uint64_t base;
    std::uint64_t size;
    Device* device;
    bool wide = false;  ///< has registers of 64 bits
  };
  struct Unknown {
    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
    std::uint64_t pc = 0;  ///< of the first access
  };
  /// What a hart does while it executes nothing useful.
  struct Idle {
    bool waiting = false;   ///< in wfi
    bool quiet = false;     ///< had no effects in its last slice
    bool spinning = false;  ///< came back to the same state without an effect
  };

  void connect(const MakeAccelerator& accelerator);
  const Window* find(std::uint64_t address) const;
  DmaEndpoint* endpoint(std::uint64_t address) const;
  /// The device at a DMA request line, or nullptr.
  DmaEndpoint* requester(unsigned line);
  /// Whether the access is one of AI RAM that lies inside the accelerator.
  bool in_ai_ram(std::uint64_t address, unsigned bytes) const;
  std::uint64_t pending(unsigned hart) const;
  /// Runs a hart from now to `horizon`, which moves nearer when something is scheduled before it.
  void run_hart(unsigned index, std::uint64_t& horizon);
  /// Whether the hart, which did nothing for a slice, comes back to the same state.
  bool spins(unsigned index, std::uint64_t& time, std::uint64_t horizon);
  std::uint64_t next_event() const;
  void note_unknown(const std::string& name, std::uint64_t address, bool is_write);
  void trace_access(const Window& window, std::uint64_t address, unsigned bytes,
                    std::uint64_t value, bool is_write);
  /// Executes one instruction with a line of trace, after those of its accesses.
  Stop run_traced(Hart& hart, std::uint64_t time);
  bool lcd_is_data() const;

  MachineOptions options_;
  Ram ram_;
  EventQueue events_;
  Console console_;
  Plic plic_;
  Clint clint_{events_};
  Sysctl sysctl_;
  Fpioa fpioa_;
  Gpio gpio_;
  Gpiohs gpiohs_;
  Uarths uarths_{console_, plic_};
  Uart uart1_{"UART1", kIrqUart1, console_, plic_};
  Uart uart2_{"UART2", kIrqUart1 + 1, console_, plic_};
  Uart uart3_{"UART3", kIrqUart1 + 2, console_, plic_};
  std::array<Timer, 3> timers_;
  Watchdog watchdog0_{plic_, events_, kIrqWdt0,
                      [this](std::uint64_t n) { return n * sysctl_.cpu_hz() / sysctl_.wdt_hz(0); }};
  Watchdog watchdog1_{plic_, events_, kIrqWdt0 + 1,
                      [this](std::uint64_t n) { return n * sysctl_.cpu_hz() / sysctl_.wdt_hz(1); }};
  Rtc rtc_{plic_, events_, [this] { return sysctl_.cpu_hz(); }};
  std::array<I2c, 3> i2c_;
  std::vector<std::unique_ptr<CameraSensor>> sensors_;
  Dvp dvp_;
  Flash flash_;
  Lcd lcd_;
  Spi spi0_{Spi::Layout::Spi0};
  Spi spi1_{Spi::Layout::Spi0};
  Spi spi3_{Spi::Layout::Spi3};
  std::unique_ptr<Accelerator> accelerator_;
  std::vector<std::unique_ptr<Storage>> storage_;  ///< devices that only keep what is written
  std::vector<Window> windows_;
  std::array<std::unique_ptr<Hart>, 2> harts_;
  std::array<Idle, 2> idle_;

  unsigned stopped_hart_ = 0;
  bool has_breakpoints_ = false;
  std::uint64_t time_ = 0;
  std::uint64_t hart_start_ = 0;  ///< time at which the hart that runs was started
  Hart* current_ = nullptr;
  std::optional<End> end_;
  std::map<std::pair<std::string, std::uint64_t>, Unknown> unknown_;
  std::function<void(std::string_view)> trace_;
  std::uint64_t trace_from_ = 0;
  std::uint64_t trace_left_ = 0;  ///< instructions
};

}  // namespace kpu::board
