// SPDX-License-Identifier: Apache-2.0
//
// A share of a network's units (layers_apart.h), simulated on one machine and merged on another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "sim/engine/captured_job.h"
#include "sim/engine/layers_apart.h"
#include "tb/axi_memory.h"

namespace kpu::sim {

struct Shard {
  std::string run;        ///< run_identity()
  std::size_t share = 0;  ///< from 0
  std::size_t shares = 1;
  std::map<std::size_t, UnitResult> units;  ///< by index
};

/// A checksum of all that the results depend on: jobs with tables and inputs, memory, shape and
/// version of the RTL.
std::string run_identity(std::span<const CapturedJob> jobs, const tb::MemoryTiming& memory);

/// Writes a shard as JSON. Outputs that are the golden model's are left out, so that files stay
/// small. Throws Error if it cannot be written.
void save_shard(const std::string& path, const Shard& shard, std::span<const CapturedJob> jobs,
                std::span<const JobUnit> units);

/// All results of `units`, in order, from the files of all shares. Throws Error, with the file, for
/// one that is damaged, of another run, or not of the shares of the first, and if a share is there
/// twice or not at all.
std::vector<UnitResult> merge_shards(const std::vector<std::string>& paths, const std::string& run,
                                     std::span<const CapturedJob> jobs,
                                     std::span<const JobUnit> units);

}  // namespace kpu::sim
