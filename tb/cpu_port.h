// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "tb/axi_master.h"
#include "tb/axi_ports.h"
#include "tb/clock.h"

namespace kpu::tb {

/// A processor's loads and stores on an AXI4 bus without IDs; time advances until they are done.
/// Nothing may be left unanswered for 10,000 cycles, else Error.
class CpuPort {
 public:
  CpuPort(const AxiReadPort& read_port, const AxiWritePort& write_port, Clock& clock);

  /// One access of 1, 2, 4 or 8 bytes at a multiple of its size; returns the bus's response.
  AxiResponse try_read(std::uint32_t address, unsigned bytes, std::uint64_t& value);
  AxiResponse try_write(std::uint32_t address, unsigned bytes, std::uint64_t value);

  /// The same, with Error for a response that is not OKAY.
  std::uint64_t read(std::uint32_t address, unsigned bytes = 8);
  void write(std::uint32_t address, std::uint64_t value, unsigned bytes = 8);

  /// Fills `values` with 64-bit reads, one a cycle as far as the bus allows; `step` is the distance
  /// in bytes from one to the next, 0 to read the same address again and again.
  void read_each(std::uint32_t address, std::uint32_t step, std::span<std::uint64_t> values);

  /// Many bytes in bursts, any start and length.
  void write_bytes(std::uint32_t address, std::span<const std::uint8_t> bytes) {
    bursts_.write(address, bytes);
  }
  void read_bytes(std::uint32_t address, std::span<std::uint8_t> bytes) {
    bursts_.read(address, bytes);
  }

 private:
  AxiReadPort read_port_;
  AxiWritePort write_port_;
  Clock& clock_;
  AxiMaster bursts_;
};

}  // namespace kpu::tb
