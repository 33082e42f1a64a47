// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "driver/kpu_system.h"
#include "driver/serial/serial_bus.h"

namespace kpu::driver {

/// A board at a serial port (docs/board.md) as a system for KpuDriver.
class SerialSystem final : public KpuSystem {
 public:
  /// Asks the board for its sizes. Throws Error as SerialBus does, and if no KPU answers.
  SerialSystem(const std::string& device, unsigned baud);

  Bus& cpu() override { return *bus_; }
  std::uint32_t interrupts() const override { return bus_->state().interrupts; }
  /// Asking takes time enough.
  void pause() override {}
  /// Microseconds since the connection was made.
  std::uint64_t time() const override;
  Traffic traffic(Initiator) const override { return {}; }

  void load_memory(std::uint32_t address, std::span<const std::uint8_t> bytes) override;
  void peek_memory(std::uint32_t address, std::span<std::uint8_t> bytes) const override;
  void peek_ai_ram(std::size_t address, std::span<std::uint8_t> bytes) const override;
  std::size_t memory_size() const override { return memory_bytes_; }
  std::size_t ai_ram_size() const override { return ai_ram_bytes_; }
  /// The one that every board has: channels are logic, and output streams need no more.
  unsigned dma_channels() const override { return 1; }

  /// What the board's register config says of its shape (docs/registers.md).
  std::uint64_t shape() const { return shape_; }
  /// What its register left_out says (driver::LeftOutBit).
  std::uint64_t left_out() const { return left_out_; }

 private:
  std::unique_ptr<SerialBus> bus_;
  std::chrono::steady_clock::time_point start_;
  std::size_t memory_bytes_ = 0;
  std::size_t ai_ram_bytes_ = 0;
  std::uint64_t shape_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace kpu::driver
