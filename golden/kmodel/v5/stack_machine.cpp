// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/v5/stack_machine.h"

#include <fmt/format.h>

#include <bit>

#include "common/bits.h"
#include "common/error.h"
#include "golden/kmodel/v5/stack_arithmetic.h"
#include "golden/kmodel/v5/stack_opcodes.h"

namespace kpu::golden::v5 {
namespace {

constexpr std::size_t kStackDepth = 4096;
constexpr std::size_t kRegisters = 256;
/// More than any network has: a loop that does not end is an error.
constexpr std::size_t kMaxSteps = 10'000'000;

}  // namespace

AddressSpace::Address AddressSpace::add(std::span<std::uint8_t> region) {
  regions_.push_back(region);
  return static_cast<Address>(regions_.size()) << 32;
}

std::span<std::uint8_t> AddressSpace::bytes(Address address, std::uint64_t count) const {
  const auto index = static_cast<std::uint64_t>(address) >> 32;
  const auto offset = bits(static_cast<std::uint64_t>(address), 0, 32);
  if (index == 0 || index > regions_.size()) {
    throw Error(fmt::format("address {:#x}: expected one in a buffer", address));
  }
  const std::span<std::uint8_t> region = regions_[index - 1];
  if (count > region.size() || offset > region.size() - count) {
    throw Error(fmt::format("{} bytes at offset {}: expected an end within the buffer's {}", count,
                            offset, region.size()));
  }
  return region.subspan(offset, count);
}

StackMachine::StackMachine(const Function& function, const Numbering& numbering,
                           AddressSpace& memory, const MemoryBases& bases)
    : function_(function),
      numbering_(numbering),
      memory_(memory),
      bases_(bases),
      shapes_(kRegisters),
      paddings_(kRegisters) {}

bool StackMachine::run(TensorHandler& handler, bool trace) {
  FieldReader text(function_.text, 0, function_.text.size(), "stackvm text");
  for (std::size_t steps = 0; steps < kMaxSteps; ++steps) {
    if (text.remaining() == 0) {
      return true;  // programs need not end with a return
    }
    const std::size_t at = text.offset();
    offset_ = at;
    const std::uint8_t opcode = text.u8("opcode");
    if (opcode == kReturn) {
      return true;
    }
    const bool reads_memory = (opcode >= kLoadIndirect && opcode < kStoreIndirect) ||
                              (opcode >= kLoadElement && opcode < kStoreElement);
    if (trace && reads_memory) {
      return false;
    }
    try {
      if (opcode == kOpcodeTensor) {
        TensorCall call = read_tensor_call(numbering_, text);
        call.offset = at;
        call.bytes = text.offset() - at;
        handler.tensor(call, *this);
      } else if (!step(opcode, text)) {
        throw Error(fmt::format("opcode {:#04x}: not one that the runtime runs", opcode));
      }
    } catch (const NotImplemented& error) {
      throw NotImplemented(fmt::format("{} at text offset {}", error.what(), at));
    } catch (const Error& error) {
      throw Error(fmt::format("stackvm text offset {}: {}", at, error.what()));
    }
  }
  throw Error(fmt::format("stackvm: no end after {} instructions", kMaxSteps));
}

/// Runs one scalar instruction; false for an opcode that the runtime does not run.
bool StackMachine::step(std::uint8_t opcode, FieldReader& text) {
  const auto within = [&](std::uint8_t first, std::size_t count) {
    return opcode >= first && opcode < first + count;
  };
  if (within(kLoadIndirect, kNumberBytes.size())) {
    load(pop_integer(), opcode - kLoadIndirect);
  } else if (within(kStoreIndirect, kStoreTypes.size())) {
    const StackValue value = pop();
    store(pop_integer(), value, kStoreTypes[opcode - kStoreIndirect]);
  } else if (within(kLoadElement, kNumberBytes.size())) {
    const unsigned type = opcode - kLoadElement;
    const std::int64_t index = pop_integer();
    load(wrap_add(pop_integer(), wrap_mul(index, kNumberBytes[type])), type);
  } else if (within(kStoreElement, kStoreTypes.size())) {
    const NumberType type = kStoreTypes[opcode - kStoreElement];
    const StackValue value = pop();
    const std::int64_t index = pop_integer();
    store(wrap_add(pop_integer(), wrap_mul(index, kNumberBytes[type])), value, type);
  } else if (within(kNeg, kFirstCompare - kNeg)) {
    const StackValue top = pop();
    const bool one_operand = opcode == kNeg || opcode == kNot;
    push(one_operand ? negated(opcode, top) : arithmetic(opcode, pop(), top));
  } else if (within(kFirstCompare, kConvert - kFirstCompare)) {
    const StackValue right = pop();
    push_integer(compare(opcode, pop(), right) ? 1 : 0);
  } else if (within(kConvert, kNumberBytes.size())) {
    push(converted(pop(), opcode - kConvert));
  } else {
    switch (opcode) {
      case kNop:
        break;
      case kLoadNull:
      case kLoadI4Zero:
        push_integer(0);
        break;
      case kLoadI4One:
        push_integer(1);
        break;
      case kLoadI4:
        push_integer(text.i32("LDC_I4"));
        break;
      case kLoadR4:
        push({.real = text.f32("LDC_R4"), .is_real = true});
        break;
      case kLoadBuffer:
        load_buffer_address(text);
        break;
      case kDup: {
        const StackValue top = pop();
        push(top);
        push(top);
        break;
      }
      case kPop:
        pop();
        break;
      case kStoreShape: {
        Shape& shape = shapes_[text.u8("register")];
        shape.resize(text.u8("rank"));
        for (std::size_t i = shape.size(); i-- > 0;) {
          shape[i] = static_cast<std::uint32_t>(pop_integer());
        }
        break;
      }
      case kStorePaddings: {
        std::vector<Padding>& paddings = paddings_[text.u8("register")];
        paddings.resize(text.u8("rank"));
        for (std::size_t i = paddings.size(); i-- > 0;) {
          paddings[i] = pop_padding();
        }
        break;
      }
      case kBranch:
        branch(text.i32("BR"), text);
        break;
      case kBranchTrue:
      case kBranchFalse: {
        const std::int32_t distance = text.i32("BR");
        if ((pop_integer() != 0) == (opcode == kBranchTrue)) {
          branch(distance, text);
        }
        break;
      }
      default:
        return false;
    }
  }
  return true;
}

void StackMachine::push(StackValue value) {
  if (stack_.size() == kStackDepth) {
    throw Error(fmt::format("stack: expected at most {} values", kStackDepth));
  }
  stack_.push_back(value);
}

StackValue StackMachine::pop() {
  if (stack_.empty()) {
    throw Error("stack: empty, expected a value");
  }
  const StackValue value = stack_.back();
  stack_.pop_back();
  return value;
}

float StackMachine::pop_real() { return pop().as_real(); }

Padding StackMachine::pop_padding() {
  const std::int64_t gap = numbering_.interior_padding() ? pop_integer() : 0;
  const auto after = static_cast<std::int32_t>(pop_integer());
  const auto before = static_cast<std::int32_t>(pop_integer());
  constexpr std::int32_t kLimit = 1 << 16;
  if (before < -kLimit || before > kLimit || after < -kLimit || after > kLimit) {
    throw Error(fmt::format("padding {},{}: expected {} to {}", before, after, -kLimit, kLimit));
  }
  if (gap < 0 || gap > kLimit) {
    throw Error(fmt::format("padding: gap of {} between elements, expected 0 to {}", gap, kLimit));
  }
  return {before, after, static_cast<std::int32_t>(gap)};
}

const Shape& StackMachine::shape(std::uint32_t index) const {
  if (index >= kRegisters) {
    throw Error(fmt::format("shape register {}: expected below {}", index, kRegisters));
  }
  return shapes_[index];
}

const std::vector<Padding>& StackMachine::paddings(std::uint32_t index) const {
  if (index >= kRegisters) {
    throw Error(fmt::format("paddings register {}: expected below {}", index, kRegisters));
  }
  return paddings_[index];
}

void StackMachine::load_buffer_address(FieldReader& text) {
  const std::uint8_t location = text.u8("location");
  text.u8("subres");
  const std::uint32_t offset = text.u32("offset");
  // Inputs and outputs lie in pools at their declared starts, so an offset finds its buffer.
  switch (static_cast<Location>(location)) {
    case Location::kInput:
      push_integer(bases_.input + offset);
      break;
    case Location::kOutput:
      push_integer(bases_.output + offset);
      break;
    case Location::kRdata:
      push_integer(bases_.rdata + offset);
      break;
    case Location::kData:
      push_integer(bases_.data + offset);
      break;
    default:
      throw Error(fmt::format("LEA_BUFFER location={}: expected 0 to 3", location));
  }
}

void StackMachine::load(AddressSpace::Address address, unsigned type) {
  const std::span<const std::uint8_t> raw = memory_.bytes(address, kNumberBytes[type]);
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    word |= std::uint64_t{raw[i]} << (8 * i);
  }
  const auto width = static_cast<unsigned>(8 * raw.size());
  if (type == kR4) {
    push({.real = std::bit_cast<float>(static_cast<std::uint32_t>(word)), .is_real = true});
  } else if (type == kBr2) {
    push({.real = std::bit_cast<float>(static_cast<std::uint32_t>(word) << 16), .is_real = true});
  } else {
    push_integer(type <= kI ? signed_bits(word, 0, width) : static_cast<std::int64_t>(word));
  }
}

void StackMachine::store(AddressSpace::Address address, StackValue value, unsigned type) {
  std::uint64_t word = static_cast<std::uint64_t>(value.integer);
  if (type == kR4 || type == kBr2) {
    word = std::bit_cast<std::uint32_t>(value.as_real());
    word >>= type == kBr2 ? 16 : 0;
  }
  for (std::uint8_t& byte : memory_.bytes(address, kNumberBytes[type])) {
    byte = static_cast<std::uint8_t>(word);
    word >>= 8;
  }
}

void StackMachine::branch(std::int64_t distance, FieldReader& text) {
  const std::int64_t target = static_cast<std::int64_t>(text.offset()) + distance;
  if (target < 0 || target >= static_cast<std::int64_t>(function_.text.size())) {
    throw Error(fmt::format("branch to {}: expected inside the text's {} bytes", target,
                            function_.text.size()));
  }
  text = FieldReader(function_.text, static_cast<std::size_t>(target), function_.text.size(),
                     "stackvm text");
}

}  // namespace kpu::golden::v5
