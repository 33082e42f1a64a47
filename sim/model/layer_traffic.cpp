// SPDX-License-Identifier: Apache-2.0
#include "sim/model/layer_traffic.h"

#include "golden/kpu/arith.h"
#include "sim/model/model_units.h"
#include "sim/model/schedule.h"

namespace kpu::sim {

LayerTraffic layer_traffic(const golden::LayerArgs& args, bool eight_bit, bool to_main_memory, std::uint32_t batches,
                           const Configuration& rtl) {
  const Schedule schedule = make_schedule(args, eight_bit, to_main_memory, rtl);
  const bool packed = schedule.packed_lines > 0;
  const std::uint64_t lines = packed ? schedule.packed_lines : std::uint64_t{schedule.rows} * schedule.segments;
  const std::uint32_t width = schedule.picks() ? args.out_width : args.in_width;
  const std::uint64_t pixels = std::uint64_t{schedule.rows} * width * schedule.word_channels;
  const std::uint64_t words = std::uint64_t{streamed_words(args.out_width, rtl.lanes)} * args.out_height * args.out_channels;
  // Batch norm and weights are fetched whether the words say so or not.
  const std::uint64_t weights = std::uint64_t{args.channel_weights()} * args.out_channels * schedule.weight_bytes;
  const std::uint64_t tables = args.bn_bytes() + (args.load_act ? golden::kActTableBytes : 0);

  LayerTraffic traffic;
  traffic.array_cycles = array_cycles(args, schedule) * batches;
  traffic.post_lines = lines * (args.depthwise ? schedule.groups : args.out_channels) * batches;
  traffic.drain_cycles = rtl.drain_pass != 0 ? traffic.post_lines : 0;
  traffic.ring_reads = traffic.array_cycles + traffic.drain_cycles;
  traffic.sums_started = traffic.post_lines;
  traffic.sums_added = traffic.ring_reads - traffic.sums_started;
  traffic.lanes_valid = traffic.array_cycles / lines * pixels;
  traffic.ram_reads_stream = to_main_memory ? words * batches : 0;
  traffic.parameter_bytes = (weights + tables) * batches;
  return traffic;
}

}  // namespace kpu::sim
