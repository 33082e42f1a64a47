// SPDX-License-Identifier: Apache-2.0
#include "sim/report/energy_report.h"

#include <fmt/format.h>

#include <cstddef>
#include <nlohmann/json.hpp>

#include "sim/text/text_table.h"

namespace kpu::sim {
namespace {

using Json = nlohmann::ordered_json;

double microjoules(double picojoules) { return picojoules / 1e6; }

Json layer_json(const LayerEnergy& layer) {
  return {{"clock_uj", microjoules(layer.clock)},
          {"switching_uj", microjoules(layer.switching)},
          {"leakage_uj", microjoules(layer.leakage)},
          {"cells_uj", microjoules(layer.cells())},
          {"memories_uj", microjoules(layer.memories)},
          {"total_uj", microjoules(layer.total())}};
}

}  // namespace

Json events_json(const EventCounts& counts) {
  Json json = Json::object();
  for (std::size_t i = 0; i < counts.size(); ++i) json[kEnergyEvents[i]] = counts[i];
  return json;
}

std::string energy_text(const NetworkEnergy& energy) {
  TextTable table({{"#"}, {"clock uJ"}, {"+ switching uJ"}, {"= cells uJ"}, {"memories uJ"}});
  const auto add = [&](const std::string& name, const LayerEnergy& layer) {
    const auto cell = [](double picojoules) { return fmt::format("{:.2f}", microjoules(picojoules)); };
    table.add_row({name, cell(layer.clock), cell(layer.switching + layer.leakage), cell(layer.cells()), cell(layer.memories)});
  };
  for (std::size_t i = 0; i < energy.layers.size(); ++i) add(fmt::format("{}", i), energy.layers[i]);
  const LayerEnergy sum = energy.sum();
  add("sum", sum);
  const EnergyTable& of = energy.table;
  return fmt::format(
      "{}energy at {} ({}), configuration {}: {:.1f} uJ in cells, of which the clock pins of registers {:.1f}; {:.1f} uJ in memories, by an "
      "assumption\na layer's cells at most {:.1f} % off the measurement of other layers; wires, clock tree and glitches are not in it: "
      "docs/energy.md{}\n",
      table.str(), of.node, of.library, of.configuration, microjoules(sum.cells()), microjoules(sum.clock), microjoules(sum.memories),
      of.worst_error, energy.data_known ? "" : fmt::format("\nthe data is not known: {:.1f} of a pixel's 8 bits count as ones, {:.0f} % of the windows as not all zero", of.typical_ones,
                                                          100 * of.typical_live));
}

Json energy_json(const NetworkEnergy& energy) {
  const EnergyTable& of = energy.table;
  Json json = {{"node", of.node},
               {"library", of.library},
               {"configuration", of.configuration},
               {"rtl", of.rtl},
               {"worst_error_percent", of.worst_error},
               {"data", energy.data_known ? "known" : "typical"},
               {"total", layer_json(energy.sum())},
               {"kpu_layers", Json::array()}};
  for (std::size_t i = 0; i < energy.layers.size(); ++i) {
    Json layer = layer_json(energy.layers[i]);
    layer["events"] = events_json(energy.counts[i]);
    json["kpu_layers"].push_back(layer);
  }
  return json;
}

}  // namespace kpu::sim
