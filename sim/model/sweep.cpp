// SPDX-License-Identifier: Apache-2.0
#include "sim/model/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "common/error.h"
#include "sim/model/refusal.h"

namespace kpu::sim {
namespace {

constexpr std::string_view kRange = "..";
/// Longest range of numbers that is walked through.
constexpr std::uint64_t kMostRange = 65536;

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || stop != end || error != std::errc()) return std::nullopt;
  return value;
}

bool may_be(const std::string& name, std::uint64_t value) {
  CycleModel model;
  try {
    set_model_parameter(model, "", name, value);
  } catch (const Error&) {
    return false;
  }
  return true;
}

/// The values between two that the parameter may have.
std::vector<std::uint64_t> range(const std::string& where, const std::string& name,
                                 std::uint64_t first, std::uint64_t last) {
  if (first > last || last - first >= kMostRange) {
    throw Error(fmt::format("{}: {}..{}: expected the smaller value first, less than {} apart",
                            where, first, last, kMostRange));
  }
  CycleModel model;
  // The ends must be values themselves: names and misprints are found here.
  set_model_parameter(model, where, name, first);
  set_model_parameter(model, where, name, last);
  std::vector<std::uint64_t> values;
  for (std::uint64_t value = first; value <= last; ++value) {
    if (may_be(name, value)) values.push_back(value);
  }
  return values;
}

void add(CycleEstimate& sum, const CycleEstimate& part) {
  sum.array += part.array;
  sum.reads += part.reads;
  sum.post += part.post;
  sum.weights += part.weights;
  sum.stream += part.stream;
  sum.fixed += part.fixed;
}

std::uint32_t refused_layers(std::span<const golden::KpuLayerInfo> layers, bool eight_bit,
                             const Configuration& rtl) {
  return static_cast<std::uint32_t>(
      std::count_if(layers.begin(), layers.end(), [&](const golden::KpuLayerInfo& layer) {
        return !refusal(layer, eight_bit, rtl).empty();
      }));
}

bool goes_together(const Configuration& configuration) {
  try {
    check_configuration(configuration, "");
  } catch (const Error&) {
    return false;
  }
  return true;
}

std::size_t combinations(std::span<const SweepAxis> axes) {
  std::size_t count = 1;
  for (const SweepAxis& axis : axes) {
    count *= axis.values.size();
    if (count > kMostSweepPoints) {
      throw Error(
          fmt::format("--set: more than {} points: expected fewer values", kMostSweepPoints));
    }
  }
  return count;
}

}  // namespace

SweepAxis parse_axis(const std::string& where, const std::string& text) {
  const std::size_t sign = text.find('=');
  SweepAxis axis{text.substr(0, sign), {}};
  const auto fail = [&] {
    throw Error(where +
                ": expected NAME=VALUE, NAME=VALUE,VALUE.. or NAME=FIRST..LAST with whole numbers");
  };
  if (sign == std::string::npos) fail();
  std::string_view rest = std::string_view(text).substr(sign + 1);
  if (const std::size_t dots = rest.find(kRange); dots != std::string_view::npos) {
    const auto first = number(rest.substr(0, dots));
    const auto last = number(rest.substr(dots + kRange.size()));
    if (!first || !last) fail();
    axis.values = range(where, axis.name, *first, *last);
    return axis;
  }
  for (bool more = true; more;) {
    const std::size_t comma = rest.find(',');
    const auto value = number(rest.substr(0, comma));
    if (!value) fail();
    CycleModel model;
    set_model_parameter(model, where, axis.name, *value);
    if (std::find(axis.values.begin(), axis.values.end(), *value) != axis.values.end()) {
      throw Error(fmt::format("{}: {} twice: expected each value once", where, *value));
    }
    axis.values.push_back(*value);
    more = comma != std::string_view::npos;
    if (more) rest.remove_prefix(comma + 1);
  }
  return axis;
}

Sweep sweep(std::span<const golden::KpuLayerInfo> layers, bool eight_bit, const CycleModel& base,
            std::span<const SweepAxis> axes) {
  Sweep result;
  const std::size_t count = combinations(axes);
  for (std::size_t i = 0; i < count; ++i) {
    SweepPoint point{
        .model = base, .values = std::vector<std::uint64_t>(axes.size()), .cycles = {}};
    std::size_t rest = i;
    for (std::size_t a = axes.size(); a-- > 0; rest /= axes[a].values.size()) {
      point.values[a] = axes[a].values[rest % axes[a].values.size()];
      set_model_parameter(point.model, "--set", axes[a].name, point.values[a]);
    }
    if (!goes_together(point.model.rtl)) {
      ++result.left_out;
      continue;
    }
    for (const CycleEstimate& layer : estimate_cycles(layers, eight_bit, point.model)) {
      add(point.cycles, layer);
    }
    point.refused = refused_layers(layers, eight_bit, point.model.rtl);
    result.points.push_back(std::move(point));
  }
  if (result.points.empty()) {
    throw Error(
        "--set: no combination of these values goes together: expected PostLanes of at "
        "most Lanes in one of them");
  }
  return result;
}

}  // namespace kpu::sim
