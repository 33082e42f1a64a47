// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/cli_sweep.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "common/files.h"
#include "common/version.h"
#include "sim/cli/cli_energy.h"
#include "sim/report/configuration_json.h"
#include "sim/text/text_table.h"

namespace kpu::sim {
namespace {

using Json = nlohmann::ordered_json;

/// Points that are printed.
constexpr std::size_t kShown = 20;

struct Part {
  const char* name;
  double CycleEstimate::*member;
};

constexpr std::array<Part, 6> kParts{{{"array", &CycleEstimate::array},
                                      {"reads", &CycleEstimate::reads},
                                      {"post", &CycleEstimate::post},
                                      {"weights", &CycleEstimate::weights},
                                      {"stream", &CycleEstimate::stream},
                                      {"fixed", &CycleEstimate::fixed}}};

/// Of each point, in their order; nothing where no table is of its shape.
using Energies = std::vector<std::optional<LayerEnergy>>;

Energies energies_of(const Sweep& sweep, std::span<const golden::KpuLayerInfo> layers, bool eight_bit, const SweepReport& report) {
  Energies energies;
  for (const SweepPoint& point : sweep.points) {
    const EnergyTable* const table = find_energy_table(report.energy, point.model.rtl);
    energies.emplace_back();
    if (table == nullptr) continue;
    const std::vector<CycleEstimate> cycles = estimate_cycles(layers, eight_bit, point.model);
    energies.back() = energy_of_estimate(layers, cycles, eight_bit, point.model.rtl, *table, report.clock_mhz * 1e6).sum();
  }
  return energies;
}

/// Picojoules as whole nanojoules, which is less than any table is right to.
std::string microjoules(double picojoules) { return fmt::format("{:.3f}", picojoules / 1e6); }

std::vector<std::string> axis_names(std::span<const SweepAxis> axes) {
  std::vector<std::string> names;
  for (const SweepAxis& axis : axes) names.push_back(axis.name);
  return names;
}

std::string csv_text(const Sweep& sweep, std::span<const SweepAxis> axes, const SweepReport& report, const Energies& energies) {
  std::string text = fmt::format("{},cycles", fmt::join(axis_names(axes), ","));
  for (const Part& part : kParts) text += fmt::format(",{}", part.name);
  text += report.energy.empty() ? ",refused_layers\n" : ",refused_layers,cells_uj,memories_uj\n";
  for (std::size_t i = 0; i < sweep.points.size(); ++i) {
    const SweepPoint& point = sweep.points[i];
    text += fmt::format("{},{:.0f}", fmt::join(point.values, ","), point.cycles.total());
    for (const Part& part : kParts) text += fmt::format(",{:.0f}", point.cycles.*part.member);
    text += fmt::format(",{}", point.refused);
    if (energies[i]) text += fmt::format(",{},{}", microjoules(energies[i]->cells()), microjoules(energies[i]->memories));
    else if (!report.energy.empty()) text += ",,";
    text += "\n";
  }
  return text;
}

std::string json_text(const Sweep& sweep, const CycleModel& base, std::span<const SweepAxis> axes,
                      const SweepReport& report, const Energies& energies) {
  Json json = {
      {"model", report.network},
      {"tool", fmt::format("kpu {}", version())},
      {"configuration", configuration_json(base.rtl)},
      {"memory", {{"ReadLatency", base.read_latency}, {"Bandwidth", base.bandwidth_percent}}},
      {"clock_mhz", report.clock_mhz},
      {"combinations_left_out", sweep.left_out},
      {"points", Json::array()}};
  for (std::size_t i = 0; i < sweep.points.size(); ++i) {
    const SweepPoint& point = sweep.points[i];
    Json entry = Json::object();
    for (std::size_t a = 0; a < axes.size(); ++a) entry["set"][axes[a].name] = point.values[a];
    for (const Part& part : kParts) entry[part.name] = point.cycles.*part.member;
    entry["cycles"] = point.cycles.total();
    entry["refused_layers"] = point.refused;
    if (energies[i]) entry["energy"] = {{"cells_uj", energies[i]->cells() / 1e6}, {"memories_uj", energies[i]->memories / 1e6}};
    json["points"].push_back(std::move(entry));
  }
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// Indices of the points with the fewest cycles, those that refuse no layer first.
std::vector<std::size_t> best(const std::vector<SweepPoint>& points) {
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const auto key = [&](std::size_t i) {
      return std::pair(points[i].refused > 0, points[i].cycles.total());
    };
    return key(a) < key(b);
  });
  order.resize(std::min(order.size(), kShown));
  return order;
}

void print_sweep(const Sweep& sweep, std::span<const SweepAxis> axes, const SweepReport& report, const Energies& energies) {
  std::vector<TextTable::Column> columns;
  for (const SweepAxis& axis : axes) columns.push_back({axis.name});
  for (const char* const name : {"cycles", "ms", "x fewest"}) columns.push_back({name});
  for (const Part& part : kParts) columns.push_back({fmt::format("{} %", part.name)});
  if (!report.energy.empty()) columns.insert(columns.end(), {{"cells uJ"}, {"memories uJ"}});
  columns.push_back({"refused layers"});
  TextTable table(std::move(columns));
  const std::vector<std::size_t> order = best(sweep.points);
  const double fewest = sweep.points[order.front()].cycles.total();
  for (const std::size_t i : order) {
    const SweepPoint& point = sweep.points[i];
    const double total = point.cycles.total();
    std::vector<std::string> row;
    for (const std::uint64_t value : point.values) row.push_back(fmt::format("{}", value));
    row.push_back(fmt::format("{:.0f}", total));
    row.push_back(fmt::format("{:.3f}", total / (report.clock_mhz * 1e3)));
    row.push_back(fmt::format("{:.3f}", fewest > 0 ? total / fewest : 1));
    for (const Part& part : kParts) {
      const double share = total > 0 ? point.cycles.*part.member / total : 0;
      row.push_back(fmt::format("{:.1f}", 100 * share));
    }
    if (!report.energy.empty()) {
      row.push_back(energies[i] ? microjoules(energies[i]->cells()) : "");
      row.push_back(energies[i] ? microjoules(energies[i]->memories) : "");
    }
    row.push_back(point.refused > 0 ? fmt::format("{}", point.refused) : "");
    table.add_row(std::move(row));
  }
  fmt::print("{}\n", table.str());
}

}  // namespace

void run_sweep(const golden::ModelInfo& network, const CycleModel& base,
               std::span<const SweepAxis> axes, const SweepReport& report) {
  const std::vector<golden::KpuLayerInfo> layers = network.kpu_layers();
  const auto start = std::chrono::steady_clock::now();
  const Sweep points = sweep(layers, network.eight_bit, base, axes);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  const Energies energies = energies_of(points, layers, network.eight_bit, report);
  if (!report.csv.empty()) write_file(report.csv, csv_text(points, axes, report, energies));
  if (!report.json.empty()) write_file(report.json, json_text(points, base, axes, report, energies));
  print_sweep(points, axes, report, energies);
  const std::size_t shown = std::min(points.points.size(), kShown);
  fmt::print("{} of {} points from {}, fewest cycles first ({:.0f} points a second)\n", shown,
             points.points.size(), base.rtl.name,
             static_cast<double>(points.points.size()) / std::max(seconds, 1e-9));
  if (!report.energy.empty()) {
    fmt::print("energy: {} points are of a shape that was measured (docs/energy.md)\n",
               std::count_if(energies.begin(), energies.end(), [](const auto& energy) { return energy.has_value(); }));
  }
  if (points.left_out > 0) {
    fmt::print("{} combinations do not go together and are left out\n", points.left_out);
  }
  if (shown < points.points.size() && report.csv.empty() && report.json.empty()) {
    fmt::print("all points: --csv FILE or --json FILE\n");
  }
}

}  // namespace kpu::sim
