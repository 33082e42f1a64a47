// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/layer_traffic.h"

#include <fmt/format.h>

#include "golden/kpu/arith.h"
#include "sim/model/schedule.h"

namespace kpu::sim {

std::string traffic_difference(const Counters& counters, const golden::LayerArgs& args, bool eight_bit, bool to_main_memory,
                               std::uint32_t batches, const Configuration& rtl) {
  if (!counters.contains("array_cycles")) return {};
  const Schedule schedule = make_schedule(args, eight_bit, rtl);
  const std::uint64_t lines = schedule.packed_lines > 0 ? schedule.packed_lines : std::uint64_t{schedule.rows} * schedule.segments;
  const std::uint64_t channels = args.depthwise ? schedule.groups : args.out_channels;
  const std::uint64_t products = array_cycles(args, schedule) * batches;
  const std::uint64_t words = (args.out_width + rtl.lanes - 1) / rtl.lanes;
  const std::uint64_t stream = to_main_memory ? words * args.out_height * args.out_channels * batches : 0;

  std::string difference;
  const auto count = [&](const char* name) { return counter_value(counters, name); };
  const auto expect = [&](const std::string& what, std::uint64_t value, std::uint64_t expected, const char* why) {
    if (difference.empty() && value != expected) difference = fmt::format("{} is {}: expected {}, {}", what, value, expected, why);
  };
  expect("array_cycles", count("array_cycles"), products, "the Schedule's");
  const std::uint64_t busy = products + count("drain_cycles");
  expect("ring_reads", count("ring_reads"), busy, "a row for each array cycle");
  expect("sums_started + sums_added", count("sums_started") + count("sums_added"), busy, "one for each array cycle");
  expect("post_lines", count("post_lines"), lines * channels * batches, "the Schedule's lines");
  expect("sums_started", count("sums_started"), count("post_lines"), "a start for each line that leaves");
  expect("lanes_valid", count("lanes_valid"), products / lines * schedule.rows * args.in_width * schedule.word_channels,
         "the image's pixels");
  expect("ram_reads_stream", count("ram_reads_stream"), stream, "the words of the output that leaves");
  if (rtl.perf != 0 && counters.contains("array_busy")) {
    expect("array_busy", count("array_busy"), busy, "array_cycles + drain_cycles");
  }
  if (rtl.perf != 0 && counters.contains("lines_read")) {
    expect("ram_reads_lines - ram_reads_again", count("ram_reads_lines") - count("ram_reads_again"), count("lines_read"), "lines_read");
  }
  // Batch norm and weights are fetched whether the words say so or not. Loads begin and end within a beat.
  const std::uint64_t weights = std::uint64_t{args.channel_weights()} * args.out_channels * schedule.weight_bytes;
  const std::uint64_t tables = args.bn_bytes() + (args.load_act ? golden::kActTableBytes : 0);
  const std::uint64_t least = (weights + tables + 7) / 8 * batches;
  const std::uint64_t most = least + 2 * std::uint64_t{args.loads + 2} * batches;
  if (difference.empty() && (count("parameter_beats") < least || count("parameter_beats") > most)) {
    difference = fmt::format("parameter_beats is {}: expected {} to {}, the tables' and weights'", count("parameter_beats"), least, most);
  }
  return difference;
}

}  // namespace kpu::sim
