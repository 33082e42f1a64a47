// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

namespace kpu::driver {

/// A serial line of the operating system: eight data bits, no parity, one stop bit, no flow
/// control.
class SerialPort {
 public:
  /// Throws Error if the device cannot be opened, is not a terminal, or does not know the speed
  /// (bits per second). Bytes that were waiting are dropped.
  SerialPort(const std::string& device, unsigned baud);
  ~SerialPort();
  SerialPort(const SerialPort&) = delete;
  SerialPort& operator=(const SerialPort&) = delete;

  /// All bytes, or Error.
  void write(std::span<const std::uint8_t> bytes);
  /// Fills `bytes`; Error if nothing arrives for `patience`.
  void read(std::span<std::uint8_t> bytes, std::chrono::milliseconds patience);

  const std::string& device() const { return device_; }

 private:
  /// Waits until the line can be read or written; false after `patience`.
  bool wait(short events, std::chrono::milliseconds patience) const;

  std::string device_;
  int file_ = -1;
};

}  // namespace kpu::driver
