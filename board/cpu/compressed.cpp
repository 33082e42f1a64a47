// SPDX-License-Identifier: Apache-2.0
//
// The 16-bit instructions of RV64C as the 32-bit ones they stand for.
#include <cstdint>

#include "board/cpu/instruction.h"

#include <cstdint>
#include "common/bits.h"

namespace kpu::board {
namespace {

enum Opcode : std::uint32_t {
  kLoad = 0x03,
  kLoadFp = 0x07,
  kOpImm = 0x13,
  kOpImm32 = 0x1B,
  kStore = 0x23,
  kStoreFp = 0x27,
  kOp = 0x33,
  kLui = 0x37,
  kOp32 = 0x3B,
  kBranch = 0x63,
  kJalr = 0x67,
  kJal = 0x6F,
};

std::uint32_t i_type(std::uint32_t opcode, std::uint32_t funct3, std::uint32_t rd,
                     std::uint32_t rs1, std::int32_t imm) {
  return static_cast<std::uint32_t>(imm) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}

std::uint32_t s_type(std::uint32_t opcode, std::uint32_t funct3, std::uint32_t rs1,
                     std::uint32_t rs2, std::uint32_t imm) {
  return (imm >> 5) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (imm & 31) << 7 | opcode;
}

std::uint32_t r_type(std::uint32_t opcode, std::uint32_t funct3, std::uint32_t funct7,
                     std::uint32_t rd, std::uint32_t rs1, std::uint32_t rs2) {
  return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}

std::uint32_t jump(std::uint32_t rd, std::uint32_t c) {
  const std::uint64_t imm = place_bits(bits(c, 12, 1), 11, 1) | place_bits(bits(c, 11, 1), 4, 1) |
                            place_bits(bits(c, 9, 2), 8, 2) | place_bits(bits(c, 8, 1), 10, 1) |
                            place_bits(bits(c, 7, 1), 6, 1) | place_bits(bits(c, 6, 1), 7, 1) |
                            place_bits(bits(c, 3, 3), 1, 3) | place_bits(bits(c, 2, 1), 5, 1);
  const auto wide = static_cast<std::uint64_t>(signed_bits(imm, 0, 12));
  return static_cast<std::uint32_t>(bits(wide, 20, 1) << 31 | bits(wide, 1, 10) << 21 |
                                    bits(wide, 11, 1) << 20 | bits(wide, 12, 8) << 12) |
         rd << 7 | kJal;
}

std::uint32_t branch(std::uint32_t funct3, std::uint32_t rs1, std::uint32_t c) {
  const std::uint64_t imm = place_bits(bits(c, 12, 1), 8, 1) | place_bits(bits(c, 10, 2), 3, 2) |
                            place_bits(bits(c, 5, 2), 6, 2) | place_bits(bits(c, 3, 2), 1, 2) |
                            place_bits(bits(c, 2, 1), 5, 1);
  const auto wide = static_cast<std::uint64_t>(signed_bits(imm, 0, 9));
  return static_cast<std::uint32_t>(bits(wide, 12, 1) << 31 | bits(wide, 5, 6) << 25 |
                                    bits(wide, 1, 4) << 8 | bits(wide, 11, 1) << 7) |
         rs1 << 15 | funct3 << 12 | kBranch;
}

/// Quadrant 0: loads and stores with short registers.
std::uint32_t quadrant0(std::uint32_t c) {
  const auto rd = static_cast<std::uint32_t>(8 + bits(c, 2, 3));
  const auto rs1 = static_cast<std::uint32_t>(8 + bits(c, 7, 3));
  const auto word =
      static_cast<std::uint32_t>(bits(c, 10, 3) << 3 | bits(c, 6, 1) << 2 | bits(c, 5, 1) << 6);
  const auto dword = static_cast<std::uint32_t>(bits(c, 10, 3) << 3 | bits(c, 5, 2) << 6);
  switch (bits(c, 13, 3)) {
    case 0: {
      const auto imm = static_cast<std::int32_t>(bits(c, 11, 2) << 4 | bits(c, 7, 4) << 6 |
                                                 bits(c, 6, 1) << 2 | bits(c, 5, 1) << 3);
      return imm == 0 ? 0 : i_type(kOpImm, 0, rd, 2, imm);  // c.addi4spn
    }
    case 1:
      return i_type(kLoadFp, 3, rd, rs1, static_cast<std::int32_t>(dword));
    case 2:
      return i_type(kLoad, 2, rd, rs1, static_cast<std::int32_t>(word));
    case 3:
      return i_type(kLoad, 3, rd, rs1, static_cast<std::int32_t>(dword));
    case 5:
      return s_type(kStoreFp, 3, rs1, rd, dword);
    case 6:
      return s_type(kStore, 2, rs1, rd, word);
    case 7:
      return s_type(kStore, 3, rs1, rd, dword);
    default:
      return 0;
  }
}

/// Arithmetic on short registers: c.srli, c.srai, c.andi, c.sub and its like.
std::uint32_t short_arithmetic(std::uint32_t c, std::int32_t imm) {
  const auto rd = static_cast<std::uint32_t>(8 + bits(c, 7, 3));
  const auto rs2 = static_cast<std::uint32_t>(8 + bits(c, 2, 3));
  const std::int32_t shift = imm & 63;
  switch (bits(c, 10, 2)) {
    case 0:
      return i_type(kOpImm, 5, rd, rd, shift);
    case 1:
      return i_type(kOpImm, 5, rd, rd, 0x400 | shift);
    case 2:
      return i_type(kOpImm, 7, rd, rd, imm);
    default:
      break;
  }
  switch (bits(c, 12, 1) << 2 | bits(c, 5, 2)) {
    case 0:
      return r_type(kOp, 0, 0x20, rd, rd, rs2);
    case 1:
      return r_type(kOp, 4, 0, rd, rd, rs2);
    case 2:
      return r_type(kOp, 6, 0, rd, rd, rs2);
    case 3:
      return r_type(kOp, 7, 0, rd, rd, rs2);
    case 4:
      return r_type(kOp32, 0, 0x20, rd, rd, rs2);
    case 5:
      return r_type(kOp32, 0, 0, rd, rd, rs2);
    default:
      return 0;
  }
}

/// Quadrant 1: immediates, jumps, branches.
std::uint32_t quadrant1(std::uint32_t c) {
  const auto rd = static_cast<std::uint32_t>(bits(c, 7, 5));
  const auto imm =
      static_cast<std::int32_t>(signed_bits(bits(c, 12, 1) << 5 | bits(c, 2, 5), 0, 6));
  switch (bits(c, 13, 3)) {
    case 0:
      return i_type(kOpImm, 0, rd, rd, imm);
    case 1:
      return rd == 0 ? 0 : i_type(kOpImm32, 0, rd, rd, imm);
    case 2:
      return i_type(kOpImm, 0, rd, 0, imm);
    case 3: {
      if (rd == 2) {  // c.addi16sp
        const auto step = static_cast<std::int32_t>(
            signed_bits(bits(c, 12, 1) << 9 | bits(c, 6, 1) << 4 | bits(c, 5, 1) << 6 |
                            bits(c, 3, 2) << 7 | bits(c, 2, 1) << 5,
                        0, 10));
        return step == 0 ? 0 : i_type(kOpImm, 0, 2, 2, step);
      }
      return imm == 0 ? 0 : static_cast<std::uint32_t>(imm) << 12 | rd << 7 | kLui;
    }
    case 4:
      return short_arithmetic(c, imm);
    case 5:
      return jump(0, c);
    case 6:
      return branch(0, static_cast<std::uint32_t>(8 + bits(c, 7, 3)), c);
    default:
      return branch(1, static_cast<std::uint32_t>(8 + bits(c, 7, 3)), c);
  }
}

/// Quadrant 2: shifts, stack accesses, register jumps and moves.
std::uint32_t quadrant2(std::uint32_t c) {
  const auto rd = static_cast<std::uint32_t>(bits(c, 7, 5));
  const auto rs2 = static_cast<std::uint32_t>(bits(c, 2, 5));
  const auto load_word =
      static_cast<std::int32_t>(bits(c, 12, 1) << 5 | bits(c, 4, 3) << 2 | bits(c, 2, 2) << 6);
  const auto load_dword =
      static_cast<std::int32_t>(bits(c, 12, 1) << 5 | bits(c, 5, 2) << 3 | bits(c, 2, 3) << 6);
  const auto store_word = static_cast<std::uint32_t>(bits(c, 9, 4) << 2 | bits(c, 7, 2) << 6);
  const auto store_dword = static_cast<std::uint32_t>(bits(c, 10, 3) << 3 | bits(c, 7, 3) << 6);
  switch (bits(c, 13, 3)) {
    case 0:
      return i_type(kOpImm, 1, rd, rd, static_cast<std::int32_t>(bits(c, 12, 1) << 5 | rs2));
    case 1:
      return i_type(kLoadFp, 3, rd, 2, load_dword);
    case 2:
      return rd == 0 ? 0 : i_type(kLoad, 2, rd, 2, load_word);
    case 3:
      return rd == 0 ? 0 : i_type(kLoad, 3, rd, 2, load_dword);
    case 4:
      if (bits(c, 12, 1) == 0) {
        if (rs2 != 0) {
          return r_type(kOp, 0, 0, rd, 0, rs2);  // c.mv
        }
        return rd == 0 ? 0 : i_type(kJalr, 0, 0, rd, 0);
      }
      if (rs2 != 0) {
        return r_type(kOp, 0, 0, rd, rd, rs2);
      }
      return rd == 0 ? 0x0010'0073 : i_type(kJalr, 0, 1, rd, 0);  // c.ebreak, c.jalr
    case 5:
      return s_type(kStoreFp, 3, 2, rs2, store_dword);
    case 6:
      return s_type(kStore, 2, 2, rs2, store_word);
    default:
      return s_type(kStore, 3, 2, rs2, store_dword);
  }
}

}  // namespace

std::uint32_t expand_compressed(std::uint16_t bits16) {
  switch (bits16 & 3) {
    case 0:
      return quadrant0(bits16);
    case 1:
      return quadrant1(bits16);
    case 2:
      return quadrant2(bits16);
    default:
      return 0;
  }
}

}  // namespace kpu::board
