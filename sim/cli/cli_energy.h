// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "sim/energy/layer_energy.h"
#include "sim/engine/run_report.h"

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

/// The table for a shape, or nothing if no energy is asked for. Throws Error if there is none.
std::optional<EnergyTable> energy_table(const EnergyArguments& arguments, const Configuration& configuration);

/// Energy of the layers that ran on the RTL. Throws Error if they were not counted.
NetworkEnergy energy_of_run(const RunReport& report, const EnergyTable& table);

}  // namespace kpu::sim
