// SPDX-License-Identifier: Apache-2.0
//
// AI RAM in the simulator's memory: one kpu_ai_ram, or a bank for each line of a word (rtl/mem/kpu_ai_banks.sv).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace kpu::tb {

/// The memories of a kpu_ai_ram with words of `WordBytes`: words, and copies of their first and last bytes. A word is little
/// endian in the simulator's memory, so that they lie there byte by byte.
template <std::size_t WordBytes, std::size_t Bytes>
struct AiRamBank {
  static constexpr std::size_t kWordBytes = WordBytes;
  static constexpr std::size_t kBytes = Bytes;
  std::uint8_t* words;
  std::uint8_t* first;
  std::uint8_t* last;
};

/// AI RAM of one bank or several, whose words follow each other in turn. Addresses are bytes; ranges must lie inside.
template <class Bank, std::size_t Banks>
class AiRam {
 public:
  /// Bytes of an access: all banks at once.
  static constexpr std::size_t kWordBytes = Bank::kWordBytes * Banks;
  static constexpr std::size_t kBytes = Bank::kBytes * Banks;

  explicit AiRam(const std::array<Bank, Banks>& banks) : banks_(banks) {}

  void write(std::size_t address, std::span<const std::uint8_t> bytes) const {
    pieces(address, bytes.size(), [&](const Bank& bank, std::size_t word, std::size_t at, std::size_t begin, std::size_t size) {
      std::uint8_t* const stored = bank.words + word * Bank::kWordBytes;
      std::memcpy(stored + at, bytes.data() + begin, size);
      bank.first[word] = stored[0];
      bank.last[word] = stored[Bank::kWordBytes - 1];
    });
  }
  void read(std::size_t address, std::span<std::uint8_t> bytes) const {
    pieces(address, bytes.size(), [&](const Bank& bank, std::size_t word, std::size_t at, std::size_t begin, std::size_t size) {
      std::memcpy(bytes.data() + begin, bank.words + word * Bank::kWordBytes + at, size);
    });
  }

 private:
  /// The pieces of a range that lie in one word: bank, word in it, byte of the word, byte of the range, size.
  template <class Piece>
  void pieces(std::size_t address, std::size_t size, Piece piece) const {
    for (std::size_t begin = 0; begin < size;) {
      const std::size_t word = (address + begin) / Bank::kWordBytes;
      const std::size_t at = (address + begin) % Bank::kWordBytes;
      const std::size_t part = std::min(size - begin, Bank::kWordBytes - at);
      piece(banks_[word % Banks], word / Banks, at, begin, part);
      begin += part;
    }
  }

  std::array<Bank, Banks> banks_;
};

/// Its members from those that Verilator makes of kpu_ai_ram.
template <class Words, class Bytes>
auto ai_ram_bank(Words& words, Bytes& first, Bytes& last) {
  return AiRamBank<sizeof(words[0]), sizeof(Words)>{reinterpret_cast<std::uint8_t*>(&words[0]), &first[0], &last[0]};
}

}  // namespace kpu::tb

#define KPU_AI_RAM_BANK(PATH) \
  ::kpu::tb::ai_ram_bank(root.PATH##__DOT__mem, root.PATH##__DOT__first_mem, root.PATH##__DOT__last_mem)
#define KPU_AI_RAM_BANK_OF(PATH, BANK) \
  KPU_AI_RAM_BANK(PATH##__DOT__gen_wide__DOT__u_banks__DOT__gen_bank__BRA__##BANK##__KET____DOT__u_ram)

/// Defines `NAME(root)`, which gives the AiRam of the kpu_ai_mem at PATH of a Verilated design.
#define KPU_DEFINE_AI_RAM(NAME, PATH)                                                                         \
  template <class Root>                                                                                       \
  auto NAME(Root& root) {                                                                                     \
    const auto banks = [&] {                                                                                  \
      if constexpr (requires { KPU_AI_RAM_BANK(PATH##__DOT__gen_line__DOT__u_ram); }) {                       \
        return std::array{KPU_AI_RAM_BANK(PATH##__DOT__gen_line__DOT__u_ram)};                                \
      } else if constexpr (requires { KPU_AI_RAM_BANK_OF(PATH, 2); }) {                                       \
        return std::array{KPU_AI_RAM_BANK_OF(PATH, 0), KPU_AI_RAM_BANK_OF(PATH, 1),                           \
                          KPU_AI_RAM_BANK_OF(PATH, 2), KPU_AI_RAM_BANK_OF(PATH, 3)};                          \
      } else {                                                                                                \
        return std::array{KPU_AI_RAM_BANK_OF(PATH, 0), KPU_AI_RAM_BANK_OF(PATH, 1)};                          \
      }                                                                                                       \
    }();                                                                                                      \
    return ::kpu::tb::AiRam(banks);                                                                           \
  }
