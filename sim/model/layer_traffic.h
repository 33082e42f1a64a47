// SPDX-License-Identifier: Apache-2.0
//
// What a layer moves on this RTL, without simulating it: counts that follow from the Schedule exactly.
#pragma once

#include <cstdint>

#include "golden/kpu/layer_args.h"
#include "sim/model/configuration.h"

namespace kpu::sim {

/// Named as the simulation's counters (docs/performance.md, "What a layer moves"), which the tests hold them to.
struct LayerTraffic {
  std::uint64_t array_cycles = 0;      ///< with products
  std::uint64_t drain_cycles = 0;      ///< of passes in which sums only leave
  std::uint64_t ring_reads = 0;        ///< rows of the weight ring
  std::uint64_t sums_started = 0;      ///< lines of partial sums that begin at zero
  std::uint64_t sums_added = 0;        ///< lines that are read and added to
  std::uint64_t lanes_valid = 0;       ///< lanes with a pixel, over all array_cycles
  std::uint64_t post_lines = 0;        ///< lines of sums that post-processing takes
  std::uint64_t ram_reads_stream = 0;  ///< words of AI RAM that the output stream reads
  std::uint64_t parameter_bytes = 0;   ///< of tables and weights; beats that two loads share are read twice
};

/// Of a layer over `batches` images; `to_main_memory`: its output leaves, too.
LayerTraffic layer_traffic(const golden::LayerArgs& args, bool eight_bit, bool to_main_memory, std::uint32_t batches,
                           const Configuration& rtl);

}  // namespace kpu::sim
