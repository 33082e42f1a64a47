// SPDX-License-Identifier: Apache-2.0
//
// Traps, interrupts and control registers of a hart.
#include "board/cpu/hart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "common/bits.h"

namespace kpu::board {
namespace {

enum Csr : unsigned {
  kFflags = 0x001,
  kFrm = 0x002,
  kFcsr = 0x003,
  kMstatus = 0x300,
  kMisa = 0x301,
  kMedeleg = 0x302,
  kMideleg = 0x303,
  kMieCsr = 0x304,
  kMtvec = 0x305,
  kMcounteren = 0x306,
  kMucounteren = 0x320,
  kMscounteren = 0x321,
  kMscratch = 0x340,
  kMepc = 0x341,
  kMcause = 0x342,
  kMtval = 0x343,
  kMip = 0x344,
  kPmpFirst = 0x3A0,
  kPmpLast = 0x3BF,
  kMcycle = 0xB00,
  kMinstret = 0xB02,
  kCycle = 0xC00,
  kTime = 0xC01,
  kInstret = 0xC02,
  kMvendorid = 0xF11,
  kMarchid = 0xF12,
  kMimpid = 0xF13,
  kMhartid = 0xF14,
};

/// RV64 with the extensions A, C, D, F, I, M.
constexpr std::uint64_t kMisaValue = std::uint64_t{2} << 62 | 0x112D;
/// mtime counts one of so many cycles.
constexpr std::uint64_t kCyclesPerTick = 50;
/// A handler that comes back to the same fault so often will not cure it.
constexpr std::uint64_t kMaxSameFaults = 10'000;
/// A loop that reads the time and does nothing else is moved on by so many cycles a turn.
constexpr std::uint64_t kTimeStep = 2000;
constexpr unsigned kTimeReadsBeforeStep = 3;

}  // namespace

Stop Hart::run(std::uint64_t now, std::uint64_t budget) {
  start_ = now;
  budget_ = left_ = budget;
  leave_ = false;
  // Another hart, or a device, may have written meanwhile.
  reserved_.reset();
  take_interrupt();
  return interpret();
}

void Hart::take_interrupt() {
  const std::uint64_t due = mip_ & state_.mie;
  if (due == 0 || (state_.mstatus & kMie) == 0) {
    return;
  }
  const std::uint64_t cause = (due & kExternalInterrupt) != 0   ? 11
                              : (due & kSoftwareInterrupt) != 0 ? 3
                                                                : 7;
  state_.mepc = state_.pc;
  state_.mcause = std::uint64_t{1} << 63 | cause;
  state_.mtval = 0;
  state_.mstatus = (state_.mstatus & kFs) | kMpp | kMpie;
  state_.pc = (state_.mtvec & ~std::uint64_t{3}) + ((state_.mtvec & 1) != 0 ? 4 * cause : 0);
  ++effects_;
}

bool Hart::take_trap(const Trap& trap, std::uint64_t pc) {
  const std::uint64_t handler = state_.mtvec & ~std::uint64_t{3};
  state_.pc = pc;
  const bool is_fault = trap.cause != kEcallFromM && trap.cause != kBreakpoint;
  const bool same = is_fault && state_.mepc == pc && state_.mcause == trap.cause;
  same_faults_ = same ? same_faults_ + 1 : 0;
  if (pc == handler || same_faults_ >= kMaxSameFaults) {
    state_.mcause = trap.cause;
    state_.mtval = trap.value;
    return false;
  }
  state_.mepc = pc;
  state_.mcause = trap.cause;
  state_.mtval = trap.value;
  const std::uint64_t mpie = (state_.mstatus & kMie) != 0 ? kMpie : 0;
  state_.mstatus = (state_.mstatus & kFs) | kMpp | mpie;
  state_.pc = handler;
  ++effects_;
  return true;
}

bool Hart::load_outside(std::uint64_t address, unsigned bytes, std::uint64_t& value) {
  ++effects_;
  leave_ = true;
  if (!bus_.load(address, bytes, value)) {
    trap_ = {kLoadFault, address};
    return false;
  }
  return true;
}

bool Hart::store_outside(std::uint64_t address, unsigned bytes, std::uint64_t value) {
  leave_ = true;
  if (!bus_.store(address, bytes, value)) {
    trap_ = {kStoreFault, address};
    return false;
  }
  return true;
}

std::uint64_t Hart::read_time(std::uint64_t pc) {
  if (effects_ != time_effects_ || pc != time_pc_) {
    time_pc_ = pc;
    time_reads_ = 0;
  } else if (++time_reads_ > kTimeReadsBeforeStep) {
    skipped_ += stall(kTimeStep);
  }
  time_effects_ = ++effects_;
  return start_ + elapsed();
}

bool Hart::read_csr(unsigned csr, std::uint64_t& value, std::uint64_t pc) {
  const bool has_floats = (state_.mstatus & kFs) != 0;
  switch (csr) {
    case kFflags:
      value = state_.fflags;
      return has_floats;
    case kFrm:
      value = state_.frm;
      return has_floats;
    case kFcsr:
      value = state_.frm << 5 | state_.fflags;
      return has_floats;
    case kMstatus:
      value = state_.mstatus | ((state_.mstatus & kFs) == kFs ? std::uint64_t{1} << 63 : 0);
      return true;
    case kMisa:
      value = kMisaValue;
      return true;
    case kMieCsr:
      value = state_.mie;
      return true;
    case kMtvec:
      value = state_.mtvec;
      return true;
    case kMscratch:
      value = state_.mscratch;
      return true;
    case kMepc:
      value = state_.mepc;
      return true;
    case kMcause:
      value = state_.mcause;
      return true;
    case kMtval:
      value = state_.mtval;
      return true;
    case kMip:
      value = mip_;
      return true;
    case kMcycle:
    case kCycle:
      value = read_time(pc);
      return true;
    case kTime:
      value = read_time(pc) / kCyclesPerTick;
      return true;
    case kMinstret:
    case kInstret:
      value = instructions_ + elapsed();
      ++effects_;
      return true;
    case kMhartid:
      value = id_;
      return true;
    case kMedeleg:
    case kMideleg:
    case kMcounteren:
    case kMucounteren:
    case kMscounteren:
    case kMvendorid:
    case kMarchid:
    case kMimpid:
      value = 0;
      return true;
    default:
      value = 0;
      return csr >= kPmpFirst && csr <= kPmpLast;
  }
}

bool Hart::write_csr(unsigned csr, std::uint64_t value) {
  switch (csr) {
    case kFflags:
      state_.fflags = value & 31;
      break;
    case kFrm:
      state_.frm = value & 7;
      break;
    case kFcsr:
      state_.fflags = value & 31;
      state_.frm = bits(value, 5, 3);
      break;
    case kMstatus:
      state_.mstatus = (value & (kMie | kMpie | kFs)) | kMpp;
      leave_ = true;
      break;
    case kMieCsr:
      state_.mie = value & (kSoftwareInterrupt | kTimerInterrupt | kExternalInterrupt);
      leave_ = true;
      break;
    case kMtvec:
      state_.mtvec = value & ~std::uint64_t{2};
      break;
    case kMscratch:
      state_.mscratch = value;
      break;
    case kMepc:
      state_.mepc = value & ~std::uint64_t{1};
      break;
    case kMcause:
      state_.mcause = value;
      break;
    case kMtval:
      state_.mtval = value;
      break;
    default:
      break;  // what reads as a constant
  }
  ++effects_;
  return csr >> 10 != 3;  // those of 0xC00 and above are read-only
}

bool Hart::execute_csr(const Instruction& op, std::uint64_t pc) {
  const auto csr = static_cast<unsigned>(op.imm);
  const bool immediate = op.kind >= Kind::Csrrwi;
  const std::uint64_t source = immediate ? op.rs1 : state_.x[op.rs1];
  const bool swaps = op.kind == Kind::Csrrw || op.kind == Kind::Csrrwi;
  std::uint64_t old = 0;
  if (!read_csr(csr, old, pc)) {
    return illegal(op, pc);
  }
  if (swaps || op.rs1 != 0) {
    const bool sets = op.kind == Kind::Csrrs || op.kind == Kind::Csrrsi;
    if (!write_csr(csr, swaps ? source : sets ? old | source : old & ~source)) {
      return illegal(op, pc);
    }
  }
  state_.x[op.rd] = old;
  return true;
}

bool Hart::illegal(const Instruction& op, std::uint64_t pc) {
  // The bits come from memory: only what is illegal in itself keeps them when decoded.
  std::uint64_t word = static_cast<std::uint32_t>(op.imm);
  if (op.kind != Kind::Illegal) {
    const std::size_t at = ram_.direct(pc, op.bytes);
    word = at == Ram::kNowhere ? 0
           : op.bytes == 2     ? ram_.load<std::uint16_t>(at)
                               : ram_.load<std::uint32_t>(at);
  }
  trap_ = {kIllegalInstruction, word};
  return false;
}

std::string Hart::describe() const {
  std::string text = fmt::format(
      "hart {}: pc {:#x}, {} instructions, mcause {:#x}, mepc {:#x}, mtval {:#x}, mstatus {:#x}, "
      "mie {:#x}, mip {:#x}, mtvec {:#x}\n",
      id_, state_.pc, instructions_, state_.mcause, state_.mepc, state_.mtval, state_.mstatus,
      state_.mie, mip_, state_.mtvec);
  if (const std::size_t at = ram_.direct(state_.pc, 4); at != Ram::kNowhere) {
    text += fmt::format("  at pc: {:08x}\n", ram_.load<std::uint32_t>(at));
  }
  for (unsigned i = 0; i < 32; ++i) {
    text += fmt::format("  x{:<2} {:016x}{}", i, state_.x[i], i % 4 == 3 ? "\n" : "");
  }
  return text;
}

}  // namespace kpu::board
