// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace kpu::board {

/// Numbers of registers in GDB's packets: x0 .. x31, pc, f0 .. f31, then control registers.
enum GdbRegister : unsigned {
  kGdbPc = 32,
  kGdbF0 = 33,
  kGdbFflags = 65,
  kGdbFrm,
  kGdbFcsr,
  kGdbMstatus,
  kGdbMie,
  kGdbMtvec,
  kGdbMscratch,
  kGdbMepc,
  kGdbMcause,
  kGdbMtval,
  kGdbMip,
  kGdbRegisters,
};

/// Bytes of a register in a packet: 4 for those of floats' status, else 8.
constexpr unsigned gdb_register_bytes(unsigned number) {
  return number >= kGdbFflags && number <= kGdbFcsr ? 4 : 8;
}

/// The description of these registers that GDB asks for ("target.xml").
std::string gdb_target_description();

}  // namespace kpu::board
