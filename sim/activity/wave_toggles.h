// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kpu::sim {

/// One signal of a wave file and what its bits did; bit 0 first.
struct SignalToggles {
  std::vector<std::string> scope;       ///< outermost first: "kpu_soc", "u_kpu", ...
  std::string name;                     ///< without its range
  std::vector<std::uint64_t> toggles;   ///< changes of each bit
  std::vector<std::uint64_t> high_time; ///< time units in which it was 1

  std::uint64_t total() const;
};

struct WaveToggles {
  std::uint64_t duration = 0;  ///< time units; the simulation has two in a clock cycle
  std::vector<SignalToggles> signals;
};

/// Counts every signal of an FST file over its whole length. A signal that goes on under other
/// names in further modules, as port connections do, is counted once, in the outermost. Memories
/// are not in the file. Throws Error if it cannot be read.
WaveToggles count_toggles(const std::string& path);

}  // namespace kpu::sim
