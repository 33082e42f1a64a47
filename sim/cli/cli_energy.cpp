// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/cli_energy.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "common/error.h"

namespace kpu::sim {

CLI::Option* add_energy_options(CLI::App& command, EnergyArguments& arguments) {
  command.add_flag("--energy", arguments.wanted,
                   "Also show energy by layer, in standard cells of 0.18 um, of a shape whose energy was measured (docs/energy.md)");
  return command.add_option("--energy-table", arguments.file, "File in the form of bench/energy.json in its place; needs --energy");
}

std::optional<EnergyTable> energy_table(const EnergyArguments& arguments, const Configuration& configuration) {
  if (!arguments.wanted && !arguments.file.empty()) throw Error("--energy-table: expected --energy, too");
  if (!arguments.wanted) return std::nullopt;
  return energy_table_of(load_energy_tables(arguments.file), configuration);
}

NetworkEnergy energy_of_run(const RunReport& report, const EnergyTable& table) {
  NetworkEnergy energy{table, report.clock_hz, true, {}, {}};
  for (const LayerReport& layer : report.layers) {
    if (!has_events(layer.counters)) throw Error("--energy: this simulation counts no events: expected one of the RTL, not of a netlist");
    energy.add(count_events(layer.counters, layer.args, {table.typical_ones, table.typical_live}));
  }
  return energy;
}

}  // namespace kpu::sim
