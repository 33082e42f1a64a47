// SPDX-License-Identifier: Apache-2.0
//
// A decoded RV64IMAFDC instruction.
#pragma once

#include <cstdint>

namespace kpu::board {

/// What an instruction does. The order is that of the groups that are executed together.
enum class Kind : std::uint8_t {
  // Not instructions: places of a decoded page.
  Undecoded,  ///< nobody has looked at these bytes yet
  PageEnd,    ///< the page ends before this place
  Straddle,   ///< four bytes of which two lie in the next page
  Illegal,
  // RV64I
  Lui,
  Auipc,
  Jal,
  Jalr,
  Beq,
  Bne,
  Blt,
  Bge,
  Bltu,
  Bgeu,
  Lb,
  Lh,
  Lw,
  Ld,
  Lbu,
  Lhu,
  Lwu,
  Sb,
  Sh,
  Sw,
  Sd,
  Addi,
  Slti,
  Sltiu,
  Xori,
  Ori,
  Andi,
  Slli,
  Srli,
  Srai,
  Add,
  Sub,
  Sll,
  Slt,
  Sltu,
  Xor,
  Srl,
  Sra,
  Or,
  And,
  Addiw,
  Slliw,
  Srliw,
  Sraiw,
  Addw,
  Subw,
  Sllw,
  Srlw,
  Sraw,
  Fence,
  FenceI,
  // M
  Mul,
  Mulh,
  Mulhsu,
  Mulhu,
  Div,
  Divu,
  Rem,
  Remu,
  Mulw,
  Divw,
  Divuw,
  Remw,
  Remuw,
  // F and D: loads and stores
  Flw,
  Fld,
  Fsw,
  Fsd,
  // A
  LrW,
  ScW,
  AmoswapW,
  AmoaddW,
  AmoxorW,
  AmoandW,
  AmoorW,
  AmominW,
  AmomaxW,
  AmominuW,
  AmomaxuW,
  LrD,
  ScD,
  AmoswapD,
  AmoaddD,
  AmoxorD,
  AmoandD,
  AmoorD,
  AmominD,
  AmomaxD,
  AmominuD,
  AmomaxuD,
  // System
  Ecall,
  Ebreak,
  Mret,
  Wfi,
  Csrrw,
  Csrrs,
  Csrrc,
  Csrrwi,
  Csrrsi,
  Csrrci,
  // F
  FmaddS,
  FmsubS,
  FnmsubS,
  FnmaddS,
  FaddS,
  FsubS,
  FmulS,
  FdivS,
  FsqrtS,
  FsgnjS,
  FsgnjnS,
  FsgnjxS,
  FminS,
  FmaxS,
  FeqS,
  FltS,
  FleS,
  FclassS,
  FcvtWS,
  FcvtWuS,
  FcvtLS,
  FcvtLuS,
  FcvtSW,
  FcvtSWu,
  FcvtSL,
  FcvtSLu,
  FmvXW,
  FmvWX,
  // D
  FmaddD,
  FmsubD,
  FnmsubD,
  FnmaddD,
  FaddD,
  FsubD,
  FmulD,
  FdivD,
  FsqrtD,
  FsgnjD,
  FsgnjnD,
  FsgnjxD,
  FminD,
  FmaxD,
  FeqD,
  FltD,
  FleD,
  FclassD,
  FcvtWD,
  FcvtWuD,
  FcvtLD,
  FcvtLuD,
  FcvtDW,
  FcvtDWu,
  FcvtDL,
  FcvtDLu,
  FmvXD,
  FmvDX,
  FcvtSD,
  FcvtDS,
};

/// Register number that stands for x0 as a destination: a place nobody reads.
inline constexpr std::uint8_t kDiscard = 32;

struct Instruction {
  Kind kind = Kind::Undecoded;
  std::uint8_t bytes = 0;  ///< 2 or 4
  std::uint8_t rd = 0;     ///< kDiscard where an integer result goes to x0
  std::uint8_t rs1 = 0;    ///< also the immediate of csrrwi and its like
  std::uint8_t rs2 = 0;
  std::uint8_t rs3 = 0;
  std::uint8_t rm = 0;   ///< rounding mode, funct3
  std::int32_t imm = 0;  ///< sign-extended; a CSR's number; an illegal instruction's bits
};

/// Decodes the instruction whose first four bytes, little endian, are `bits` (the upper two matter
/// only if the lower two bits of `bits` are 3). Reserved encodings give Kind::Illegal.
Instruction decode(std::uint32_t bits);

/// The 32-bit instruction that a 16-bit one stands for (RV64C), or 0, which is no instruction.
std::uint32_t expand_compressed(std::uint16_t bits);

}  // namespace kpu::board
