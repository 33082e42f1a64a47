// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "bench/cases.h"

namespace kpu::bench {

/// What a case took on the RTL, over its KPU layers.
struct CaseResult {
  std::vector<std::uint64_t> cycles;  ///< of each layer
  double seconds = 0;                 ///< processor time of the simulation
  double macs = 0;
  std::uint64_t lane_bound = 0;  ///< sum of sim::lane_bound()
  double k210_cycles = 0;        ///< of the chip, by the public fit

  std::uint64_t total() const;
  /// Thousand simulated cycles in a second of processor time.
  double rate() const { return static_cast<double>(total()) / 1e3 / seconds; }
};

/// Runs a case on the RTL. Throws kpu::Error if its file or its picture cannot be read.
CaseResult run_case(const BenchCase& bench_case);

}  // namespace kpu::bench
