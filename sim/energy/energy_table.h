// SPDX-License-Identifier: Apache-2.0
//
// What events in the hardware cost (docs/energy.md): tables of bench/energy.json, one for each configuration that was measured.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/model/configuration.h"

namespace kpu::sim {

/// What happens in a layer and costs energy. What each counts: count_events().
enum class EnergyEvent : std::size_t {
  kCycle,
  kArrayCycle,
  kLane,
  kPixelOne,
  kWordRead,
  kWordWritten,
  kWordStreamed,
  kSumLine,
  kLiveLine,
  kLivePixel,
  kParameterBeat,
};

/// Their names in files, in the order of the enum.
inline constexpr std::array<const char*, 11> kEnergyEvents{
    "cycle",         "array_cycle", "lane", "pixel_one", "word_read", "word_written",
    "word_streamed", "sum_line",    "live_line",   "live_pixel", "parameter_beat"};

/// Of one event, picojoules.
struct EventCost {
  double cells = 0;     ///< in the library's cells: measured
  double memories = 0;  ///< in memory macros: assumed
};

struct EnergyTable {
  std::string configuration;                        ///< of the RTL that was measured
  std::map<std::string, std::uint32_t> parameters;  ///< of kpu_top
  std::string node;                                 ///< "0.18 um"
  std::string library;
  std::string rtl;              ///< checksum of its text
  double leakage_nw = 0;        ///< of all cells
  double clock_pj = 0;          ///< of the registers' clock pins in a cycle
  double typical_ones = 0;      ///< of a pixel's eight bits, where the data is not known
  double typical_live = 0;      ///< share of windows in which any pixel is not zero, likewise
  double worst_error = 0;       ///< percent of a layer's energy, each predicted from the others
  std::array<EventCost, kEnergyEvents.size()> events{};
};

/// The tables of a text in the form of bench/energy.json. Throws Error, beginning with `where`, naming what is missing or of
/// another kind.
std::vector<EnergyTable> read_energy_tables(const std::string& text, const std::string& where);

/// The tables of a file, or those that the program has kept for an empty path. Throws Error as read_energy_tables().
std::vector<EnergyTable> load_energy_tables(const std::string& path);

/// bench/energy.json as it was when this program was built, without the measurements.
const char* kept_energy_tables();

/// The first table of exactly this shape; nullptr if there is none.
const EnergyTable* find_energy_table(const std::vector<EnergyTable>& tables, const Configuration& configuration);

/// The same. Throws Error that names the shapes there are.
const EnergyTable& energy_table_of(const std::vector<EnergyTable>& tables, const Configuration& configuration);

}  // namespace kpu::sim
