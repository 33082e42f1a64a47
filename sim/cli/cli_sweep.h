// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "golden/kmodel/kmodel.h"
#include "sim/energy/energy_table.h"
#include "sim/model/sweep.h"

namespace kpu::sim {

/// What `kpu estimate` does with several values of a parameter.
struct SweepReport {
  std::string network;  ///< its file
  double clock_mhz = 400;
  std::string csv;   ///< file to write, one line a point; empty: none
  std::string json;  ///< the same as JSON; empty: none
  std::vector<EnergyTable> energy;  ///< points of their shapes get energy; empty: not asked for
};

/// Estimates all combinations, writes the files, and prints the points with the fewest cycles.
/// Throws Error as sweep() does, or if a file cannot be written.
void run_sweep(const golden::ModelInfo& network, const CycleModel& base,
               std::span<const SweepAxis> axes, const SweepReport& report);

}  // namespace kpu::sim
