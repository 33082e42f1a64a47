// SPDX-License-Identifier: Apache-2.0
//
// How long this project's RTL takes for a network, without simulating it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golden/kmodel/kmodel.h"

namespace kpu::sim {

/// The parameters of the RTL that its cycles depend on (docs/architecture.md).
struct MachineShape {
  std::uint32_t lanes = 64;
  std::uint32_t tile_channels = 16;  ///< output channels in flight
  std::uint32_t sum_lines = 32;      ///< lines of partial sums
  std::uint32_t weight_rows = 2048;  ///< rows of the weight ring, 36 bytes each
  std::uint32_t bus_bytes = 8;       ///< parameters a cycle
  std::uint32_t bus_latency = 20;    ///< cycles from an address to its first data
};

/// Parts of a layer's estimated cycles.
struct CycleEstimate {
  double array = 0;    ///< products, where the array is not kept waiting
  double reads = 0;    ///< AI RAM reads that the array does not hide
  double weights = 0;  ///< waiting for tables and the first weights
  double stream = 0;   ///< output that leaves after the last product
  double fixed = 0;    ///< filling and draining the pipeline

  double total() const { return array + reads + weights + stream + fixed; }
};

/// Estimates the KPU layers of a network in their order: a layer's parameters are fetched while the
/// layer before it computes. Entries as in `layers`.
std::vector<CycleEstimate> estimate_cycles(std::span<const golden::KpuLayerInfo> layers,
                                           bool eight_bit, const MachineShape& shape);

}  // namespace kpu::sim
