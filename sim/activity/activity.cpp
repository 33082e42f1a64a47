// SPDX-License-Identifier: Apache-2.0
#include "sim/activity/activity.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "sim/text/layer_text.h"
#include "sim/text/svg.h"
#include "sim/text/text_table.h"

namespace kpu::sim {
namespace {

constexpr const char* kRelative =
    "relative: transitions of RTL signals, each bit counting alike; memories' contents excluded";

bool is_clock(const std::string& name) { return name == "clk_i" || name == "clk"; }

/// The unit that a scope belongs to.
std::string unit_of(const std::vector<std::string>& scope) {
  const auto is_instance = [](const std::string& name) { return name.starts_with("u_"); };
  auto at = std::find_if(scope.begin(), scope.end(), is_instance);
  std::string prefix;
  for (const char* around : {"u_kpu", "u_core"}) {
    if (at == scope.end() || *at != around) continue;
    prefix = around;
    at = std::find_if(at + 1, scope.end(), is_instance);
  }
  if (at != scope.end()) return prefix.empty() ? *at : prefix + "." + *at;
  return prefix.empty() ? "system" : prefix;
}

double percent(double part) { return 100 * part; }

}  // namespace

std::uint64_t Activity::toggles() const {
  std::uint64_t sum = 0;
  for (const UnitActivity& unit : units) sum += unit.toggles;
  return sum;
}

Activity by_unit(const WaveToggles& waves) {
  std::map<std::string, UnitActivity> units;
  for (const SignalToggles& signal : waves.signals) {
    if (is_clock(signal.name)) continue;
    UnitActivity& unit = units[unit_of(signal.scope)];
    unit.bits += signal.toggles.size();
    unit.toggles += signal.total();
  }
  Activity activity;
  activity.cycles = std::max<std::uint64_t>(waves.duration / 2, 1);
  for (auto& [name, unit] : units) {
    unit.unit = name;
    activity.units.push_back(unit);
  }
  const double all = std::max(static_cast<double>(activity.toggles()), 1.0);
  for (UnitActivity& unit : activity.units) {
    const auto toggles = static_cast<double>(unit.toggles);
    unit.share = toggles / all;
    unit.toggles_per_bit =
        toggles / static_cast<double>(unit.bits) / static_cast<double>(activity.cycles);
  }
  std::stable_sort(activity.units.begin(), activity.units.end(),
                   [](const auto& a, const auto& b) { return a.toggles > b.toggles; });
  return activity;
}

std::string activity_table(const Activity& activity) {
  using Align = TextTable::Align;
  TextTable table({{"unit", Align::kLeft},
                   {"bits", Align::kRight},
                   {"toggles", Align::kRight},
                   {"per cycle", Align::kRight},
                   {"per bit, cycle", Align::kRight},
                   {"share %", Align::kRight}});
  for (const UnitActivity& unit : activity.units) {
    table.add_row({unit.unit, grouped(unit.bits), grouped(unit.toggles),
                   fmt::format("{:.0f}", static_cast<double>(unit.toggles) /
                                             static_cast<double>(activity.cycles)),
                   fmt::format("{:.3f}", unit.toggles_per_bit),
                   fmt::format("{:.1f}", percent(unit.share))});
  }
  return fmt::format("{}\n{} toggles in {} cycles; {}\n", table.str(), grouped(activity.toggles()),
                     grouped(activity.cycles), kRelative);
}

std::string activity_json(const Activity& activity, const std::string& title) {
  nlohmann::ordered_json json{{"what", title},
                              {"meaning", kRelative},
                              {"cycles", activity.cycles},
                              {"toggles", activity.toggles()},
                              {"units", nlohmann::ordered_json::array()}};
  for (const UnitActivity& unit : activity.units) {
    json["units"].push_back({{"unit", unit.unit},
                             {"bits", unit.bits},
                             {"toggles", unit.toggles},
                             {"toggles_per_bit_and_cycle", unit.toggles_per_bit},
                             {"share", unit.share}});
  }
  return json.dump(1) + "\n";
}

std::string activity_svg(const Activity& activity, const std::string& title) {
  constexpr double kRow = 22;
  constexpr double kTop = 64;
  constexpr double kLeft = 190;
  constexpr double kWidth = 480;
  const double most = activity.units.empty() ? 1 : std::max(activity.units.front().share, 1e-9);
  SvgDrawing drawing(800, kTop + kRow * static_cast<double>(activity.units.size()) + 16);
  drawing.text(12, 22, fmt::format("Switching activity by unit: {}", title));
  drawing.text(12, 42, kRelative, SvgDrawing::Anchor::kStart, 11);
  double y = kTop;
  for (const UnitActivity& unit : activity.units) {
    const double width = kWidth * unit.share / most;
    drawing.text(kLeft - 8, y + 13, unit.unit, SvgDrawing::Anchor::kEnd);
    drawing.rect(kLeft, y, width, kRow - 6, "#1f6fb4");
    drawing.text(kLeft + width + 6, y + 13, fmt::format("{:.1f} %", percent(unit.share)));
    y += kRow;
  }
  return drawing.str();
}

}  // namespace kpu::sim
