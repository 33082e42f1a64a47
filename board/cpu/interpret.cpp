// SPDX-License-Identifier: Apache-2.0
//
// The interpreter's loop over decoded instructions. It is one function because the program counter,
// the place in the decoded page and the cycles left must stay in the host's registers.
#include <cstddef>
#include <cstdint>

#include "board/cpu/access.h"
#include "board/cpu/hart.h"
#include "board/cpu/integer.h"

namespace kpu::board {

Stop Hart::interpret() {
  auto& x = state_.x;
  U64 pc = state_.pc;
  U64 page_pc = ~U64{0};  // address of the decoded page
  Instruction* ops = nullptr;
  const Instruction* op = nullptr;
  // An instruction that lies in two pages, decoded anew each time, and the end behind it.
  Instruction straddling[3];
  straddling[2].kind = Kind::PageEnd;
  const bool has_breakpoints = !breakpoints_.empty();

// The value of a load of type T to rd; stores of type T; branches.
#define KPU_LOAD(T)                                                              \
  {                                                                              \
    T value;                                                                     \
    if (!load<T>(x[op->rs1] + static_cast<U64>(S64{op->imm}), value)) goto trap; \
    x[op->rd] = static_cast<U64>(static_cast<S64>(value));                       \
    goto after_access;                                                           \
  }
#define KPU_STORE(T)                                                                      \
  if (!store<T>(x[op->rs1] + static_cast<U64>(S64{op->imm}), static_cast<T>(x[op->rs2]))) \
    goto trap;                                                                            \
  goto after_access
#define KPU_BRANCH(condition)             \
  if (condition) {                        \
    pc += static_cast<U64>(S64{op->imm}); \
    goto jumped;                          \
  }                                       \
  break
#define KPU_RESULT(expression) \
  x[op->rd] = (expression);    \
  break

  if (left_ == 0) {
    return Stop::Budget;
  }
locate:
  if ((pc & ~(Ram::kPageBytes - 1)) != page_pc) {
    const std::size_t at = ram_.direct(pc, 2);
    if (at == Ram::kNowhere) {
      trap_ = {kFetchFault, pc};
      goto trap;
    }
    ops = ram_.page(at).data();
    page_pc = pc & ~(Ram::kPageBytes - 1);
  }
  op = ops + (pc & (Ram::kPageBytes - 1)) / 2;
again:
  if (has_breakpoints) [[unlikely]] {
    if (pc != stopped_at_ && breakpoints_.count(pc) != 0) {
      state_.pc = stopped_at_ = pc;
      instructions_ += elapsed();
      return Stop::Breakpoint;
    }
    stopped_at_ = kNoPlace;
  }
execute:
  {
    const U64 imm = static_cast<U64>(S64{op->imm});
    switch (op->kind) {
      case Kind::Undecoded: {
        const std::size_t at = ram_.direct(pc, 2);
        const Instruction decoded = ram_.decode_at(at);
        Instruction& place = ops[(pc & (Ram::kPageBytes - 1)) / 2];
        place = decoded;
        if (decoded.bytes == 4 && pc % Ram::kPageBytes == Ram::kPageBytes - 2) {
          place.kind = Kind::Straddle;
        }
        goto execute;
      }
      case Kind::PageEnd:
        goto locate;
      case Kind::Straddle: {
        const std::size_t at = ram_.direct(pc, 4);
        if (at == Ram::kNowhere) {
          trap_ = {kFetchFault, pc + 2};
          goto trap;
        }
        straddling[0] = ram_.decode_at(at);
        op = straddling;
        goto execute;
      }

      case Kind::Lui:
        KPU_RESULT(imm);
      case Kind::Auipc:
        KPU_RESULT(pc + imm);
      case Kind::Jal:
        x[op->rd] = pc + op->bytes;
        pc += imm;
        goto jumped;
      case Kind::Jalr: {
        const U64 target = (x[op->rs1] + imm) & ~U64{1};
        x[op->rd] = pc + op->bytes;
        pc = target;
        goto jumped;
      }
      case Kind::Beq:
        KPU_BRANCH(x[op->rs1] == x[op->rs2]);
      case Kind::Bne:
        KPU_BRANCH(x[op->rs1] != x[op->rs2]);
      case Kind::Blt:
        KPU_BRANCH(s(x[op->rs1]) < s(x[op->rs2]));
      case Kind::Bge:
        KPU_BRANCH(s(x[op->rs1]) >= s(x[op->rs2]));
      case Kind::Bltu:
        KPU_BRANCH(x[op->rs1] < x[op->rs2]);
      case Kind::Bgeu:
        KPU_BRANCH(x[op->rs1] >= x[op->rs2]);

      case Kind::Lb:
        KPU_LOAD(std::int8_t)
      case Kind::Lh:
        KPU_LOAD(std::int16_t)
      case Kind::Lw:
        KPU_LOAD(S32)
      case Kind::Ld:
        KPU_LOAD(S64)
      case Kind::Lbu:
        KPU_LOAD(std::uint8_t)
      case Kind::Lhu:
        KPU_LOAD(std::uint16_t)
      case Kind::Lwu:
        KPU_LOAD(U32)
      case Kind::Sb:
        KPU_STORE(std::uint8_t);
      case Kind::Sh:
        KPU_STORE(std::uint16_t);
      case Kind::Sw:
        KPU_STORE(U32);
      case Kind::Sd:
        KPU_STORE(U64);

      case Kind::Addi:
        KPU_RESULT(x[op->rs1] + imm);
      case Kind::Slti:
        KPU_RESULT(s(x[op->rs1]) < s(imm));
      case Kind::Sltiu:
        KPU_RESULT(x[op->rs1] < imm);
      case Kind::Xori:
        KPU_RESULT(x[op->rs1] ^ imm);
      case Kind::Ori:
        KPU_RESULT(x[op->rs1] | imm);
      case Kind::Andi:
        KPU_RESULT(x[op->rs1] & imm);
      case Kind::Slli:
        KPU_RESULT(x[op->rs1] << imm);
      case Kind::Srli:
        KPU_RESULT(x[op->rs1] >> imm);
      case Kind::Srai:
        KPU_RESULT(static_cast<U64>(s(x[op->rs1]) >> imm));
      case Kind::Add:
        KPU_RESULT(x[op->rs1] + x[op->rs2]);
      case Kind::Sub:
        KPU_RESULT(x[op->rs1] - x[op->rs2]);
      case Kind::Sll:
        KPU_RESULT(x[op->rs1] << (x[op->rs2] & 63));
      case Kind::Slt:
        KPU_RESULT(s(x[op->rs1]) < s(x[op->rs2]));
      case Kind::Sltu:
        KPU_RESULT(x[op->rs1] < x[op->rs2]);
      case Kind::Xor:
        KPU_RESULT(x[op->rs1] ^ x[op->rs2]);
      case Kind::Srl:
        KPU_RESULT(x[op->rs1] >> (x[op->rs2] & 63));
      case Kind::Sra:
        KPU_RESULT(static_cast<U64>(s(x[op->rs1]) >> (x[op->rs2] & 63)));
      case Kind::Or:
        KPU_RESULT(x[op->rs1] | x[op->rs2]);
      case Kind::And:
        KPU_RESULT(x[op->rs1] & x[op->rs2]);
      case Kind::Addiw:
        KPU_RESULT(word(x[op->rs1] + imm));
      case Kind::Slliw:
        KPU_RESULT(word(x[op->rs1] << imm));
      case Kind::Srliw:
        KPU_RESULT(word(static_cast<U32>(x[op->rs1]) >> imm));
      case Kind::Sraiw:
        KPU_RESULT(static_cast<U64>(S64{static_cast<S32>(x[op->rs1]) >> imm}));
      case Kind::Addw:
        KPU_RESULT(word(x[op->rs1] + x[op->rs2]));
      case Kind::Subw:
        KPU_RESULT(word(x[op->rs1] - x[op->rs2]));
      case Kind::Sllw:
        KPU_RESULT(word(x[op->rs1] << (x[op->rs2] & 31)));
      case Kind::Srlw:
        KPU_RESULT(word(static_cast<U32>(x[op->rs1]) >> (x[op->rs2] & 31)));
      case Kind::Sraw:
        KPU_RESULT(static_cast<U64>(S64{static_cast<S32>(x[op->rs1]) >> (x[op->rs2] & 31)}));
      // Stores to code are seen at once.
      case Kind::Fence:
      case Kind::FenceI:
        break;

      case Kind::Mul:
        KPU_RESULT(x[op->rs1] * x[op->rs2]);
      case Kind::Mulh:
        KPU_RESULT(multiply_high_signed(x[op->rs1], x[op->rs2]));
      case Kind::Mulhsu:
        KPU_RESULT(multiply_high_mixed(x[op->rs1], x[op->rs2]));
      case Kind::Mulhu:
        KPU_RESULT(multiply_high(x[op->rs1], x[op->rs2]));
      case Kind::Div:
        KPU_RESULT(static_cast<U64>(divide(s(x[op->rs1]), s(x[op->rs2]))));
      case Kind::Divu:
        KPU_RESULT(divide(x[op->rs1], x[op->rs2]));
      case Kind::Rem:
        KPU_RESULT(static_cast<U64>(remainder(s(x[op->rs1]), s(x[op->rs2]))));
      case Kind::Remu:
        KPU_RESULT(remainder(x[op->rs1], x[op->rs2]));
      case Kind::Mulw:
        KPU_RESULT(word(x[op->rs1] * x[op->rs2]));
      case Kind::Divw:
        KPU_RESULT(static_cast<U64>(
            S64{divide(static_cast<S32>(x[op->rs1]), static_cast<S32>(x[op->rs2]))}));
      case Kind::Divuw:
        KPU_RESULT(word(divide(static_cast<U32>(x[op->rs1]), static_cast<U32>(x[op->rs2]))));
      case Kind::Remw:
        KPU_RESULT(static_cast<U64>(
            S64{remainder(static_cast<S32>(x[op->rs1]), static_cast<S32>(x[op->rs2]))}));
      case Kind::Remuw:
        KPU_RESULT(word(remainder(static_cast<U32>(x[op->rs1]), static_cast<U32>(x[op->rs2]))));

      case Kind::Flw:
      case Kind::Fld:
      case Kind::Fsw:
      case Kind::Fsd:
        if (!execute_float_access(*op, pc)) goto trap;
        goto after_access;

      case Kind::Ecall:
        trap_ = {kEcallFromM, 0};
        goto trap;
      case Kind::Ebreak:
        trap_ = {kBreakpoint, pc};
        goto trap;
      case Kind::Illegal:
        illegal(*op, pc);
        goto trap;
      case Kind::Mret:
        pc = state_.mepc;
        state_.mstatus =
            (state_.mstatus & kFs) | kMpp | kMpie | ((state_.mstatus & kMpie) != 0 ? kMie : 0);
        leave_ = true;
        ++effects_;
        goto jumped;
      case Kind::Wfi:
        if (wakes()) break;
        state_.pc = pc + op->bytes;
        --left_;
        instructions_ += elapsed();
        ++effects_;
        return Stop::Wait;
      case Kind::Csrrw:
      case Kind::Csrrs:
      case Kind::Csrrc:
      case Kind::Csrrwi:
      case Kind::Csrrsi:
      case Kind::Csrrci:
        if (!execute_csr(*op, pc)) goto trap;
        goto after_access;

      default:
        if (op->kind < Kind::Ecall) {
          if (!execute_atomic(*op)) goto trap;
          goto after_access;
        }
        if (!execute_float(*op)) {
          illegal(*op, pc);
          goto trap;
        }
        break;
    }
  }
  pc += op->bytes;
  op += op->bytes / 2;
  if (--left_ == 0) [[unlikely]] {
    goto done;
  }
  goto again;

after_access:
  pc += op->bytes;
  op += op->bytes / 2;
  if (--left_ == 0 || leave_) [[unlikely]] {
    goto done;
  }
  goto again;

jumped:
  if (--left_ == 0 || leave_) [[unlikely]] {
    goto done;
  }
  goto locate;

trap:
  --left_;
  if (!take_trap(trap_, pc)) {
    instructions_ += elapsed();
    return Stop::Trapped;
  }
  pc = state_.pc;
  if (left_ == 0 || leave_) {
    goto done;
  }
  goto locate;

done:
  state_.pc = pc;
  instructions_ += elapsed();
  return left_ == 0 ? Stop::Budget : Stop::Access;

#undef KPU_LOAD
#undef KPU_STORE
#undef KPU_BRANCH
#undef KPU_RESULT
}

}  // namespace kpu::board
