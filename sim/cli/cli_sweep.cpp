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
#include <utility>
#include <vector>

#include "common/files.h"
#include "common/version.h"
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

std::vector<std::string> axis_names(std::span<const SweepAxis> axes) {
  std::vector<std::string> names;
  for (const SweepAxis& axis : axes) names.push_back(axis.name);
  return names;
}

std::string csv_text(const Sweep& sweep, std::span<const SweepAxis> axes) {
  std::string text = fmt::format("{},cycles", fmt::join(axis_names(axes), ","));
  for (const Part& part : kParts) text += fmt::format(",{}", part.name);
  text += ",refused_layers\n";
  for (const SweepPoint& point : sweep.points) {
    text += fmt::format("{},{:.0f}", fmt::join(point.values, ","), point.cycles.total());
    for (const Part& part : kParts) text += fmt::format(",{:.0f}", point.cycles.*part.member);
    text += fmt::format(",{}\n", point.refused);
  }
  return text;
}

std::string json_text(const Sweep& sweep, const CycleModel& base, std::span<const SweepAxis> axes,
                      const SweepReport& report) {
  Json json = {
      {"model", report.network},
      {"tool", fmt::format("kpu {}", version())},
      {"configuration", configuration_json(base.rtl)},
      {"memory", {{"ReadLatency", base.read_latency}, {"Bandwidth", base.bandwidth_percent}}},
      {"clock_mhz", report.clock_mhz},
      {"combinations_left_out", sweep.left_out},
      {"points", Json::array()}};
  for (const SweepPoint& point : sweep.points) {
    Json entry = Json::object();
    for (std::size_t a = 0; a < axes.size(); ++a) entry["set"][axes[a].name] = point.values[a];
    for (const Part& part : kParts) entry[part.name] = point.cycles.*part.member;
    entry["cycles"] = point.cycles.total();
    entry["refused_layers"] = point.refused;
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

void print_sweep(const Sweep& sweep, std::span<const SweepAxis> axes, double clock_mhz) {
  std::vector<TextTable::Column> columns;
  for (const SweepAxis& axis : axes) columns.push_back({axis.name});
  for (const char* const name : {"cycles", "ms", "x fewest"}) columns.push_back({name});
  for (const Part& part : kParts) columns.push_back({fmt::format("{} %", part.name)});
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
    row.push_back(fmt::format("{:.3f}", total / (clock_mhz * 1e3)));
    row.push_back(fmt::format("{:.3f}", fewest > 0 ? total / fewest : 1));
    for (const Part& part : kParts) {
      const double share = total > 0 ? point.cycles.*part.member / total : 0;
      row.push_back(fmt::format("{:.1f}", 100 * share));
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

  if (!report.csv.empty()) write_file(report.csv, csv_text(points, axes));
  if (!report.json.empty()) write_file(report.json, json_text(points, base, axes, report));
  print_sweep(points, axes, report.clock_mhz);
  const std::size_t shown = std::min(points.points.size(), kShown);
  fmt::print("{} of {} points from {}, fewest cycles first ({:.0f} points a second)\n", shown,
             points.points.size(), base.rtl.name,
             static_cast<double>(points.points.size()) / std::max(seconds, 1e-9));
  if (points.left_out > 0) {
    fmt::print("{} combinations do not go together and are left out\n", points.left_out);
  }
  if (shown < points.points.size() && report.csv.empty() && report.json.empty()) {
    fmt::print("all points: --csv FILE or --json FILE\n");
  }
}

}  // namespace kpu::sim
