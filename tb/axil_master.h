// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "tb/axi_ports.h"
#include "tb/clock.h"

namespace kpu::tb {

/// Reads and writes registers of a design over AXI4-Lite, as a processor would; time advances until
/// the answer is there. Throws Error if no answer comes within 1000 cycles or it is not OKAY.
class AxiLiteMaster {
 public:
  AxiLiteMaster(const AxiLitePort& port, Clock& clock);

  void write(std::uint16_t address, std::uint64_t value, std::uint8_t strobe = 0xFF);
  std::uint64_t read(std::uint16_t address);
  /// Fills `values` at one read a cycle; `step` is the distance in bytes from one register to the
  /// next, 0 to read the same one again and again.
  void read_burst(std::uint16_t address, std::uint16_t step, std::span<std::uint64_t> values);

 private:
  AxiLitePort port_;
  Clock& clock_;
};

}  // namespace kpu::tb
