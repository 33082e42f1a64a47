// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>

namespace kpu::board {

/// A device on the processor's bus: registers at offsets from its base.
class Device {
 public:
  virtual ~Device() = default;

  /// The register at `offset`, of 4 or 8 bytes as `bytes` says (smaller accesses come as the 4
  /// bytes around them), or nothing if no such register is known.
  virtual std::optional<std::uint64_t> read(std::uint32_t offset, unsigned bytes) = 0;
  /// False if no such register is known.
  virtual bool write(std::uint32_t offset, unsigned bytes, std::uint64_t value) = 0;
};

/// Registers of 32 bits that hold what is written to them; base of devices with few others.
class Storage : public Device {
 public:
  /// Registers at 0, 4 ... below `size` bytes; zero at the start.
  explicit Storage(std::uint32_t size) : size_(size) {}

  std::optional<std::uint64_t> read(std::uint32_t offset, unsigned) override {
    return offset < size_ ? std::optional<std::uint64_t>(get(offset)) : std::nullopt;
  }
  bool write(std::uint32_t offset, unsigned, std::uint64_t value) override {
    set(offset, static_cast<std::uint32_t>(value));
    return offset < size_;
  }

  std::uint32_t get(std::uint32_t offset) const {
    const auto found = words_.find(offset);
    return found == words_.end() ? 0 : found->second;
  }
  void set(std::uint32_t offset, std::uint32_t value) { words_[offset] = value; }

 private:
  std::uint32_t size_;
  std::map<std::uint32_t, std::uint32_t> words_;
};

}  // namespace kpu::board
