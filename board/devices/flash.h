// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "board/devices/spi.h"

namespace kpu::board {

/// A serial NOR flash of 16 MiB as the boards have it (W25Q128): erased at the start.
class Flash final : public SpiSlave {
 public:
  static constexpr std::size_t kBytes = 16 << 20;

  Flash() : bytes_(kBytes, 0xFF) {}

  std::vector<std::uint32_t> exchange(const SpiTransfer& transfer) override;
  void deselect() override;

  /// Contents; writing them is for the start.
  std::span<std::uint8_t> bytes() { return bytes_; }
  /// Whether firmware has erased or programmed something.
  bool changed() const { return changed_; }
  /// Bytes read by firmware so far.
  std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  /// Runs a command of which all bytes are there; returns what `count` frames read.
  std::vector<std::uint32_t> run(std::span<const std::uint8_t> command, std::size_t count,
                                 unsigned frame_bits);
  void erase(std::uint32_t address, std::uint32_t size);
  void program(std::uint32_t address, std::span<const std::uint8_t> data);

  std::vector<std::uint8_t> bytes_;
  std::vector<std::uint8_t> command_;  ///< bytes since the chip was selected, not yet run
  std::uint8_t status2_ = 0;
  bool write_enabled_ = false;
  bool changed_ = false;
  std::uint64_t bytes_read_ = 0;
};

}  // namespace kpu::board
