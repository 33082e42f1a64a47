// SPDX-License-Identifier: Apache-2.0
#include "sim/energy/layer_energy.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace kpu::sim {
namespace {

constexpr const char* kNeeded[] = {"cycles", "array_cycles", "drain_cycles", "lanes_valid", "post_lines", "ram_reads_lines", "ram_reads_stream", "parameter_beats"};

}  // namespace

bool has_events(const std::map<std::string, std::uint64_t>& counters) {
  return std::all_of(std::begin(kNeeded), std::end(kNeeded), [&](const char* name) { return counters.contains(name); });
}

EventCounts count_events(const std::map<std::string, std::uint64_t>& counters, const golden::LayerArgs& args, const TypicalData& typical) {
  const auto count = [&](const char* name) { return static_cast<double>(counters.at(name)); };
  const auto share = [&](const char* part, const char* whole, double otherwise) {
    const auto all = counters.find(whole);
    return all == counters.end() || all->second == 0 || !counters.contains(part) ? otherwise : count(part) / count(whole);
  };
  const double ones = 8 * share("input_ones", "input_bits", typical.ones / 8);
  const double live = share("windows_live", "windows", typical.live);
  const double products = std::max(count("array_cycles"), 1.0);
  // Lanes of a line hold as many pixels behind the array as in front of it.
  const double pixels = count("post_lines") * count("lanes_valid") / products;
  const double words = counters.contains("lines_written") ? count("lines_written") : count("post_lines") / args.stride();

  EventCounts events{};
  const auto set = [&](EnergyEvent event, double value) { events[static_cast<std::size_t>(event)] = value; };
  set(EnergyEvent::kCycle, count("cycles"));
  set(EnergyEvent::kArrayCycle, count("array_cycles") + count("drain_cycles"));
  set(EnergyEvent::kLane, count("lanes_valid"));
  set(EnergyEvent::kPixelOne, count("lanes_valid") * ones);
  set(EnergyEvent::kWordRead, count("ram_reads_lines"));
  set(EnergyEvent::kWordWritten, words);
  set(EnergyEvent::kWordStreamed, count("ram_reads_stream"));
  set(EnergyEvent::kSumLine, count("post_lines"));
  set(EnergyEvent::kLiveLine, args.depthwise ? 0 : count("post_lines") * live);
  set(EnergyEvent::kLivePixel, pixels * live);
  set(EnergyEvent::kParameterBeat, count("parameter_beats"));
  return events;
}

std::map<std::string, std::uint64_t> estimated_counters(const LayerTraffic& traffic, double cycles, double words_read) {
  constexpr std::uint64_t kBeatBytes = 8;
  return {{"cycles", static_cast<std::uint64_t>(std::llround(cycles))},
          {"array_cycles", traffic.array_cycles},
          {"drain_cycles", traffic.drain_cycles},
          {"lanes_valid", traffic.lanes_valid},
          {"post_lines", traffic.post_lines},
          {"ram_reads_lines", static_cast<std::uint64_t>(std::llround(words_read))},
          {"ram_reads_stream", traffic.ram_reads_stream},
          {"parameter_beats", (traffic.parameter_bytes + kBeatBytes - 1) / kBeatBytes}};
}

LayerEnergy& LayerEnergy::operator+=(const LayerEnergy& other) {
  clock += other.clock;
  switching += other.switching;
  leakage += other.leakage;
  memories += other.memories;
  return *this;
}

LayerEnergy layer_energy(const EnergyTable& table, const EventCounts& counts, double clock_hz) {
  const double cycles = counts[static_cast<std::size_t>(EnergyEvent::kCycle)];
  LayerEnergy energy;
  energy.clock = cycles * table.clock_pj;
  energy.leakage = cycles / clock_hz * table.leakage_nw * 1e3;  // nJ/s into pJ
  for (std::size_t i = 0; i < counts.size(); ++i) {
    energy.switching += counts[i] * table.events[i].cells;
    energy.memories += counts[i] * table.events[i].memories;
  }
  return energy;
}

void NetworkEnergy::add(const EventCounts& events) {
  counts.push_back(events);
  layers.push_back(layer_energy(table, events, clock_hz));
}

LayerEnergy NetworkEnergy::sum() const {
  LayerEnergy sum;
  for (const LayerEnergy& layer : layers) sum += layer;
  return sum;
}

}  // namespace kpu::sim
