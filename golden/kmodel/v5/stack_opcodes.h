// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace kpu::golden::v5 {

/// Kinds of numbers in memory, in the order of the load opcodes.
enum NumberType : unsigned { kI1, kI2, kI4, kI, kU1, kU2, kU4, kU, kBr2, kR4 };
inline constexpr std::array<std::size_t, 10> kNumberBytes = {1, 2, 4, 8, 1, 2, 4, 8, 2, 4};
/// The same for the store opcodes, which know no unsigned kinds.
inline constexpr std::array<NumberType, 6> kStoreTypes = {kI1, kI2, kI4, kI, kBr2, kR4};

/// First opcodes of the groups that have one opcode per kind of number.
enum Opcode : std::uint8_t {
  kNop = 0x00,
  kLoadNull = 0x01,
  kLoadI4 = 0x02,
  kLoadI4Zero = 0x03,
  kLoadI4One = 0x04,
  kLoadR4 = 0x05,
  kLoadIndirect = 0x06,
  kStoreIndirect = 0x10,
  kLoadGp = 0x16,
  kLoadBuffer = 0x17,
  kLoadElement = 0x18,
  kStoreElement = 0x22,
  kLoadArgument = 0x28,
  kDup = 0x2F,
  kPop = 0x30,
  kStoreShape = 0x31,
  kStorePaddings = 0x32,
  kNeg = 0x33,
  kAdd = 0x34,
  kSub = 0x35,
  kMul = 0x36,
  kDiv = 0x37,
  kDivU = 0x38,
  kRem = 0x39,
  kRemU = 0x3A,
  kAnd = 0x3B,
  kOr = 0x3C,
  kXor = 0x3D,
  kNot = 0x3E,
  kShl = 0x3F,
  kShr = 0x40,
  kShrU = 0x41,
  kFirstCompare = 0x42,
  kConvert = 0x4C,
  kBranch = 0x56,
  kBranchTrue = 0x57,
  kBranchFalse = 0x58,
  kReturn = 0x59,
};

}  // namespace kpu::golden::v5
