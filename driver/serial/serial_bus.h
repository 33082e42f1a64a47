// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "driver/bus.h"
#include "driver/serial/serial_port.h"

namespace kpu::driver {

/// A bus behind kpu_uart_bridge: each access is a packet over the line and its answer
/// (docs/board.md, "Packets").
///
/// All accesses throw Error, naming the device, if no answer comes, its checksum is wrong, the
/// bridge found the request's wrong, or the bus answered with an error.
class SerialBus final : public Bus {
 public:
  /// Interrupts and size of SRAM, which the bridge tells without the bus.
  struct State {
    std::uint32_t interrupts = 0;
    std::size_t memory_bytes = 0;
  };

  /// `patience`: how long the line may rest within an answer.
  SerialBus(const std::string& device, unsigned baud,
            std::chrono::milliseconds patience = std::chrono::milliseconds(5000));

  State state();

  std::uint64_t read(std::uint32_t address, unsigned bytes = 8) override;
  void write(std::uint32_t address, std::uint64_t value, unsigned bytes = 8) override;
  /// `step` is 0 or 8.
  void read_each(std::uint32_t address, std::uint32_t step,
                 std::span<std::uint64_t> values) override;
  void write_each(std::uint32_t address, std::uint32_t step,
                  std::span<const std::uint64_t> values) override;
  /// Words at the ends that are not whole are read first.
  void write_bytes(std::uint32_t address, std::span<const std::uint8_t> bytes) override;
  void read_bytes(std::uint32_t address, std::span<std::uint8_t> bytes) override;

 private:
  /// Sends a packet and reads the answer's words; the words of a write go with the request.
  void exchange(std::uint8_t operation, std::uint32_t address, std::span<const std::uint64_t> out,
                std::span<std::uint64_t> in);
  [[noreturn]] void fail(std::uint32_t address, const std::string& what) const;

  SerialPort port_;
  std::chrono::milliseconds patience_;
};

/// Checksum of packets: cyclic redundancy check, polynomial 0x1021, start 0xFFFF.
std::uint16_t packet_checksum(std::span<const std::uint8_t> bytes);

}  // namespace kpu::driver
