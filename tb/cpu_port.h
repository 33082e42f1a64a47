// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "driver/bus.h"
#include "tb/axi_master.h"
#include "tb/axi_ports.h"
#include "tb/clock.h"

namespace kpu::tb {

/// A processor's loads and stores on an AXI4 bus without IDs; time advances until they are done.
/// Nothing may be left unanswered for 10,000 cycles, else Error.
class CpuPort final : public driver::Bus {
 public:
  CpuPort(const AxiReadPort& read_port, const AxiWritePort& write_port, Clock& clock);

  /// One access of 1, 2, 4 or 8 bytes at a multiple of its size; returns the bus's response.
  AxiResponse try_read(std::uint32_t address, unsigned bytes, std::uint64_t& value);
  AxiResponse try_write(std::uint32_t address, unsigned bytes, std::uint64_t value);

  /// Accesses of 1 and 2 bytes, too.
  std::uint64_t read(std::uint32_t address, unsigned bytes = 8) override;
  void write(std::uint32_t address, std::uint64_t value, unsigned bytes = 8) override;

  /// Reads one a cycle as far as the bus allows.
  void read_each(std::uint32_t address, std::uint32_t step,
                 std::span<std::uint64_t> values) override;
  void write_each(std::uint32_t address, std::uint32_t step,
                  std::span<const std::uint64_t> values) override;

  /// In bursts.
  void write_bytes(std::uint32_t address, std::span<const std::uint8_t> bytes) override {
    bursts_.write(address, bytes);
  }
  void read_bytes(std::uint32_t address, std::span<std::uint8_t> bytes) override {
    bursts_.read(address, bytes);
  }

 private:
  AxiReadPort read_port_;
  AxiWritePort write_port_;
  Clock& clock_;
  AxiMaster bursts_;
};

}  // namespace kpu::tb
