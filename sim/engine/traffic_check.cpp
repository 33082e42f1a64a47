// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/traffic_check.h"

#include <fmt/format.h>

#include "sim/model/layer_traffic.h"

namespace kpu::sim {

std::string traffic_difference(const Counters& counters, const golden::LayerArgs& args, bool eight_bit, bool to_main_memory,
                               std::uint32_t batches, const Configuration& rtl) {
  if (!counters.contains("array_cycles")) return {};
  const LayerTraffic traffic = layer_traffic(args, eight_bit, to_main_memory, batches, rtl);
  std::string difference;
  const auto count = [&](const char* name) { return counter_value(counters, name); };
  const auto expect = [&](const char* what, std::uint64_t value, std::uint64_t expected, const char* why) {
    if (difference.empty() && value != expected) difference = fmt::format("{} is {}: expected {}, {}", what, value, expected, why);
  };
  const char* const schedule = "by the Schedule";
  expect("array_cycles", count("array_cycles"), traffic.array_cycles, schedule);
  expect("drain_cycles", count("drain_cycles"), traffic.drain_cycles, schedule);
  expect("ring_reads", count("ring_reads"), traffic.ring_reads, schedule);
  expect("sums_started", count("sums_started"), traffic.sums_started, schedule);
  expect("sums_added", count("sums_added"), traffic.sums_added, schedule);
  expect("post_lines", count("post_lines"), traffic.post_lines, schedule);
  expect("lanes_valid", count("lanes_valid"), traffic.lanes_valid, schedule);
  expect("ram_reads_stream", count("ram_reads_stream"), traffic.ram_reads_stream, schedule);
  if (rtl.perf != 0 && counters.contains("array_busy")) {
    expect("array_busy", count("array_busy"), traffic.ring_reads, "array_cycles + drain_cycles");
  }
  if (rtl.perf != 0 && counters.contains("lines_read")) {
    expect("ram_reads_lines - ram_reads_again", count("ram_reads_lines") - count("ram_reads_again"), count("lines_read"), "lines_read");
  }
  // Tables and loads begin and end within a beat.
  const std::uint64_t least = (traffic.parameter_bytes + 7) / 8;
  const std::uint64_t most = least + 2 * std::uint64_t{args.loads + 2} * batches;
  if (difference.empty() && (count("parameter_beats") < least || count("parameter_beats") > most)) {
    difference = fmt::format("parameter_beats is {}: expected {} to {}, the tables' and weights'", count("parameter_beats"), least, most);
  }
  return difference;
}

}  // namespace kpu::sim
