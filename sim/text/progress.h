// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace kpu::sim {

/// One line on the terminal that shows how far a long step is; silent when stderr is no terminal.
class Progress {
 public:
  /// `total` is the whole work, in any unit that grows evenly with time (MACs, cycles).
  Progress(std::string title, std::uint64_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Work done so far, the step's name, and the cycles simulated so far (0: not shown). Draws at
  /// most ten times a second.
  void update(std::uint64_t done, const std::string& step, std::uint64_t cycles);

 private:
  std::string title_;
  std::uint64_t total_;
  bool enabled_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_;
};

/// The line Progress draws, without control characters: a bar, `step`, cycles per second where
/// `cycles` is not 0, and the time left. `seconds` is the time since the start.
std::string progress_line(const std::string& title, std::uint64_t done, std::uint64_t total,
                          const std::string& step, std::uint64_t cycles, double seconds);

}  // namespace kpu::sim
