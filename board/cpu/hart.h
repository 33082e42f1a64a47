// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "board/cpu/bus.h"
#include "board/cpu/hart_state.h"
#include "board/cpu/ram.h"

namespace kpu::board {

/// Why Hart::run() came back.
enum class Stop : std::uint8_t {
  Budget,      ///< the cycles are used up
  Access,      ///< an access outside RAM, or a CSR that decides about interrupts: look at mip again
  Wait,        ///< wfi with nothing pending
  Breakpoint,  ///< before an instruction at a breakpoint
  /// The trap handler's first instruction traps itself, or the same fault comes again and again:
  /// the program is lost.
  Trapped,
};

/// One RV64IMAFDC hart in machine mode. An instruction takes one cycle; accesses of any alignment
/// are done, atomic ones excepted.
class Hart {
 public:
  /// `ram` and `bus` must outlive the hart.
  Hart(unsigned id, Ram& ram, Bus& bus) : id_(id), ram_(ram), bus_(bus) {}

  /// Runs until `budget` cycles have passed or something else ends it; `now` is the time in cycles
  /// at which the first instruction starts. Takes an interrupt first if one is due.
  Stop run(std::uint64_t now, std::uint64_t budget);

  /// Cycles since run() was called; right also inside a call of the bus.
  std::uint64_t elapsed() const { return budget_ - left_; }

  /// The access that the bus serves takes so many cycles more, at most to the end of the budget.
  /// Returns how many of them could be taken.
  std::uint64_t stall(std::uint64_t cycles) {
    const std::uint64_t taken = left_ > 0 ? std::min(cycles, left_ - 1) : 0;
    left_ -= taken;
    return taken;
  }

  /// Levels of the interrupts as mip shows them.
  void set_pending(std::uint64_t mip) { mip_ = mip; }
  std::uint64_t pending() const { return mip_; }
  /// Whether an interrupt would end wfi.
  bool wakes() const { return (mip_ & state_.mie) != 0; }

  /// Counts what may have changed anything outside the registers, or depends on it: stores,
  /// accesses outside RAM, traps, readings of time.
  std::uint64_t effects() const { return effects_; }

  HartState& state() { return state_; }
  const HartState& state() const { return state_; }
  unsigned id() const { return id_; }
  std::uint64_t instructions() const { return instructions_; }
  /// Time skipped while the program only waited for mcycle to pass, in cycles.
  std::uint64_t skipped() const { return skipped_; }

  /// Places before whose instruction run() stops; called again, it goes on.
  void set_breakpoints(std::set<std::uint64_t> places) { breakpoints_ = std::move(places); }

  /// State as text: pc, cause, integer registers, the bytes at pc.
  std::string describe() const;

 private:
  struct Trap {
    std::uint64_t cause;
    std::uint64_t value;
  };

  Stop interpret();
  void take_interrupt();
  /// False if the program is lost.
  bool take_trap(const Trap& trap, std::uint64_t pc);

  // Each returns false, and leaves the trap in trap_, where it cannot be done.
  bool load_outside(std::uint64_t address, unsigned bytes, std::uint64_t& value);
  bool store_outside(std::uint64_t address, unsigned bytes, std::uint64_t value);
  template <class T>
  bool load(std::uint64_t address, T& value);
  template <class T>
  bool store(std::uint64_t address, T value);
  template <class T>
  bool atomic(const Instruction& op, unsigned which);
  bool execute_atomic(const Instruction& op);
  bool execute_float(const Instruction& op);
  bool execute_float_access(const Instruction& op, std::uint64_t pc);
  bool execute_csr(const Instruction& op, std::uint64_t pc);
  bool illegal(const Instruction& op, std::uint64_t pc);

  bool read_csr(unsigned csr, std::uint64_t& value, std::uint64_t pc);
  bool write_csr(unsigned csr, std::uint64_t value);
  std::uint64_t read_time(std::uint64_t pc);

  unsigned id_;
  Ram& ram_;
  Bus& bus_;
  HartState state_;
  std::uint64_t mip_ = 0;
  Trap trap_{};
  std::optional<std::uint64_t> reserved_;  ///< address of lr
  bool leave_ = false;                     ///< come back from run() after this instruction
  std::uint64_t effects_ = 0;
  static constexpr std::uint64_t kNoPlace = ~std::uint64_t{0};
  std::set<std::uint64_t> breakpoints_;
  std::uint64_t stopped_at_ = kNoPlace;  ///< breakpoint that ended the last run()

  std::uint64_t start_ = 0;   ///< time at which run() was called
  std::uint64_t budget_ = 0;  ///< cycles given to run()
  std::uint64_t left_ = 0;    ///< of them
  std::uint64_t instructions_ = 0;
  std::uint64_t skipped_ = 0;

  /// Faults in a row at the same place for the same cause; calls and breakpoints are none.
  std::uint64_t same_faults_ = 0;

  // Recognises loops that wait for mcycle.
  std::uint64_t time_pc_ = 0;
  std::uint64_t time_effects_ = 0;
  unsigned time_reads_ = 0;
};

}  // namespace kpu::board
