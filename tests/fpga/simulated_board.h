// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tb/sdram_chip.h"

class Vkpu_ulx3s_bench;

namespace kpu::test {

/// `kpu_ulx3s` under Verilator with a transmitter and a receiver at its serial pins and a chip at
/// those of its SDRAM; time passes when asked. Throws HardwareFault on whatever is against the
/// chip's rules.
class SimulatedBoard {
 public:
  SimulatedBoard();
  ~SimulatedBoard();

  /// One clock cycle; bytes that were given to send() go out one after the other.
  void tick();
  void send(const std::vector<std::uint8_t>& bytes);
  /// What has come back and was not taken yet.
  std::deque<std::uint8_t>& received() { return received_; }
  bool sending() const { return !to_send_.empty() || send_left_ > 0; }
  /// The board's reset button, for a moment.
  void press_reset();
  std::uint8_t lights() const;
  /// From now on the first byte of SRAM is 0xFF, whatever is written to it.
  void break_memory() { memory_broken_ = true; }

 private:
  /// The chip sees a rising edge of its clock.
  void clock_memory();

  std::unique_ptr<Vkpu_ulx3s_bench> top_;
  tb::SdramChip memory_;
  std::deque<std::uint8_t> to_send_;
  std::deque<std::uint8_t> received_;
  unsigned send_bits_ = 0;     ///< on the line: bit 0
  unsigned send_left_ = 0;     ///< cycles left of the byte on the line
  unsigned receive_left_ = 0;  ///< cycles to the end of the byte that comes
  unsigned receive_bits_ = 0;
  bool memory_broken_ = false;
};

/// The same in a thread of its own behind a pseudo-terminal: what a program finds at a serial port.
class BoardAtPort {
 public:
  BoardAtPort();
  ~BoardAtPort();

  /// Path of the port.
  const std::string& port() const { return port_; }
  /// Inverts a bit of the next byte that goes to the board, or comes from it.
  void disturb_request() { disturb_request_ = true; }
  void disturb_answer() { disturb_answer_ = true; }
  /// As SimulatedBoard's.
  void break_memory() { memory_broken_ = true; }

 private:
  void serve();

  int terminal_ = -1;
  std::string port_;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> disturb_request_ = false;
  std::atomic<bool> disturb_answer_ = false;
  std::atomic<bool> memory_broken_ = false;
  std::thread thread_;
};

}  // namespace kpu::test
