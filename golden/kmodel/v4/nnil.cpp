// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/v4/nnil.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <optional>

#include "common/bits.h"
#include "common/error.h"
#include "golden/ops/tensor_ops.h"

namespace kpu::golden {
namespace {

constexpr std::size_t kStackDepth = 64;

enum Opcode : std::uint8_t {
  kNop = 0x00,
  kDup = 0x01,
  kPop = 0x02,
  kLoadArgument = 0x03,
  kLoad0 = 0x04,
  kLoad1 = 0x05,
  kLoadConstant = 0x06,
  kFirstUnary = 0x20,
  kFirstBinary = 0x40,
  kClamp = 0x80,
  kReturn = 0xA0,
};

/// In the order of their opcodes.
constexpr std::array kUnaryOps = {UnaryOp::kAbs,   UnaryOp::kCeil,  UnaryOp::kCos, UnaryOp::kExp,
                                  UnaryOp::kFloor, UnaryOp::kLog,   UnaryOp::kNeg, UnaryOp::kRsqrt,
                                  UnaryOp::kSin,   UnaryOp::kSquare};
constexpr std::array kBinaryOps = {BinaryOp::kAdd, BinaryOp::kSub, BinaryOp::kMul,
                                   BinaryOp::kDiv, BinaryOp::kMin, BinaryOp::kMax};

/// What an opcode takes from the stack and puts there; nothing for an unknown opcode.
struct Effect {
  std::size_t pops, pushes, operand_bytes;
};

std::optional<Effect> effect(std::uint8_t opcode) {
  switch (opcode) {
    case kNop:
      return Effect{0, 0, 0};
    case kDup:
      return Effect{1, 2, 0};
    case kPop:
      return Effect{1, 0, 0};
    case kLoadArgument:
    case kLoad0:
    case kLoad1:
      return Effect{0, 1, 0};
    case kLoadConstant:
      return Effect{0, 1, 4};
    case kClamp:
      return Effect{3, 1, 0};
    case kReturn:
      return Effect{1, 0, 0};
    default:
      break;
  }
  if (opcode >= kFirstUnary && opcode < kFirstUnary + kUnaryOps.size()) {
    return Effect{1, 1, 0};
  }
  if (opcode >= kFirstBinary && opcode < kFirstBinary + kBinaryOps.size()) {
    return Effect{2, 1, 0};
  }
  return std::nullopt;
}

}  // namespace

void check_nnil(std::span<const std::uint8_t> code, const std::string& where) {
  std::size_t depth = 0;
  std::size_t at = 0;
  while (at < code.size()) {
    const std::uint8_t opcode = code[at];
    const std::optional<Effect> e = effect(opcode);
    const auto fail = [&](const char* what) {
      throw Error(fmt::format("{}: byte code {:#04x} at {}: {}", where, opcode, at, what));
    };
    if (!e) {
      fail("unknown, expected an opcode of the unary method");
    }
    if (depth < e->pops) {
      fail("takes more from the stack than there is");
    }
    if (opcode == kReturn) {
      return;
    }
    depth = depth - e->pops + e->pushes;
    if (depth > kStackDepth) {
      fail("expected a stack of at most 64");
    }
    if (e->operand_bytes > code.size() - at - 1) {
      fail("operand leaves the body");
    }
    at += 1 + e->operand_bytes;
  }
  throw Error(fmt::format("{}: byte code ends without a return", where));
}

float run_nnil(std::span<const std::uint8_t> code, float x) {
  std::array<float, kStackDepth> stack;
  std::size_t depth = 0;
  const auto pop = [&] { return stack[--depth]; };
  const auto push = [&](float value) { stack[depth++] = value; };
  for (std::size_t at = 0; code[at] != kReturn; ++at) {
    const std::uint8_t opcode = code[at];
    switch (opcode) {
      case kNop:
        break;
      case kDup: {
        const float top = pop();
        push(top);
        push(top);
        break;
      }
      case kPop:
        pop();
        break;
      case kLoadArgument:
        push(x);
        break;
      case kLoad0:
        push(0);
        break;
      case kLoad1:
        push(1);
        break;
      case kLoadConstant:
        push(load_le<float>(code, at + 1));
        at += 4;
        break;
      case kClamp: {
        const float high = pop();
        const float low = pop();
        push(ClampRange{low, high}.apply(pop()));
        break;
      }
      default:
        if (opcode >= kFirstBinary) {
          const float b = pop();
          const float a = pop();
          push(apply(kBinaryOps[opcode - kFirstBinary], a, b));
        } else {
          push(apply(kUnaryOps[opcode - kFirstUnary], pop()));
        }
    }
  }
  return pop();
}

}  // namespace kpu::golden
