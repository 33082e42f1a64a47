// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "tb/axi_ports.h"
#include "tb/clock.h"
#include "tb/random.h"

namespace kpu::tb {

/// Moves bytes through an AXI4 slave of a design in INCR bursts of up to 16 beats that stay inside
/// 4 KiB; time advances until all answers are there.
class AxiMaster {
 public:
  AxiMaster(const AxiReadPort& read_port, const AxiWritePort& write_port, Clock& clock);

  /// Probability, 0..99, that a cycle which could offer or take something does not.
  void set_stalls(std::uint32_t percent, std::uint64_t seed);

  /// Any start address and length. Throws Error on an error response, or if nothing moves for
  /// 10,000 cycles.
  void write(std::uint32_t address, std::span<const std::uint8_t> bytes);
  void read(std::uint32_t address, std::span<std::uint8_t> bytes);

 private:
  AxiReadPort read_port_;
  AxiWritePort write_port_;
  Clock& clock_;
  std::uint32_t stall_percent_ = 0;
  Random random_{1};
};

}  // namespace kpu::tb
