// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdint>

#include "board/cpu/instruction.h"
#include "common/bits.h"

namespace kpu::board {
namespace {

using enum Kind;

/// A kind by funct3; Illegal where there is none.
using ByFunct3 = std::array<Kind, 8>;

constexpr ByFunct3 kBranches = {Beq, Bne, Illegal, Illegal, Blt, Bge, Bltu, Bgeu};
constexpr ByFunct3 kLoads = {Lb, Lh, Lw, Ld, Lbu, Lhu, Lwu, Illegal};
constexpr ByFunct3 kStores = {Sb, Sh, Sw, Sd, Illegal, Illegal, Illegal, Illegal};
constexpr ByFunct3 kImmediates = {Addi, Slli, Slti, Sltiu, Xori, Srli, Ori, Andi};
constexpr ByFunct3 kRegisters = {Add, Sll, Slt, Sltu, Xor, Srl, Or, And};
constexpr ByFunct3 kMultiplies = {Mul, Mulh, Mulhsu, Mulhu, Div, Divu, Rem, Remu};
constexpr ByFunct3 kMultiplies32 = {Mulw, Illegal, Illegal, Illegal, Divw, Divuw, Remw, Remuw};
constexpr ByFunct3 kRegisters32 = {Addw, Sllw, Illegal, Illegal, Illegal, Srlw, Illegal, Illegal};
constexpr ByFunct3 kCsrs = {Illegal, Csrrw, Csrrs, Csrrc, Illegal, Csrrwi, Csrrsi, Csrrci};

/// The kind `steps` places behind `first` in the order of the enumeration.
constexpr Kind behind(Kind first, unsigned steps) {
  return static_cast<Kind>(static_cast<unsigned>(first) + steps);
}

std::int32_t signed_field(std::uint64_t word, unsigned width) {
  return static_cast<std::int32_t>(signed_bits(word, 0, width));
}

std::int32_t branch_offset(std::uint32_t w) {
  return signed_field(
      bits(w, 31, 1) << 12 | bits(w, 7, 1) << 11 | bits(w, 25, 6) << 5 | bits(w, 8, 4) << 1, 13);
}

std::int32_t jump_offset(std::uint32_t w) {
  return signed_field(
      bits(w, 31, 1) << 20 | bits(w, 12, 8) << 12 | bits(w, 20, 1) << 11 | bits(w, 21, 10) << 1,
      21);
}

std::int32_t store_offset(std::uint32_t w) {
  return signed_field(bits(w, 25, 7) << 5 | bits(w, 7, 5), 12);
}

/// Shifts by an immediate; `width` is 6 bits of it, or 5 for the 32-bit ones.
Kind shift_kind(std::uint32_t w, unsigned width, Kind logical, Kind arithmetic) {
  const std::uint64_t upper = bits(w, 20 + width, 12 - width);
  const std::uint64_t sra = 0x400u >> width;
  return upper == 0 ? logical : upper == sra ? arithmetic : Illegal;
}

Kind immediate_kind(std::uint32_t w, std::int32_t& imm) {
  const auto funct3 = bits(w, 12, 3);
  if (funct3 == 1) {
    imm &= 63;
    return shift_kind(w, 6, Slli, Illegal);
  }
  if (funct3 == 5) {
    const Kind kind = shift_kind(w, 6, Srli, Srai);
    imm &= 63;
    return kind;
  }
  return kImmediates[funct3];
}

Kind immediate32_kind(std::uint32_t w, std::int32_t& imm) {
  switch (bits(w, 12, 3)) {
    case 0:
      return Addiw;
    case 1:
      imm &= 31;
      return shift_kind(w, 5, Slliw, Illegal);
    case 5:
      imm &= 31;
      return shift_kind(w, 5, Srliw, Sraiw);
    default:
      return Illegal;
  }
}

Kind register_kind(std::uint32_t w) {
  const auto funct3 = bits(w, 12, 3);
  switch (bits(w, 25, 7)) {
    case 0:
      return kRegisters[funct3];
    case 1:
      return kMultiplies[funct3];
    case 0x20:
      return funct3 == 0 ? Sub : funct3 == 5 ? Sra : Illegal;
    default:
      return Illegal;
  }
}

Kind register32_kind(std::uint32_t w) {
  const auto funct3 = bits(w, 12, 3);
  switch (bits(w, 25, 7)) {
    case 0:
      return kRegisters32[funct3];
    case 1:
      return kMultiplies32[funct3];
    case 0x20:
      return funct3 == 0 ? Subw : funct3 == 5 ? Sraw : Illegal;
    default:
      return Illegal;
  }
}

Kind atomic_kind(std::uint32_t w) {
  const auto funct3 = bits(w, 12, 3);
  if (funct3 != 2 && funct3 != 3) {
    return Illegal;
  }
  const Kind first = funct3 == 2 ? LrW : LrD;
  switch (bits(w, 27, 5)) {
    case 0x02:
      return bits(w, 20, 5) == 0 ? first : Illegal;
    case 0x03:
      return behind(first, 1);
    case 0x01:
      return behind(first, 2);
    case 0x00:
      return behind(first, 3);
    case 0x04:
      return behind(first, 4);
    case 0x0C:
      return behind(first, 5);
    case 0x08:
      return behind(first, 6);
    case 0x10:
      return behind(first, 7);
    case 0x14:
      return behind(first, 8);
    case 0x18:
      return behind(first, 9);
    case 0x1C:
      return behind(first, 10);
    default:
      return Illegal;
  }
}

Kind system_kind(std::uint32_t w) {
  switch (w) {
    case 0x0000'0073:
      return Ecall;
    case 0x0010'0073:
      return Ebreak;
    case 0x3020'0073:
      return Mret;
    case 0x1050'0073:
      return Wfi;
    default:
      break;
  }
  // sfence.vm of privileged architecture 1.9 and sfence.vma: there is no translation to fence.
  if ((w & 0xFFF0'7FFF) == 0x1040'0073 || (w & 0xFE00'7FFF) == 0x1200'0073) {
    return Fence;
  }
  return kCsrs[bits(w, 12, 3)];
}

/// Operations of the opcode OP-FP; says whether the result goes to an integer register.
Kind float_kind(std::uint32_t w, bool& integer_result) {
  const auto format = bits(w, 25, 2);
  const auto funct3 = static_cast<unsigned>(bits(w, 12, 3));
  const auto rs2 = static_cast<unsigned>(bits(w, 20, 5));
  if (format > 1) {
    return Illegal;
  }
  const bool d = format == 1;
  const auto of = [d](Kind single) {
    return d ? behind(single, static_cast<unsigned>(FaddD) - static_cast<unsigned>(FaddS)) : single;
  };
  switch (bits(w, 27, 5)) {
    case 0x00:
      return of(FaddS);
    case 0x01:
      return of(FsubS);
    case 0x02:
      return of(FmulS);
    case 0x03:
      return of(FdivS);
    case 0x0B:
      return rs2 == 0 ? of(FsqrtS) : Illegal;
    case 0x04:
      return funct3 < 3 ? behind(of(FsgnjS), funct3) : Illegal;
    case 0x05:
      return funct3 < 2 ? behind(of(FminS), funct3) : Illegal;
    case 0x08:
      return d && rs2 == 0 ? FcvtDS : !d && rs2 == 1 ? FcvtSD : Illegal;
    case 0x14:
      integer_result = true;
      return funct3 < 3 ? behind(of(FeqS), 2 - funct3) : Illegal;
    case 0x18:
      integer_result = true;
      return rs2 < 4 ? behind(of(FcvtWS), rs2) : Illegal;
    case 0x1A:
      return rs2 < 4 ? behind(of(FcvtSW), rs2) : Illegal;
    case 0x1C:
      integer_result = true;
      return rs2 != 0 ? Illegal : funct3 == 0 ? of(FmvXW) : funct3 == 1 ? of(FclassS) : Illegal;
    case 0x1E:
      return rs2 == 0 && funct3 == 0 ? of(FmvWX) : Illegal;
    default:
      return Illegal;
  }
}

Kind fused_kind(std::uint32_t w, unsigned which) {
  switch (bits(w, 25, 2)) {
    case 0:
      return behind(FmaddS, which);
    case 1:
      return behind(FmaddD, which);
    default:
      return Illegal;
  }
}

Instruction decode32(std::uint32_t w) {
  Instruction op;
  op.bytes = 4;
  op.rd = static_cast<std::uint8_t>(bits(w, 7, 5));
  op.rs1 = static_cast<std::uint8_t>(bits(w, 15, 5));
  op.rs2 = static_cast<std::uint8_t>(bits(w, 20, 5));
  op.rs3 = static_cast<std::uint8_t>(bits(w, 27, 5));
  op.rm = static_cast<std::uint8_t>(bits(w, 12, 3));
  op.imm = signed_field(bits(w, 20, 12), 12);
  const auto funct3 = bits(w, 12, 3);
  bool integer_result = true;
  switch (w & 0x7F) {
    case 0x03:
      op.kind = kLoads[funct3];
      break;
    case 0x07:
      op.kind = funct3 == 2 ? Flw : funct3 == 3 ? Fld : Illegal;
      integer_result = false;
      break;
    case 0x0F:
      op.kind = funct3 == 0 ? Fence : funct3 == 1 ? FenceI : Illegal;
      break;
    case 0x13:
      op.kind = immediate_kind(w, op.imm);
      break;
    case 0x17:
      op.kind = Auipc;
      op.imm = static_cast<std::int32_t>(w & 0xFFFF'F000);
      break;
    case 0x1B:
      op.kind = immediate32_kind(w, op.imm);
      break;
    case 0x23:
      op.kind = kStores[funct3];
      op.imm = store_offset(w);
      break;
    case 0x27:
      op.kind = funct3 == 2 ? Fsw : funct3 == 3 ? Fsd : Illegal;
      op.imm = store_offset(w);
      break;
    case 0x2F:
      op.kind = atomic_kind(w);
      break;
    case 0x33:
      op.kind = register_kind(w);
      break;
    case 0x37:
      op.kind = Lui;
      op.imm = static_cast<std::int32_t>(w & 0xFFFF'F000);
      break;
    case 0x3B:
      op.kind = register32_kind(w);
      break;
    case 0x43:
    case 0x47:
    case 0x4B:
    case 0x4F:
      op.kind = fused_kind(w, (w & 0x7F) / 4 - 0x43 / 4);
      integer_result = false;
      break;
    case 0x53:
      integer_result = false;
      op.kind = float_kind(w, integer_result);
      break;
    case 0x63:
      op.kind = kBranches[funct3];
      op.imm = branch_offset(w);
      break;
    case 0x67:
      op.kind = funct3 == 0 ? Jalr : Illegal;
      break;
    case 0x6F:
      op.kind = Jal;
      op.imm = jump_offset(w);
      break;
    case 0x73:
      op.kind = system_kind(w);
      op.imm = static_cast<std::int32_t>(bits(w, 20, 12));
      break;
    default:
      op.kind = Illegal;
      break;
  }
  if (integer_result && op.rd == 0) {
    op.rd = kDiscard;
  }
  return op;
}

}  // namespace

Instruction decode(std::uint32_t word) {
  const bool wide = (word & 3) == 3;
  Instruction op = decode32(wide ? word : expand_compressed(static_cast<std::uint16_t>(word)));
  op.bytes = wide ? 4 : 2;
  if (op.kind == Illegal) {
    op.imm = static_cast<std::int32_t>(wide ? word : word & 0xFFFF);
  }
  return op;
}

}  // namespace kpu::board
