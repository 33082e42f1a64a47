// SPDX-License-Identifier: Apache-2.0
//
// The instructions of RV64FD: operands from and to the registers of a hart, loads and stores.
#include <cstdint>

#include "board/cpu/access.h"
#include "board/cpu/float_unit.h"
#include "board/cpu/hart.h"

namespace kpu::board {

bool Hart::execute_float(const Instruction& op) {
  using enum Kind;
  const unsigned rounding = op.rm == kDynamic ? state_.frm : op.rm;
  const auto in = [&op](Kind first, Kind last) { return op.kind >= first && op.kind <= last; };
  const bool rounds =
      !in(FsgnjS, FclassS) && !in(FsgnjD, FclassD) && !in(FmvXW, FmvWX) && !in(FmvXD, FmvDX);
  if ((state_.mstatus & kFs) == 0 || (rounds && rounding > kRmm)) {
    return false;
  }
  state_.mstatus |= kFs;
  const bool from_integer =
      in(FcvtSW, FcvtSLu) || in(FcvtDW, FcvtDLu) || op.kind == FmvWX || op.kind == FmvDX;
  const bool to_integer =
      in(FeqS, FcvtLuS) || in(FeqD, FcvtLuD) || op.kind == FmvXW || op.kind == FmvXD;
  const FloatOperands operands{.a = from_integer ? state_.x[op.rs1] : state_.f[op.rs1],
                               .b = state_.f[op.rs2],
                               .c = state_.f[op.rs3]};
  const std::uint64_t result = compute_float(op.kind, operands, rounding, state_.fflags);
  (to_integer ? state_.x[op.rd] : state_.f[op.rd]) = result;
  return true;
}

bool Hart::execute_float_access(const Instruction& op, std::uint64_t pc) {
  if ((state_.mstatus & kFs) == 0) {
    return illegal(op, pc);
  }
  const std::uint64_t address =
      state_.x[op.rs1] + static_cast<std::uint64_t>(std::int64_t{op.imm});
  std::uint64_t& to = state_.f[op.rd];
  const std::uint64_t from = state_.f[op.rs2];
  std::uint32_t narrow = 0;
  bool done = true;
  switch (op.kind) {
    case Kind::Flw:
      done = load<std::uint32_t>(address, narrow);
      to = done ? ~std::uint64_t{0} << 32 | narrow : to;
      break;
    case Kind::Fld:
      done = load<std::uint64_t>(address, to);
      break;
    case Kind::Fsw:
      done = store<std::uint32_t>(address, static_cast<std::uint32_t>(from));
      break;
    default:
      done = store<std::uint64_t>(address, from);
      break;
  }
  state_.mstatus |= done ? kFs : 0;
  return done;
}

}  // namespace kpu::board
