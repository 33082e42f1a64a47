// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/cli_energy.h"

#include <CLI/CLI.hpp>
#include <cstddef>
#include <memory>

#include "common/error.h"
#include "sim/model/layer_traffic.h"

namespace kpu::sim {

CLI::Option* add_energy_options(CLI::App& command, EnergyArguments& arguments) {
  command.add_flag("--energy", arguments.wanted,
                   "Also show energy by layer, in standard cells of 0.18 um, of a shape whose energy was measured (docs/energy.md)");
  return command.add_option("--energy-table", arguments.file, "File in the form of bench/energy.json in its place; needs --energy");
}

std::vector<EnergyTable> energy_tables(const EnergyArguments& arguments) {
  if (!arguments.wanted && !arguments.file.empty()) throw Error("--energy-table: expected --energy, too");
  return arguments.wanted ? load_energy_tables(arguments.file) : std::vector<EnergyTable>{};
}

std::optional<EnergyTable> energy_table(const EnergyArguments& arguments, const Configuration& configuration) {
  const std::vector<EnergyTable> tables = energy_tables(arguments);
  if (tables.empty()) return std::nullopt;
  return energy_table_of(tables, configuration);
}

NetworkEnergy energy_of_estimate(std::span<const golden::KpuLayerInfo> layers, std::span<const CycleEstimate> cycles, bool eight_bit,
                                 const Configuration& rtl, const EnergyTable& table, double clock_hz) {
  NetworkEnergy energy{table, clock_hz, false, {}, {}};
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerTraffic traffic = layer_traffic(layers[i].args, eight_bit, layers[i].to_main_memory, layers[i].batches, rtl);
    const auto counters = estimated_counters(traffic, cycles[i].total(), cycles[i].words);
    energy.add(count_events(counters, layers[i].args, {table.typical_ones, table.typical_live}));
  }
  return energy;
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
