// SPDX-License-Identifier: Apache-2.0
//
// Random programs of all instructions but the privileged ones, run by the hart and by qemu's
// user-mode emulator: an implementation of the same manual by other people. All integer and float
// registers, the float flags and the memory written must be the same at the end. Operands are drawn
// from the edges (zeros, infinities, NaNs, subnormals, limits of integers) as often as from
// between.
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "board/cpu/hart.h"
#include "common/bits.h"
#include "common/files.h"
#include "tests/support/catch2.h"

namespace kpu::board {
namespace {

constexpr std::uint64_t kCode = Ram::kCached;
constexpr std::uint64_t kData = Ram::kCached + 0x10'0000;
constexpr std::size_t kDataBytes = 4096;    // what programs read and write
constexpr std::size_t kResultBytes = 1024;  // registers at the end, behind it
constexpr unsigned kPrograms = 40;
constexpr unsigned kLength = 4000;  // random instructions a program

/// An encoding without its operands.
struct Form {
  std::uint32_t bits;
  enum {
    R,
    I,
    Shift,
    Shift32,
    Load,
    Store,
    Amo,
    Branch,
    Float,
    FloatRounds,
    FloatToInt,
    Fused,
    LoadFp,
    StoreFp,
    Upper
  } kind;
};

std::vector<Form> make_forms() {
  std::vector<Form> forms;
  for (const std::uint32_t opcode : {0x33u, 0x3Bu}) {
    for (const std::uint32_t funct3 : {0u, 1u, 5u})
      forms.push_back({opcode | funct3 << 12, Form::R});
    for (const std::uint32_t funct3 : {0u, 5u})
      forms.push_back({opcode | funct3 << 12 | 0x20u << 25, Form::R});
    for (const std::uint32_t funct3 : {0u, 4u, 5u, 6u, 7u})
      forms.push_back({opcode | funct3 << 12 | 1u << 25, Form::R});
  }
  for (const std::uint32_t funct3 : {2u, 3u, 4u, 6u, 7u}) {
    forms.push_back({0x33u | funct3 << 12, Form::R});
    forms.push_back({0x13u | funct3 << 12, Form::I});
  }
  for (const std::uint32_t funct3 : {1u, 2u, 3u})
    forms.push_back({0x33u | funct3 << 12 | 1u << 25, Form::R});
  forms.push_back({0x13, Form::I});
  forms.push_back({0x1B, Form::I});
  forms.push_back({0x37, Form::Upper});
  for (const std::uint32_t upper : {0u, 0x400u << 20}) {
    forms.push_back({0x13u | 5u << 12 | upper, Form::Shift});
    forms.push_back({0x1Bu | 5u << 12 | upper, Form::Shift32});
  }
  forms.push_back({0x13u | 1u << 12, Form::Shift});
  forms.push_back({0x1Bu | 1u << 12, Form::Shift32});
  for (std::uint32_t funct3 = 0; funct3 < 7; ++funct3)
    forms.push_back({0x03u | funct3 << 12, Form::Load});
  for (std::uint32_t funct3 = 0; funct3 < 4; ++funct3)
    forms.push_back({0x23u | funct3 << 12, Form::Store});
  for (const std::uint32_t width : {2u, 3u}) {
    for (const std::uint32_t funct5 : {0u, 1u, 4u, 8u, 0xCu, 0x10u, 0x14u, 0x18u, 0x1Cu}) {
      forms.push_back({0x2Fu | width << 12 | funct5 << 27, Form::Amo});
    }
    forms.push_back({0x07u | width << 12, Form::LoadFp});
    forms.push_back({0x27u | width << 12, Form::StoreFp});
  }
  for (const std::uint32_t funct3 : {0u, 1u, 4u, 5u, 6u, 7u})
    forms.push_back({0x63u | funct3 << 12, Form::Branch});
  for (const std::uint32_t format : {0u, 1u}) {
    const std::uint32_t f = 0x53u | format << 25;
    for (const std::uint32_t opcode : {0x43u, 0x47u, 0x4Bu, 0x4Fu}) {
      for (int i = 0; i < 3; ++i) forms.push_back({opcode | format << 25, Form::Fused});
    }
    for (const std::uint32_t funct5 : {0u, 1u, 2u, 3u}) {
      for (int i = 0; i < 4; ++i) forms.push_back({f | funct5 << 27, Form::FloatRounds});
    }
    forms.push_back({f | 0x0Bu << 27, Form::FloatRounds});
    for (std::uint32_t funct3 = 0; funct3 < 3; ++funct3) {
      forms.push_back({f | 0x04u << 27 | funct3 << 12, Form::Float});
      forms.push_back({f | 0x14u << 27 | funct3 << 12, Form::Float});
    }
    for (std::uint32_t funct3 = 0; funct3 < 2; ++funct3) {
      forms.push_back({f | 0x05u << 27 | funct3 << 12, Form::Float});
      forms.push_back({f | 0x1Cu << 27 | funct3 << 12, Form::Float});
    }
    forms.push_back({f | 0x1Eu << 27, Form::Float});
    forms.push_back({f | 0x08u << 27 | (1 - format) << 20, Form::FloatRounds});
    for (std::uint32_t rs2 = 0; rs2 < 4; ++rs2) {
      forms.push_back({f | 0x18u << 27 | rs2 << 20, Form::FloatToInt});
      forms.push_back({f | 0x1Au << 27 | rs2 << 20, Form::FloatRounds});
    }
  }
  return forms;
}

class Program {
 public:
  explicit Program(std::uint64_t seed) : random_(seed) {
    lui(3, kData);
    // Registers from the data, flags clear.
    for (std::uint32_t i = 5; i < 32; ++i)
      word(0x03u | 3u << 12 | i << 7 | 3u << 15 | (i * 8) << 20);
    for (std::uint32_t i = 0; i < 32; ++i)
      word(0x07u | 3u << 12 | i << 7 | 3u << 15 | (256 + i * 8) << 20);
    const std::vector<Form> forms = make_forms();
    for (unsigned i = 0; i < kLength; ++i) {
      if (i % 16 == 0) {
        word(0x002'05073u | below(5) << 15);  // csrwi frm
      }
      if (below(6) == 0) {
        compressed();
      } else {
        instruction(forms[below(static_cast<unsigned>(forms.size()))]);
      }
    }
    // Land every forward branch, then store the state.
    for (int i = 0; i < 16; ++i) half(0x0001);
    lui(4, kData + kDataBytes);
    for (std::uint32_t i = 5; i < 32; ++i) store(0x23, i, i * 8);
    for (std::uint32_t i = 0; i < 32; ++i) store(0x27, i, 256 + i * 8);
    word(0x0030'22F3);  // csrr x5, fcsr
    store(0x23, 5, 512);
    // write(1, data, size); exit(0)
    word(0x0010'0513);                                                    // li a0, 1
    word(0x0001'8593);                                                    // mv a1, gp
    word(0x0000'0637 | (kDataBytes + kResultBytes + 0x800) >> 12 << 12);  // lui a2
    word(0x0006'0613 | static_cast<std::uint32_t>((kDataBytes + kResultBytes) << 20));
    word(0x0400'0893);  // li a7, 64
    word(0x0000'0073);
    word(0x0000'0513);
    word(0x05D0'0893);  // li a7, 93
    word(0x0000'0073);
    for (std::size_t i = 0; i < kDataBytes / 8; ++i) {
      for (unsigned b = 0; b < 8; ++b) data_.push_back(0);
      store_le<std::uint64_t>(data_, i * 8, value());
    }
    data_.resize(kDataBytes + kResultBytes);
  }

  const std::vector<std::uint8_t>& code() const { return code_; }
  const std::vector<std::uint8_t>& data() const { return data_; }

 private:
  std::uint32_t below(unsigned n) { return static_cast<std::uint32_t>(random_() % n); }
  /// A register that programs may change: not sp, gp, tp, ra.
  std::uint32_t reg() { return below(8) == 0 ? 0 : 5 + below(27); }
  void half(std::uint32_t bits) {
    code_.push_back(static_cast<std::uint8_t>(bits));
    code_.push_back(static_cast<std::uint8_t>(bits >> 8));
  }
  void word(std::uint32_t bits) {
    half(bits);
    half(bits >> 16);
  }
  void lui(std::uint32_t rd, std::uint64_t value) {
    word(0x37u | rd << 7 | static_cast<std::uint32_t>(value));
    word(0x13u | 1u << 12 | rd << 7 | rd << 15 | 32u << 20);  // slli, srli: zero-extended
    word(0x13u | 5u << 12 | rd << 7 | rd << 15 | 32u << 20);
  }
  void store(std::uint32_t opcode, std::uint32_t rs2, std::uint32_t at) {
    word(opcode | 3u << 12 | 4u << 15 | rs2 << 20 | (at >> 5) << 25 | (at & 31) << 7);
  }

  std::uint64_t value() {
    static constexpr std::uint64_t kEdges[] = {0,
                                               1,
                                               2,
                                               ~0ull,
                                               ~0ull - 1,
                                               1ull << 63,
                                               (1ull << 63) - 1,
                                               0x7FF0'0000'0000'0000,
                                               0xFFF0'0000'0000'0000,
                                               0x7FF8'0000'0000'0000,
                                               0x7FF0'0000'0000'0001,
                                               0x000F'FFFF'FFFF'FFFF,
                                               0x0010'0000'0000'0000,
                                               0x8000'0000'0000'0001,
                                               0x3FF0'0000'0000'0000,
                                               0xBFE0'0000'0000'0000,
                                               0x7FEF'FFFF'FFFF'FFFF,
                                               0x41E0'0000'0000'0000,
                                               0x43E0'0000'0000'0000,
                                               0xC3E0'0000'0000'0000};
    static constexpr std::uint32_t kEdges32[] = {
        0,           1,           0x8000'0000, 0x7F80'0000, 0xFF80'0000, 0x7FC0'0000,
        0x7F80'0001, 0x007F'FFFF, 0x0080'0000, 0x8080'0000, 0x3F80'0000, 0xBF00'0000,
        0x7F7F'FFFF, 0x4F00'0000, 0x5F00'0000, 0xDF00'0000, 0x3FC0'0000, 0x4020'0000};
    switch (below(6)) {
      case 0:
        return kEdges[below(std::size(kEdges))];
      case 1:
      case 2:
        return 0xFFFF'FFFF'0000'0000 | kEdges32[below(std::size(kEdges32))];
      case 3:
        return 0xFFFF'FFFF'0000'0000 | static_cast<std::uint32_t>(random_());
      case 4:
        return (random_() & 0x800F'FFFF'FFFF'FFFF) | std::uint64_t{0x3F0 + below(0x80)} << 52;
      default:
        return random_();
    }
  }

  void compressed() {
    const std::uint32_t rd = 5 + below(27);
    const std::uint32_t rs2 = 5 + below(27);
    const std::uint32_t imm = (below(31) + 1) << 2 | below(2) << 12;
    const std::uint32_t s = below(8) << 7;
    switch (below(9)) {
      case 0:
        half(0x0001 | rd << 7 | imm);
        break;  // c.addi
      case 1:
        half(0x2001 | rd << 7 | imm);
        break;  // c.addiw
      case 2:
        half(0x4001 | rd << 7 | imm);
        break;  // c.li
      case 3:
        half(0x6001 | rd << 7 | imm);
        break;  // c.lui
      case 4:
        half(0x8001 | s | below(3) << 10 | imm);
        break;  // c.srli, c.srai, c.andi
      case 5:
        half(0x8C01 | s | below(4) << 5 | below(8) << 2);
        break;  // c.sub ..
      case 6:
        half(0x9C01 | s | below(2) << 5 | below(8) << 2);
        break;  // c.subw, c.addw
      case 7:
        half(0x0002 | rd << 7 | imm);
        break;  // c.slli
      default:
        half(0x8002 | below(2) << 12 | rd << 7 | rs2 << 2);
        break;  // c.mv, c.add
    }
  }

  void instruction(const Form& form) {
    const std::uint32_t rd = reg() << 7;
    const std::uint32_t rs1 = reg() << 15;
    const std::uint32_t rs2 = reg() << 20;
    const std::uint32_t at = below(2040);
    switch (form.kind) {
      case Form::R:
        word(form.bits | rd | rs1 | rs2);
        break;
      case Form::I:
        word(form.bits | rd | rs1 | below(4096) << 20);
        break;
      case Form::Upper:
        word(form.bits | rd | below(1 << 20) << 12);
        break;
      case Form::Shift:
        word(form.bits | rd | rs1 | below(64) << 20);
        break;
      case Form::Shift32:
        word(form.bits | rd | rs1 | below(32) << 20);
        break;
      case Form::Load:
        word(form.bits | rd | 3u << 15 | at << 20);
        break;
      case Form::LoadFp:
        word(form.bits | below(32) << 7 | 3u << 15 | at << 20);
        break;
      case Form::Store:
        word(form.bits | 3u << 15 | rs2 | (at >> 5) << 25 | (at & 31) << 7);
        break;
      case Form::StoreFp:
        word(form.bits | 3u << 15 | below(32) << 20 | (at >> 5) << 25 | (at & 31) << 7);
        break;
      case Form::Amo:
        word(form.bits | rd | 3u << 15 | rs2);
        break;
      case Form::Branch:
        word(form.bits | rs1 | rs2 | 8u << 7);
        half(0x0001);
        half(0x0001);
        break;
      case Form::Float:
        float_operation(form.bits);
        break;
      case Form::FloatRounds:
        float_operation(form.bits | rounding(false));
        break;
      case Form::FloatToInt:
        float_operation(form.bits | rounding(true));
        break;
      case Form::Fused:
        word(form.bits | below(32) << 7 | below(32) << 15 | below(32) << 20 | below(32) << 27 |
             rounding(false));
        break;
    }
  }

  /// Ties away from zero only where the result is an integer.
  std::uint32_t rounding(bool to_integer) { return below(to_integer ? 5 : 4) << 12; }

  /// Fills in registers: integer ones where an operation has them, which must not be reserved.
  void float_operation(std::uint32_t form) {
    const std::uint32_t funct5 = form >> 27;
    const bool two = funct5 < 4 || funct5 == 4 || funct5 == 5 || funct5 == 0x14;
    const bool to_integer = funct5 == 0x14 || funct5 == 0x18 || funct5 == 0x1C;
    const bool from_integer = funct5 == 0x1A || funct5 == 0x1E;
    word(form | (to_integer ? reg() : below(32)) << 7 | (from_integer ? reg() : below(32)) << 15 |
         (two ? below(32) << 20 : 0));
  }

  std::mt19937_64 random_;
  std::vector<std::uint8_t> code_;
  std::vector<std::uint8_t> data_;
};

/// A static executable with two segments, both readable, writable and executable.
std::vector<std::uint8_t> make_elf(const Program& program) {
  constexpr std::size_t kPage = 4096;
  const std::size_t data_at = kPage + (program.code().size() + kPage - 1) / kPage * kPage;
  std::vector<std::uint8_t> file(data_at + program.data().size());
  const std::uint8_t ident[] = {0x7F, 'E', 'L', 'F', 2, 1, 1};
  std::copy(std::begin(ident), std::end(ident), file.begin());
  store_le<std::uint32_t>(file, 16, 2 | 243u << 16);
  store_le<std::uint32_t>(file, 20, 1);
  store_le<std::uint64_t>(file, 24, kCode);
  store_le<std::uint64_t>(file, 32, 64);
  store_le<std::uint32_t>(file, 48, 5);  // RVC, double float ABI
  store_le<std::uint32_t>(file, 52, 64 | 56u << 16);
  store_le<std::uint32_t>(file, 56, 2);
  const auto segment = [&](std::size_t header, std::size_t at, std::uint64_t address,
                           const std::vector<std::uint8_t>& bytes) {
    store_le<std::uint32_t>(file, header, 1);
    store_le<std::uint32_t>(file, header + 4, 7);
    store_le<std::uint64_t>(file, header + 8, at);
    store_le<std::uint64_t>(file, header + 16, address);
    store_le<std::uint64_t>(file, header + 24, address);
    store_le<std::uint64_t>(file, header + 32, bytes.size());
    store_le<std::uint64_t>(file, header + 40, bytes.size());
    store_le<std::uint64_t>(file, header + 48, kPage);
    std::copy(bytes.begin(), bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(at));
  };
  segment(64, kPage, kCode, program.code());
  segment(120, data_at, kData, program.data());
  return file;
}

class NoBus final : public Bus {
 public:
  bool load(std::uint64_t, unsigned, std::uint64_t&) override { return false; }
  bool store(std::uint64_t, unsigned, std::uint64_t) override { return false; }
};

std::vector<std::uint8_t> run_here(const Program& program) {
  Ram ram;
  NoBus bus;
  ram.write(0, program.code());
  ram.write(kData - kCode, program.data());
  Hart hart(0, ram, bus);
  hart.state().pc = kCode;
  hart.state().mstatus |= kFs;
  hart.state().mtvec = Ram::kCached + 0x20'0000;
  // The first ecall leads to mtvec, where zeros are an illegal instruction.
  REQUIRE(hart.run(0, 1'000'000) == Stop::Trapped);
  const auto bytes = ram.bytes().subspan(kData - kCode, kDataBytes + kResultBytes);
  return {bytes.begin(), bytes.end()};
}

TEST_CASE("random programs end as qemu's emulator ends them") {
  const std::string folder =
      std::filesystem::temp_directory_path() / ("kpu_lockstep_" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  const std::string path = folder + "/program";
  for (unsigned i = 0; i < kPrograms; ++i) {
    CAPTURE(i);
    const Program program(1000 + i);
    const std::vector<std::uint8_t> elf = make_elf(program);
    write_file(path, elf.data(), elf.size());
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    const std::string command = std::string(KPU_QEMU) + " " + path + " > " + path + ".out";
    REQUIRE(std::system(command.c_str()) == 0);
    const std::vector<std::uint8_t> expected = read_file(path + ".out");
    const std::vector<std::uint8_t> got = run_here(program);
    REQUIRE(expected.size() == got.size());
    std::string differences;
    for (std::size_t at = 0; at < got.size(); at += 8) {
      const auto e = load_le<std::uint64_t>(expected, at);
      const auto g = load_le<std::uint64_t>(got, at);
      if (e != g) {
        char line[96];
        std::snprintf(line, sizeof line, "%4zx: qemu %016llx, here %016llx\n", at,
                      static_cast<unsigned long long>(e), static_cast<unsigned long long>(g));
        differences += line;
      }
    }
    INFO(differences);
    REQUIRE(differences.empty());
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace kpu::board
