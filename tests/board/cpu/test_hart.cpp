// SPDX-License-Identifier: Apache-2.0
//
// What random user-mode programs (test_lockstep) cannot show: traps, interrupts, control registers,
// time, code that changes under the processor. Instructions are encoded by hand.
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <vector>

#include "board/cpu/hart.h"
#include "common/bits.h"
#include "tests/support/catch2.h"

namespace kpu::board {
namespace {

constexpr std::uint64_t kBase = Ram::kCached;
constexpr std::uint32_t kNop = 0x0000'0013;
constexpr std::uint32_t kWfi = 0x1050'0073;
constexpr std::uint32_t kMret = 0x3020'0073;

constexpr std::uint32_t addi(std::uint32_t rd, std::uint32_t rs1, std::int32_t imm) {
  return 0x13u | rd << 7 | rs1 << 15 | static_cast<std::uint32_t>(imm) << 20;
}
constexpr std::uint32_t csrr(std::uint32_t rd, std::uint32_t csr) {
  return 0x2073u | rd << 7 | csr << 20;
}
constexpr std::uint32_t sw(std::uint32_t rs2, std::uint32_t rs1) {
  return 0x2023u | rs1 << 15 | rs2 << 20;
}
constexpr std::uint32_t lw(std::uint32_t rd, std::uint32_t rs1) {
  return 0x2003u | rd << 7 | rs1 << 15;
}

/// A bus with one register at 0x1000; everything else is a fault.
class OneRegister final : public Bus {
 public:
  bool load(std::uint64_t address, unsigned, std::uint64_t& value) override {
    value = reg;
    return address == 0x1000;
  }
  bool store(std::uint64_t address, unsigned, std::uint64_t value) override {
    reg = value;
    return address == 0x1000;
  }
  std::uint64_t reg = 7;
};

struct Machine {
  explicit Machine(std::initializer_list<std::uint32_t> program) {
    put(0, program);
    put(0x100, {0x0000'006F});  // the trap handler: j .
    hart.state().pc = kBase;
    hart.state().mtvec = kBase + 0x100;
  }
  void put(std::size_t at, std::initializer_list<std::uint32_t> words) {
    for (const std::uint32_t word : words) {
      ram.store<std::uint32_t>(at, word);
      at += 4;
    }
  }
  std::uint64_t x(unsigned i) const { return hart.state().x[i]; }

  Ram ram;
  OneRegister bus;
  Hart hart{0, ram, bus};
};

TEST_CASE("a budget of cycles is kept to the instruction") {
  Machine m({addi(1, 1, 1), addi(1, 1, 1), addi(1, 1, 1)});
  CHECK(m.hart.run(0, 2) == Stop::Budget);
  CHECK(m.x(1) == 2);
  CHECK(m.hart.state().pc == kBase + 8);
  CHECK(m.hart.instructions() == 2);
}

TEST_CASE("a trap tells its cause, place and value") {
  struct Case {
    std::uint32_t instruction;
    std::uint64_t cause, value;
  };
  const Case c = GENERATE(Case{0x0000'0073, 11, 0}, Case{0x0010'0073, 3, kBase + 4},
                          Case{0xFFFF'FFFF, 2, 0xFFFF'FFFF},
                          Case{csrr(1, 0x7FF), 2, csrr(1, 0x7FF)}, Case{lw(1, 0), 5, 0},
                          Case{sw(1, 0), 7, 0}, Case{0x0000'0067, 1, 0},  // jalr to address 0
                          Case{0x0000'0053, 2, 0x0000'0053},              // fadd.s with FS off
                          Case{0xF140'1073, 2, 0xF140'1073},              // write to mhartid
                          Case{0x1001'212F | 1u << 15, 6, 0x8000'0001}    // lr.w misaligned
  );
  CAPTURE(c.instruction);
  Machine m({kNop, c.instruction});
  m.hart.state().mstatus |= kMie;
  m.hart.state().x[2] = 0x8000'0001;
  if (c.cause == 6) {
    m.put(4, {0x1001'20AF});  // lr.w x1, (x2)
  }
  m.hart.run(0, c.cause == 1 ? 3 : 2);
  const HartState& s = m.hart.state();
  CHECK(s.mcause == c.cause);
  CHECK(s.mtval == c.value);
  CHECK(s.mepc == (c.cause == 1 ? 0 : kBase + 4));
  CHECK(s.pc == kBase + 0x100);
  CHECK((s.mstatus & (kMie | kMpie)) == kMpie);
}

TEST_CASE(
    "an interrupt is taken before the first instruction, in the order external, soft, timer") {
  Machine m({kNop, kNop});
  m.put(0x100, {kMret});
  m.hart.state().mstatus |= kMie;
  m.hart.state().mie = ~0ull;
  m.hart.set_pending(kTimerInterrupt | kSoftwareInterrupt | kExternalInterrupt);
  m.hart.run(0, 1);
  CHECK(m.hart.state().mcause == (1ull << 63 | 11));
  CHECK(m.hart.state().mepc == kBase);
  CHECK(m.hart.state().pc == kBase);  // mret has brought it back
  CHECK((m.hart.state().mstatus & kMie) != 0);
  m.hart.set_pending(kTimerInterrupt | kSoftwareInterrupt);
  m.hart.run(0, 1);
  CHECK(m.hart.state().mcause == (1ull << 63 | 3));
  m.hart.state().mtvec |= 1;  // vectored
  m.hart.set_pending(kTimerInterrupt);
  m.put(0x100 + 7 * 4, {addi(9, 0, 9)});
  m.hart.run(0, 1);
  CHECK(m.hart.state().mcause == (1ull << 63 | 7));
  CHECK(m.x(9) == 9);
}

TEST_CASE(
    "enabling interrupts ends a slice, so that a pending one is taken at the next instruction") {
  Machine m({0x3004'6073, addi(1, 0, 1)});  // csrsi mstatus, 8
  m.hart.state().mie = kSoftwareInterrupt;
  m.hart.set_pending(kSoftwareInterrupt);
  CHECK(m.hart.run(0, 100) == Stop::Access);
  CHECK(m.x(1) == 0);
  m.hart.run(0, 1);
  CHECK(m.hart.state().mcause == (1ull << 63 | 3));
  CHECK(m.hart.state().mepc == kBase + 4);
}

TEST_CASE("wfi waits unless something enabled is pending, whatever mstatus says") {
  Machine m({kWfi, kWfi, addi(1, 0, 1)});
  m.hart.state().mie = kTimerInterrupt;
  m.hart.set_pending(kTimerInterrupt);
  CHECK(m.hart.run(0, 3) == Stop::Budget);
  CHECK(m.x(1) == 1);
  Machine other({kWfi, kNop});
  CHECK(other.hart.run(0, 100) == Stop::Wait);
  CHECK(other.hart.elapsed() == 1);
  CHECK(other.hart.state().pc == kBase + 4);
}

TEST_CASE("code that a program writes is run as written, fence.i or not") {
  Machine m({addi(1, 0, 1), sw(2, 3), addi(1, 0, 5), addi(1, 1, 1)});
  m.hart.state().x[2] = addi(1, 0, 7);
  m.hart.state().x[3] = kBase + 8;
  m.hart.run(0, 4);
  CHECK(m.x(1) == 8);
  // Again, with everything decoded, through the other alias, and half an instruction.
  m.hart.state().pc = kBase;
  m.hart.state().x[2] = addi(1, 0, 2) >> 16;
  m.hart.state().x[3] = Ram::kUncached + 10;
  m.put(4, {0x0021'9023});  // sh x2, 0(x3)
  m.hart.run(0, 4);
  CHECK(m.x(1) == 3);
}

TEST_CASE("an instruction across pages is decoded anew each time") {
  Machine m({});
  const std::uint32_t first = addi(1, 0, 1);
  const std::uint32_t second = addi(1, 0, 2);
  m.ram.store<std::uint16_t>(4094, static_cast<std::uint16_t>(first));
  m.ram.store<std::uint16_t>(4096, static_cast<std::uint16_t>(first >> 16));
  m.ram.store<std::uint32_t>(4098, kNop);
  m.hart.state().pc = kBase + 4094;
  m.hart.run(0, 2);
  CHECK(m.x(1) == 1);
  CHECK(m.hart.state().pc == kBase + 4102);
  m.ram.store<std::uint16_t>(4096, static_cast<std::uint16_t>(second >> 16));
  m.hart.state().pc = kBase + 4094;
  m.hart.run(0, 1);
  CHECK(m.x(1) == 2);
}

TEST_CASE("store-conditional succeeds only right after its load-reserved") {
  // lr.w x1,(x3); sc.w x4,x2,(x3); sc.w x5,x2,(x3)
  Machine m({0x1001'A0AF, 0x1821'A22F, 0x1821'A2AF});
  m.hart.state().x[2] = 42;
  m.hart.state().x[3] = kBase + 0x800;
  m.hart.run(0, 3);
  CHECK(m.x(4) == 0);
  CHECK(m.x(5) == 1);
  CHECK(m.ram.load<std::uint32_t>(0x800) == 42);
}

TEST_CASE("mcycle is time, and a loop that only reads it moves time on") {
  // csrr x1,mcycle; bltu x1,x2,-4
  Machine m({csrr(1, 0xB00), 0xFE20'EEE3, 0x0000'006F});
  m.hart.state().x[2] = 1'000'000;
  CHECK(m.hart.run(1000, 1'100'000) == Stop::Budget);
  CHECK(m.x(1) >= 1'000'000);
  CHECK(m.x(1) < 1'000'000 + 2100);
  CHECK(m.hart.skipped() > 900'000);
}

TEST_CASE("an access outside RAM ends the slice with its value") {
  Machine m({lw(1, 2), addi(1, 1, 1)});
  m.hart.state().x[2] = 0x1000;
  CHECK(m.hart.run(0, 10) == Stop::Access);
  CHECK(m.x(1) == 7);
  CHECK(m.hart.elapsed() == 1);
}

TEST_CASE("a handler that traps on its first instruction ends the run with the state kept") {
  Machine m({0xFFFF'FFFF});
  m.put(0x100, {0xFFFF'FFFF});
  CHECK(m.hart.run(0, 1000) == Stop::Trapped);
  CHECK(m.hart.state().mepc == kBase);
  CHECK(m.hart.state().pc == kBase + 0x100);
  CHECK(m.hart.describe().find("mcause 0x2") != std::string::npos);
}

TEST_CASE("a handler that returns to the fault it was called for ends the run") {
  Machine m({0xFFFF'FFFF});
  m.put(0x100, {kNop, kMret});
  Stop stop = Stop::Access;
  for (int i = 0; i < 20'000 && stop == Stop::Access; ++i) {
    stop = m.hart.run(0, 100);
  }
  CHECK(stop == Stop::Trapped);
  CHECK(m.hart.state().pc == kBase);
  // Calls come back without end.
  Machine calls({0x0000'0073, 0xFFDF'F06F});  // ecall; j -4
  calls.put(0x100, {0x3410'2173, addi(2, 2, 4), 0x3411'1073, kMret});
  stop = Stop::Access;
  for (int i = 0; i < 50'000 && stop == Stop::Access; ++i) {
    stop = calls.hart.run(0, 100);
  }
  CHECK(stop == Stop::Access);
}

TEST_CASE("breakpoints stop before their instruction and let it run when continued") {
  Machine m({kNop, addi(1, 1, 1), 0xFFDF'F06F});  // j -4
  m.hart.set_breakpoints({kBase + 4});
  CHECK(m.hart.run(0, 100) == Stop::Breakpoint);
  CHECK(m.x(1) == 0);
  CHECK(m.hart.run(0, 100) == Stop::Breakpoint);
  CHECK(m.x(1) == 1);
}

TEST_CASE("random memory as a program never does more than trap") {
  const std::uint64_t seed = GENERATE(range(1, 41));
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  Machine m({});
  std::vector<std::uint8_t> bytes(Ram::kBytes);
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    store_le<std::uint64_t>(bytes, i, random());
  }
  m.ram.write(0, bytes);
  m.put(0x100, {0x3410'2173, addi(2, 2, 2), 0x3411'1073, kMret});  // skip what trapped
  for (unsigned i = 1; i < 32; ++i) {
    m.hart.state().x[i] = kBase + random() % Ram::kBytes;
  }
  m.hart.state().mstatus |= kFs;
  for (int i = 0; i < 1000 && m.hart.run(0, 1000) != Stop::Trapped; ++i) {
  }
  SUCCEED();
}

}  // namespace
}  // namespace kpu::board
