// SPDX-License-Identifier: Apache-2.0
//
// RISC-V's floating point on the host's: the same bits, NaNs and flags as the F and D extensions.
//
// Rounding to nearest, ties away from zero (RMM) is exact in conversions to integers, the only
// place where compilers use it; in arithmetic it rounds ties to even. Underflow is told as the host
// tells it, which is after rounding on x86 as RISC-V asks.
#pragma once

#include <cstdint>

#include "board/cpu/instruction.h"

namespace kpu::board {

enum RoundingMode : unsigned { kRne = 0, kRtz = 1, kRdn = 2, kRup = 3, kRmm = 4, kDynamic = 7 };

enum FloatFlag : std::uint32_t {
  kInexact = 1,
  kUnderflow = 2,
  kOverflow = 4,
  kDivideByZero = 8,
  kInvalid = 16,
};

/// A single-precision number in a register of 64 bits.
constexpr std::uint64_t nan_box(std::uint32_t bits) { return 0xFFFF'FFFF'0000'0000 | bits; }
/// The single-precision number in a register; what is not boxed reads as the canonical NaN.
constexpr std::uint32_t unbox(std::uint64_t reg) {
  return reg >> 32 == 0xFFFF'FFFF ? static_cast<std::uint32_t>(reg) : 0x7FC0'0000;
}

/// Operands of an instruction of the opcodes OP-FP, FMADD and so on, as registers hold them.
struct FloatOperands {
  std::uint64_t a = 0;  ///< rs1: a float register, or the integer one of fcvt.s.w, fmv.w.x ...
  std::uint64_t b = 0;  ///< rs2
  std::uint64_t c = 0;  ///< rs3
};

/// Result of `kind` (FmaddS and later in the enumeration) as the destination register takes it.
/// `rounding` is kRne .. kRmm; raised flags are added to `flags`.
std::uint64_t compute_float(Kind kind, const FloatOperands& operands, unsigned rounding,
                            std::uint32_t& flags);

}  // namespace kpu::board
