// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "golden/kmodel/kmodel.h"
#include "sim/energy/layer_energy.h"
#include "sim/engine/run_report.h"
#include "sim/model/cycle_model.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace kpu::sim {

/// --energy and --energy-table.
struct EnergyArguments {
  bool wanted = false;
  std::string file;  ///< in the form of bench/energy.json; empty: the one in the program
};

/// Adds the options; returns the one that names a file. `arguments` must outlive the command.
CLI::Option* add_energy_options(CLI::App& command, EnergyArguments& arguments);

/// All tables; none if no energy is asked for. Throws Error as load_energy_tables(), or for a file without --energy.
std::vector<EnergyTable> energy_tables(const EnergyArguments& arguments);

/// The table for a shape, or nothing if no energy is asked for. Throws Error if there is none.
std::optional<EnergyTable> energy_table(const EnergyArguments& arguments, const Configuration& configuration);

/// Energy of layers that are not run, each with what the cycle model says of it, at a clock.
NetworkEnergy energy_of_estimate(std::span<const golden::KpuLayerInfo> layers, std::span<const CycleEstimate> cycles, bool eight_bit,
                                 const Configuration& rtl, const EnergyTable& table, double clock_hz);

/// Energy of the layers that ran on the RTL. Throws Error if they were not counted.
NetworkEnergy energy_of_run(const RunReport& report, const EnergyTable& table);

}  // namespace kpu::sim
