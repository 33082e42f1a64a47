// SPDX-License-Identifier: Apache-2.0
#include "sim/energy/energy_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "common/error.h"
#include "common/files.h"

namespace kpu::sim {
namespace {

using Json = nlohmann::json;

/// Reads members of JSON objects; every error begins with the file and names the place.
class Reader {
 public:
  explicit Reader(std::string where) : where_(std::move(where)) {}

  const Json& member(const Json& object, const char* name, const std::string& place) const {
    if (!object.is_object() || !object.contains(name)) fail(place + name, "is not there");
    return object.at(name);
  }

  double number(const Json& object, const char* name, const std::string& place) const {
    const Json& value = member(object, name, place);
    if (!value.is_number() || value.get<double>() < 0) fail(place + name, "is no number from 0 on");
    return value.get<double>();
  }

  std::string text(const Json& object, const char* name, const std::string& place) const {
    const Json& value = member(object, name, place);
    if (!value.is_string()) fail(place + name, "is no text");
    return value.get<std::string>();
  }

  [[noreturn]] void fail(const std::string& place, const char* what) const {
    throw Error(fmt::format("{}: {} {}: expected a file in the form of bench/energy.json", where_, place, what));
  }

 private:
  std::string where_;
};

EnergyTable read_table(const Reader& reader, const Json& json, const std::string& place) {
  EnergyTable table;
  table.configuration = reader.text(json, "configuration", place);
  table.node = reader.text(json, "node", place);
  table.library = reader.text(json, "library", place);
  table.rtl = reader.text(json, "rtl", place);
  table.leakage_nw = reader.number(json, "leakage_nw", place);
  table.clock_pj = reader.number(json, "clock_pj", place);
  table.typical_ones = reader.number(json, "typical_ones", place);
  table.typical_live = reader.number(json, "typical_live", place);
  table.worst_error = reader.number(json, "worst_error", place);
  const Json& parameters = reader.member(json, "parameters", place);
  if (!parameters.is_object()) reader.fail(place + "parameters", "is no object");
  for (const auto& [name, value] : parameters.items()) {
    if (!value.is_number_unsigned()) reader.fail(place + "parameters." + name, "is no whole number from 0 on");
    table.parameters[name] = value.get<std::uint32_t>();
  }
  const Json& events = reader.member(json, "events", place);
  if (!events.is_object() || events.size() != kEnergyEvents.size()) reader.fail(place + "events", "has not the events that this program counts");
  for (std::size_t i = 0; i < kEnergyEvents.size(); ++i) {
    const Json& event = reader.member(events, kEnergyEvents[i], place + "events.");
    const std::string inside = fmt::format("{}events.{}.", place, kEnergyEvents[i]);
    table.events[i] = {reader.number(event, "cells_pj", inside), reader.number(event, "memories_pj", inside)};
  }
  return table;
}

bool is_of(const EnergyTable& table, const Configuration& configuration) {
  const auto parameters = configuration_parameters();
  return std::all_of(table.parameters.begin(), table.parameters.end(), [&](const auto& wanted) {
    return std::any_of(parameters.begin(), parameters.end(), [&](const ConfigurationParameter& parameter) {
      return wanted.first == parameter.name && configuration.*parameter.member == wanted.second;
    });
  });
}

}  // namespace

std::vector<EnergyTable> read_energy_tables(const std::string& text, const std::string& where) {
  const Reader reader(where);
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) throw Error(fmt::format("{}: is no JSON: expected a file in the form of bench/energy.json", where));
  if (reader.number(json, "schema", "") != 1) reader.fail("schema", "is not 1");
  const Json& kept = reader.member(json, "tables", "");
  if (!kept.is_array() || kept.empty()) reader.fail("tables", "has none");
  std::vector<EnergyTable> tables;
  for (std::size_t i = 0; i < kept.size(); ++i) tables.push_back(read_table(reader, kept[i], fmt::format("tables[{}].", i)));
  return tables;
}

std::vector<EnergyTable> load_energy_tables(const std::string& path) {
  if (path.empty()) return read_energy_tables(kept_energy_tables(), "bench/energy.json");
  const std::vector<std::uint8_t> bytes = read_file(path);
  return read_energy_tables({bytes.begin(), bytes.end()}, path);
}

const EnergyTable* find_energy_table(const std::vector<EnergyTable>& tables, const Configuration& configuration) {
  const auto found = std::find_if(tables.begin(), tables.end(), [&](const EnergyTable& table) { return is_of(table, configuration); });
  return found == tables.end() ? nullptr : &*found;
}

const EnergyTable& energy_table_of(const std::vector<EnergyTable>& tables, const Configuration& configuration) {
  if (const EnergyTable* found = find_energy_table(tables, configuration)) return *found;
  std::vector<std::string> names;
  for (const EnergyTable& table : tables) names.push_back(table.configuration);
  throw Error(fmt::format("--energy: the energy of {} was not measured: expected {} (CONFIG= of a build, --config of kpu estimate), or "
                          "make energy ENERGY_CONFIG={} (docs/energy.md)",
                          configuration.name, fmt::join(names, " or "), configuration.name));
}

}  // namespace kpu::sim
