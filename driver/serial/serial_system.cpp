// SPDX-License-Identifier: Apache-2.0
#include "driver/serial/serial_system.h"

#include <cstddef>

#include <fmt/format.h>

#include "common/error.h"
#include "common/kpu_shape.h"
#include "driver/kpu_registers.h"

namespace kpu::driver {
namespace {

void require_inside(const char* what, std::size_t offset, std::size_t size, std::size_t room) {
  if (offset > room || size > room - offset) {
    throw Error(fmt::format("{} bytes at {:#x} of the board's {}: expected an end within {:#x}",
                            size, offset, what, room));
  }
}

std::size_t sram_offset(std::uint32_t address) {
  return address - (address >= kSramCachedBase ? kSramCachedBase : kSramBase);
}

}  // namespace

SerialSystem::SerialSystem(const std::string& device, unsigned baud)
    : bus_(std::make_unique<SerialBus>(device, baud)), start_(std::chrono::steady_clock::now()) {
  const std::uint64_t id = bus_->read(kKpuBase + kRegId) >> 32;
  if (id != kIdValue) {
    throw Error(fmt::format("{}: identification {:#x}: expected {:#x}", device, id, kIdValue));
  }
  shape_ = bus_->read(kKpuBase + kRegConfig);
  left_out_ = bus_->read(kKpuBase + kRegLeftOut);
  ai_ram_bytes_ = kConfigAiLines.of(shape_) * kLineBytes;
  memory_bytes_ = bus_->state().memory_bytes;
}

std::uint64_t SerialSystem::time() const {
  const auto passed = std::chrono::steady_clock::now() - start_;
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(passed).count());
}

void SerialSystem::load_memory(std::uint32_t address, std::span<const std::uint8_t> bytes) {
  require_inside("SRAM", sram_offset(address), bytes.size(), memory_bytes_);
  bus_->write_bytes(address, bytes);
}

void SerialSystem::peek_memory(std::uint32_t address, std::span<std::uint8_t> bytes) const {
  require_inside("SRAM", sram_offset(address), bytes.size(), memory_bytes_);
  bus_->read_bytes(address, bytes);
}

void SerialSystem::peek_ai_ram(std::size_t address, std::span<std::uint8_t> bytes) const {
  require_inside("AI RAM", address, bytes.size(), ai_ram_bytes_);
  bus_->read_bytes(static_cast<std::uint32_t>(kAiRamBase + address), bytes);
}

}  // namespace kpu::driver
