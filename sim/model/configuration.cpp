// SPDX-License-Identifier: Apache-2.0
#include "sim/model/configuration.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "common/error.h"
#include "common/files.h"
#include "sim/shape/configuration_files.h"

namespace kpu::sim {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<ConfigurationParameter, 28> kParameters{{
    {"Lanes", &Configuration::lanes},
    {"PostLanes", &Configuration::post_lanes},
    {"WeightRows", &Configuration::weight_rows},
    {"AiLines", &Configuration::ai_lines},
    {"AiPorts", &Configuration::ai_ports},
    {"AiBanks", &Configuration::ai_banks},
    {"AiGap", &Configuration::ai_gap},
    {"AccLines", &Configuration::acc_lines},
    {"TileChannels", &Configuration::tile_channels},
    {"PointChannels", &Configuration::point_channels},
    {"WeightBits", &Configuration::weight_bits},
    {"MaxOutstanding", &Configuration::max_outstanding},
    {"Perf", &Configuration::perf},
    {"PackRows", &Configuration::pack_rows},
    {"Overlap", &Configuration::overlap},
    {"Pool", &Configuration::pool},
    {"StreamOut", &Configuration::stream_out},
    {"Weights16", &Configuration::weights16},
    {"LayerFifo", &Configuration::layer_fifo},
    {"OutFifo", &Configuration::out_fifo},
    {"SkipRows", &Configuration::skip_rows},
    {"DrainPass", &Configuration::drain_pass},
    {"PassGap", &Configuration::pass_gap},
    {"KernelPort", &Configuration::kernel_port},
    {"StartCycles", &Configuration::start_cycles},
    {"StreamGap", &Configuration::stream_gap},
    {"DmaChannels", &Configuration::dma_channels},
    {"BusBytes", &Configuration::bus_bytes},
}};

/// In the order of the schema.
const Json& schema() {
  static const Json text = Json::parse(configuration_schema());
  return text.at("properties");
}

/// The names of an object's members.
std::string names_of(const Json& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.items()) names.push_back(name);
  return fmt::format("{}", fmt::join(names, ", "));
}

const Json& rule_of(const std::string& where, const std::string& name) {
  const Json& rules = schema().at("parameters").at("properties");
  if (!rules.contains(name)) {
    throw Error(fmt::format("{}: parameter {}: expected one of {}", where, name, names_of(rules)));
  }
  return rules.at(name);
}

/// The values that a rule of the schema lets through, as text.
std::string expectation(const Json& rule) {
  if (!rule.contains("enum")) {
    return fmt::format("{} to {}", rule.at("minimum").get<std::uint64_t>(),
                       rule.at("maximum").get<std::uint64_t>());
  }
  return fmt::format("one of {}",
                     fmt::join(rule.at("enum").get<std::vector<std::uint64_t>>(), ", "));
}

bool allows(const Json& rule, std::uint64_t value) {
  if (rule.contains("enum")) {
    const auto values = rule.at("enum").get<std::vector<std::uint64_t>>();
    return std::find(values.begin(), values.end(), value) != values.end();
  }
  return value >= rule.at("minimum").get<std::uint64_t>() &&
         value <= rule.at("maximum").get<std::uint64_t>();
}

void set(Configuration& configuration, const std::string& where, const std::string& name,
         const Json& value) {
  const Json& rule = rule_of(where, name);
  if (!value.is_number_unsigned() || !allows(rule, value.get<std::uint64_t>())) {
    throw Error(
        fmt::format("{}: {} = {}: expected {}", where, name, value.dump(), expectation(rule)));
  }
  const auto found = std::find_if(kParameters.begin(), kParameters.end(),
                                  [&](const auto& entry) { return entry.name == name; });
  configuration.*found->member = value.get<std::uint32_t>();
}

/// Throws if a file holds anything but what the schema names.
void check_members(const Json& entry, const std::string& where) {
  if (!entry.is_object()) throw Error(where + ": expected an object");
  for (const auto& [name, value] : entry.items()) {
    if (!schema().contains(name)) {
      throw Error(
          fmt::format("{}: member {}: expected one of {}", where, name, names_of(schema())));
    }
    const std::string type = schema().at(name).at("type");
    if (type != value.type_name()) {
      throw Error(fmt::format("{}: member {}: expected type {}", where, name, type));
    }
  }
  for (const char* const name : {"description", "parameters"}) {
    if (!entry.contains(name)) throw Error(fmt::format("{}: member {}: missing", where, name));
  }
}

std::string names_of_all() {
  std::vector<std::string> names;
  for (const ConfigurationFile& file : configuration_files()) names.emplace_back(file.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

const ConfigurationFile* find_file(const std::string& name) {
  for (const ConfigurationFile& file : configuration_files()) {
    if (file.name == name) return &file;
  }
  return nullptr;
}

Json parse(const std::string& text, const std::string& where) {
  Json entry = Json::parse(text, nullptr, false);
  if (entry.is_discarded()) throw Error(where + ": expected a JSON file");
  check_members(entry, where);
  return entry;
}

/// The parameters that `entry` and its bases set; `depth` bases are left before they go in a
/// circle.
Configuration resolve(const Json& entry, const std::string& where, std::size_t depth) {
  Configuration configuration = unknown_configuration();
  if (entry.contains("base")) {
    const std::string base = entry.at("base");
    const ConfigurationFile* file = find_file(base);
    if (file == nullptr || depth == 0) {
      throw Error(fmt::format("{}: base {}: expected one of {}, not in a circle", where, base,
                              names_of_all()));
    }
    const std::string base_where = fmt::format("configs/{}.json", base);
    configuration = resolve(parse(file->text, base_where), base_where, depth - 1);
  }
  for (const auto& [name, value] : entry.at("parameters").items()) {
    set(configuration, where, name, value);
  }
  return configuration;
}

Configuration from_text(const std::string& text, const std::string& where,
                        const std::string& name) {
  const Json entry = parse(text, where);
  Configuration configuration = resolve(entry, where, configuration_files().size());
  configuration.name = name;
  for (const ConfigurationParameter& parameter : kParameters) {
    if (configuration.*parameter.member == kUnknownParameter) {
      throw Error(fmt::format("{}: parameter {}: missing, expected a value or a base that has one",
                              where, parameter.name));
    }
  }
  check_configuration(configuration, where);
  return configuration;
}

}  // namespace

std::span<const ConfigurationParameter> configuration_parameters() { return kParameters; }

Configuration unknown_configuration() {
  Configuration configuration;
  for (const ConfigurationParameter& parameter : kParameters) {
    configuration.*parameter.member = kUnknownParameter;
  }
  return configuration;
}

const Configuration& built_configuration() {
  static const Configuration built = [] {
    Json entry = Json::parse(built_configuration_text());
    const std::string name = entry.at("name");
    entry.erase("name");
    return from_text(entry.dump(), "the built configuration", name);
  }();
  return built;
}

Configuration load_configuration(const std::string& name_or_path) {
  if (name_or_path.ends_with(".json")) {
    const std::vector<std::uint8_t> bytes = read_file(name_or_path);
    return from_text(std::string(bytes.begin(), bytes.end()), name_or_path,
                     std::filesystem::path(name_or_path).stem().string());
  }
  const ConfigurationFile* file = find_file(name_or_path);
  if (file == nullptr) {
    throw Error(fmt::format("configuration {}: expected one of {}, or a path that ends with .json",
                            name_or_path, names_of_all()));
  }
  return from_text(file->text, fmt::format("configs/{}.json", name_or_path), name_or_path);
}

void set_parameter(Configuration& configuration, const std::string& where, const std::string& name,
                   std::uint64_t value) {
  set(configuration, where, name, value);
}

void check_configuration(const Configuration& configuration, const std::string& where) {
  if (configuration.post_lanes > configuration.lanes) {
    throw Error(fmt::format("{}: PostLanes = {}: expected at most Lanes = {}", where,
                            configuration.post_lanes, configuration.lanes));
  }
  if (configuration.weights16 == 0 && configuration.weight_bits == 16) {
    throw Error(fmt::format("{}: WeightBits = {}: expected 4 or 8 with Weights16 = 0", where,
                            configuration.weight_bits));
  }
  if (configuration.pack_rows != 0) {
    const struct {
      const char* name;
      std::uint32_t value;
      bool fits;
    } needs[] = {{"Lanes", configuration.lanes, configuration.lanes >= 16 && configuration.lanes <= 64},
                 {"TileChannels", configuration.tile_channels, configuration.tile_channels == 16},
                 {"PointChannels", configuration.point_channels, configuration.point_channels == 8},
                 {"WeightBits", configuration.weight_bits, configuration.weight_bits == 8},
                 {"SkipRows", configuration.skip_rows, configuration.skip_rows == 1},
                 {"DrainPass", configuration.drain_pass, configuration.drain_pass == 0}};
    for (const auto& need : needs) {
      if (!need.fits) {
        throw Error(fmt::format("{}: {} = {}: not with PackRows = 1, which goes with 16 to 64 lanes and the defaults of "
                                "TileChannels, PointChannels, WeightBits, SkipRows and DrainPass",
                                where, need.name, need.value));
      }
    }
  }
  if (configuration.ai_banks != 0 && (configuration.ai_ports != 1 || configuration.ai_gap != 0)) {
    throw Error(fmt::format("{}: AiBanks = {}: expected 0 with AiPorts = {} and AiGap = {}", where, configuration.ai_banks,
                            configuration.ai_ports, configuration.ai_gap));
  }
  if (configuration.lanes > 64 && (configuration.ai_ports != 1 || configuration.ai_banks != 0)) {
    throw Error(fmt::format("{}: Lanes = {}: expected at most 64 with AiPorts = {} and AiBanks = {}", where, configuration.lanes,
                            configuration.ai_ports, configuration.ai_banks));
  }
  if (configuration.tile_channels > configuration.acc_lines) {
    throw Error(fmt::format("{}: TileChannels = {}: expected at most AccLines = {}", where,
                            configuration.tile_channels, configuration.acc_lines));
  }
}

}  // namespace kpu::sim
