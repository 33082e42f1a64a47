// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace kpu::board {

/// What a processor reaches outside RAM.
class Bus {
 public:
  virtual ~Bus() = default;

  /// One access of 1, 2, 4 or 8 bytes at any address; false where nothing answers, which the
  /// processor takes as an access fault. `value` is zero-extended.
  virtual bool load(std::uint64_t address, unsigned bytes, std::uint64_t& value) = 0;
  virtual bool store(std::uint64_t address, unsigned bytes, std::uint64_t value) = 0;
};

}  // namespace kpu::board
