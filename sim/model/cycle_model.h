// SPDX-License-Identifier: Apache-2.0
//
// How long this project's RTL takes for a network, without simulating it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "golden/kmodel/kmodel.h"
#include "sim/model/configuration.h"

namespace kpu::sim {

/// What an estimate depends on beside the network.
struct CycleModel {
  Configuration rtl = built_configuration();
  std::uint32_t read_latency = 20;        ///< cycles from an address to its first data, 1..10000
  std::uint32_t bandwidth_percent = 100;  ///< share of cycles in which memory gives a beat of BusBytes, 1..100
};

/// Cycles of eight bytes on the memory bus, where beats follow each other: nothing inside takes more than that in a cycle.
double memory_word_cycles(const CycleModel& model);

/// Sets a parameter by name: one of configuration_parameters(), "ReadLatency" or "Bandwidth".
/// Throws Error, beginning with `where`, if there is no such parameter or its value is out of
/// range.
void set_model_parameter(CycleModel& model, const std::string& where, const std::string& name,
                         std::uint64_t value);

/// Parts of a layer's estimated cycles, all batches.
struct CycleEstimate {
  double array = 0;    ///< products, where the array is not kept waiting
  double reads = 0;    ///< AI RAM reads and sums on their way that the array does not hide
  double post = 0;     ///< waiting for post-processing and write-back to take lines
  double weights = 0;  ///< waiting for tables and weights
  double stream = 0;   ///< output that leaves after the last product
  double fixed = 0;    ///< filling and draining the pipeline
  double words = 0;    ///< of AI RAM that line fetch reads; no part of total()

  double total() const { return array + reads + post + weights + stream + fixed; }
};

/// Estimates the KPU layers of a network in their order: a layer's parameters are fetched while the
/// layer before it computes. Entries as in `layers`. Layers that the RTL would refuse because their
/// weights do not fit the ring are estimated as if they did.
std::vector<CycleEstimate> estimate_cycles(std::span<const golden::KpuLayerInfo> layers,
                                           bool eight_bit, const CycleModel& model);

}  // namespace kpu::sim
