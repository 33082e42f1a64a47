// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "tb/axi_ports.h"

namespace kpu::tb {

/// What answers behind an AXI bus: memory, or devices whose registers have effects. It is asked once
/// for each beat of up to 8 bytes and each 8 bytes of a longer one, in the order of the beats.
class AxiTarget {
 public:
  virtual ~AxiTarget() = default;

  /// A beat of 2^`size` bytes, 0 .. 3: `word` becomes the eight bytes around `address`, little
  /// endian; only those of the beat count.
  virtual AxiResponse read_beat(std::uint32_t address, unsigned size, std::uint64_t& word) = 0;
  /// Bit i of `strobe` enables byte i of the eight bytes around `address`.
  virtual AxiResponse write_beat(std::uint32_t address, std::uint64_t word,
                                 std::uint8_t strobe) = 0;
};

}  // namespace kpu::tb
