// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "board/cpu/instruction.h"

namespace kpu::board {

/// AI RAM that lies inside something else: the simulated hardware.
class AiRamPort {
 public:
  virtual ~AiRamPort() = default;
  /// Bytes from `at` on, counted from the beginning of AI RAM; the caller has checked the range.
  virtual void read(std::size_t at, std::span<std::uint8_t> bytes) = 0;
  virtual void write(std::size_t at, std::span<const std::uint8_t> bytes) = 0;
};

/// The chip's 8 MiB of SRAM and AI RAM at both of its addresses, with the instructions that have
/// been decoded from it. Who writes, a processor or a device, makes what was decoded there void.
class Ram {
 public:
  static constexpr std::size_t kBytes = 8 << 20;
  static constexpr std::size_t kAiRam = 6 << 20;  ///< offset of AI RAM
  static constexpr std::uint64_t kCached = 0x8000'0000;
  static constexpr std::uint64_t kUncached = 0x4000'0000;
  static constexpr std::size_t kPageBytes = 4096;
  static constexpr std::size_t kNowhere = ~std::size_t{0};
  /// The decoded instructions of a page by half word, and PageEnd behind them.
  using Page = std::array<Instruction, kPageBytes / 2 + 1>;

  Ram() : bytes_(kBytes), pages_(kBytes / kPageBytes) {}

  /// Offset of `count` (1 .. kBytes) bytes at an address of either alias, or kNowhere if they do
  /// not all lie in RAM.
  static std::size_t offset(std::uint64_t address, std::size_t count) {
    return offset_within(kBytes, address, count);
  }
  /// The same for what lies in bytes(): all, or SRAM alone where AI RAM lies elsewhere.
  std::size_t direct(std::uint64_t address, std::size_t count) const {
    return offset_within(direct_, address, count);
  }

  /// From now on AI RAM is what `ai_ram` says, and no part of bytes(); it must outlive this.
  void set_ai_ram(AiRamPort& ai_ram) {
    ai_ram_ = &ai_ram;
    direct_ = kAiRam;
  }

  /// A little-endian number at an offset that lies inside, of any alignment.
  template <class T>
  T load(std::size_t at) const {
    T value;
    std::memcpy(&value, &bytes_[at], sizeof(T));
    return value;
  }
  template <class T>
  void store(std::size_t at, T value) {
    std::memcpy(&bytes_[at], &value, sizeof(T));
    forget(at, sizeof(T));
  }

  std::span<const std::uint8_t> bytes() const { return std::span(bytes_).first(direct_); }
  /// Copies bytes to or from an offset; the caller has checked that they fit.
  void write(std::size_t at, std::span<const std::uint8_t> bytes);
  void read(std::size_t at, std::span<std::uint8_t> bytes) const;

  /// The decoded page that holds `at`, made where there is none.
  Page& page(std::size_t at);

  /// Decodes what is at `at`. A 32-bit instruction must lie in RAM whole, else it is illegal.
  Instruction decode_at(std::size_t at) const;

 private:
  static std::size_t offset_within(std::size_t size, std::uint64_t address, std::size_t count) {
    if (const std::uint64_t at = address - kCached; at <= size - count) {
      return at;
    }
    const std::uint64_t at = address - kUncached;
    return at <= size - count ? at : kNowhere;
  }

  /// Makes void what was decoded from `count` bytes at `at`.
  void forget(std::size_t at, std::size_t count) {
    const std::size_t first = (at > 2 ? at - 2 : 0) / kPageBytes;
    const std::size_t last = (at + count - 1) / kPageBytes;
    for (std::size_t i = first; i <= last; ++i) {
      if (pages_[i]) [[unlikely]] {
        forget_in(i, at, count);
      }
    }
  }
  void forget_in(std::size_t index, std::size_t at, std::size_t count);

  std::size_t direct_ = kBytes;
  AiRamPort* ai_ram_ = nullptr;
  std::vector<std::uint8_t> bytes_;
  std::vector<std::unique_ptr<Page>> pages_;
};

}  // namespace kpu::board
