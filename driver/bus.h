// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace kpu::driver {

/// A processor's loads and stores: on the bus of a simulated design, or of a board behind a line.
/// All throw Error for a response that is not OKAY and when no answer comes.
class Bus {
 public:
  virtual ~Bus() = default;

  /// One access of 4 or 8 bytes at a multiple of its size.
  virtual std::uint64_t read(std::uint32_t address, unsigned bytes = 8) = 0;
  virtual void write(std::uint32_t address, std::uint64_t value, unsigned bytes = 8) = 0;

  /// 64-bit accesses one after the other; `step` is the distance in bytes from one to the next, 0
  /// for the same address again and again.
  virtual void read_each(std::uint32_t address, std::uint32_t step,
                         std::span<std::uint64_t> values) = 0;
  virtual void write_each(std::uint32_t address, std::uint32_t step,
                          std::span<const std::uint64_t> values) = 0;

  /// Many bytes, any start and length.
  virtual void write_bytes(std::uint32_t address, std::span<const std::uint8_t> bytes) = 0;
  virtual void read_bytes(std::uint32_t address, std::span<std::uint8_t> bytes) = 0;
};

}  // namespace kpu::driver
