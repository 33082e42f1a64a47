// SPDX-License-Identifier: Apache-2.0
//
// Energy of a layer: its events, each with what it costs (docs/energy.md).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "golden/kpu/layer_args.h"
#include "sim/energy/energy_table.h"
#include "sim/model/layer_traffic.h"

namespace kpu::sim {

/// Data that is not known.
struct TypicalData {
  double ones = 0;  ///< of a pixel's eight bits
  double live = 1;  ///< share of windows in which any pixel is not zero
};

using EventCounts = std::array<double, kEnergyEvents.size()>;

/// Whether a layer's counters have what count_events() needs: those of a board, or of a netlist, have not.
bool has_events(const std::map<std::string, std::uint64_t>& counters);

/// How often each event happened, from the counters of a layer (docs/performance.md, "What a layer moves"), which has_events().
/// What the counters do not say of the data is `typical`.
EventCounts count_events(const std::map<std::string, std::uint64_t>& counters, const golden::LayerArgs& args, const TypicalData& typical);

/// Counters of a layer that was not run: `cycles`, and words of AI RAM that line fetch reads, as the cycle model has them.
std::map<std::string, std::uint64_t> estimated_counters(const LayerTraffic& traffic, double cycles, double words_read);

/// Picojoules.
struct LayerEnergy {
  double clock = 0;      ///< clock pins of registers, whatever the layer does
  double switching = 0;  ///< everything that changes because of what the layer does
  double leakage = 0;
  double memories = 0;   ///< of memory macros, by an assumption

  double cells() const { return clock + switching + leakage; }
  double total() const { return cells() + memories; }
  LayerEnergy& operator+=(const LayerEnergy& other);
};

/// `clock_hz` is how long a cycle leaks.
LayerEnergy layer_energy(const EnergyTable& table, const EventCounts& counts, double clock_hz);

/// Layers of a network, by one table.
struct NetworkEnergy {
  EnergyTable table;
  double clock_hz = 0;
  bool data_known = true;  ///< events count the bits of the layers' inputs; else typical ones
  std::vector<EventCounts> counts;
  std::vector<LayerEnergy> layers;

  void add(const EventCounts& events);
  LayerEnergy sum() const;
};

}  // namespace kpu::sim
