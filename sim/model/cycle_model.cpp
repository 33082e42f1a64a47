// SPDX-License-Identifier: Apache-2.0
#include "sim/model/cycle_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "common/error.h"
#include "sim/model/layer_run.h"
#include "sim/model/model_units.h"
#include "sim/model/output_stream.h"
#include "sim/model/parameter_fetch.h"
#include "sim/model/schedule.h"

namespace kpu::sim {
namespace {

/// From the first fetch of a layer to its first product, and from the last product to the last
/// byte.
constexpr double kFillAndDrain = 40;

/// Pieces in which the weights of an output channel leave the byte stream, one a cycle.
double weight_takes(const golden::LayerArgs& args, const Schedule& schedule,
                    const Configuration& rtl) {
  if (args.depthwise) return schedule.weight_bytes;
  const std::uint32_t takes =
      args.kernel() == 3 ? args.in_channels : ceil_div(args.in_channels, rtl.point_channels);
  return double{1} * takes * schedule.weight_bytes;
}

/// Bytes of the weights that come before a layer's tables.
double first_bytes(const golden::LayerArgs& args, const Schedule& schedule, const Configuration& rtl) {
  if (rtl.overlap == 0 || args.depthwise) return 0;
  return double{1} * std::min({schedule.tile_channels, args.load_channels, args.out_channels}) * args.channel_weights() * schedule.weight_bytes;
}

}  // namespace

double memory_word_cycles(const CycleModel& model) {
  return std::max(1.0, kWordBytes / model.rtl.bus_bytes * 100 / model.bandwidth_percent);
}

void set_model_parameter(CycleModel& model, const std::string& where, const std::string& name,
                         std::uint64_t value) {
  const auto within = [&](std::uint64_t most) {
    if (value >= 1 && value <= most) return static_cast<std::uint32_t>(value);
    throw Error(fmt::format("{}: {} = {}: expected 1 to {}", where, name, value, most));
  };
  if (name == "ReadLatency") {
    model.read_latency = within(10000);
  } else if (name == "Bandwidth") {
    model.bandwidth_percent = within(100);
  } else {
    set_parameter(model.rtl, where, name, value);
  }
}

std::vector<CycleEstimate> estimate_cycles(std::span<const golden::KpuLayerInfo> layers,
                                           bool eight_bit, const CycleModel& model) {
  std::vector<CycleEstimate> estimates;
  ParameterFetch fetch(model);
  double now = 0;             // the array is free
  bool streamed_before = false;
  double started_before = 0;  // the layer before began: this one's parameters may be asked for
  for (const golden::KpuLayerInfo& layer : layers) {
    const golden::LayerArgs& args = layer.args;
    const Schedule schedule = make_schedule(args, eight_bit, layer.to_main_memory, model.rtl);
    const std::vector<std::uint32_t> sizes = tiles(args, schedule);
    CycleEstimate sum;
    for (std::uint32_t batch = 0; batch < layer.batches; ++batch) {
      CycleEstimate estimate;
      const double begin = now + model.rtl.start_cycles;
      // A layer behind one on the CPU is not there before that has ended, nor one that sends its output behind another such:
      // software takes one stream at a time.
      const bool there = (batch > 0 || layer.queued) && !(streamed_before && layer.to_main_memory);
      const bool early = model.rtl.start_cycles == 0 && there;
      streamed_before = layer.to_main_memory;
      fetch.tables(args, first_bytes(args, schedule, model.rtl), early ? started_before : begin);
      started_before = now;
      const double channel_bytes = static_cast<double>(args.channel_weights()) * schedule.weight_bytes;
      LayerRun run(args, schedule, model.rtl);
      OutputStream stream(args, model, schedule.packed_lines > 0);
      double time = begin;
      const double takes = weight_takes(args, schedule, model.rtl);
      const auto wait_until = [&](double ready) {
        estimate.weights += std::max(0.0, ready - time);
        time = std::max(time, ready);
      };
      // `count` times the products of `channels` output channels; the first one's weights were waited for since `before`.
      const auto products = [&](std::uint32_t count, std::uint32_t channels, double before) {
        const double reads = run.reads();
        const double busy = run.busy();
        const double waited = time - before;
        const double compute = run.tiles(count, args.depthwise ? 1 : channels);
        time += compute;
        for (std::uint32_t i = 0; layer.to_main_memory && i < count; ++i) {
          time += stream.beside(channels, (i == 0 ? waited : 0) + compute / count, compute / count,
                                (run.reads() - reads) * (1 + model.rtl.ai_gap) / count, (run.busy() - busy) / count);
        }
      };
      // `groups` channel groups of a depthwise layer from group `first` on, with the rows of the ring that they need.
      const auto depthwise_part = [&](std::uint32_t first, std::uint32_t groups) {
        const double before = time;
        const double channels = std::min(args.out_channels, (first + groups) * schedule.word_channels) - double{1} * first * schedule.word_channels;
        wait_until(fetch.tile(schedule.ring_rows * channels / args.out_channels, channel_bytes * channels, takes * channels));
        products(groups, schedule.word_channels, before);
      };
      if (args.depthwise) {
        const std::uint32_t part = model.rtl.overlap == 1 ? kRingRowKernels / schedule.word_channels : schedule.groups;
        for (std::uint32_t group = 0; group < schedule.groups; group += part) {
          depthwise_part(group, std::min(part, schedule.groups - group));
        }
        fetch.release(schedule.ring_rows, time);
      }
      for (std::size_t i = 0; !args.depthwise && i < sizes.size(); ++i) {
        const double rows = double{1} * sizes[i] * schedule.ring_rows;
        const double before = time;
        wait_until(fetch.tile(rows, channel_bytes * sizes[i], takes * sizes[i]));
        if (i == 0) run.hold(fetch.tables_there() - time);
        products(1, sizes[i], before);
        fetch.release(rows, time);
      }
      const double compute = time - begin - estimate.weights + run.finish();
      estimate.array = static_cast<double>(array_cycles(args, schedule));
      estimate.post = run.post();
      estimate.reads = std::max(0.0, compute - estimate.array - estimate.post);
      if (layer.to_main_memory) estimate.stream = stream.after();
      sum.words += run.reads();
      estimate.fixed = kFillAndDrain + model.rtl.start_cycles + run.last_line();
      now += estimate.total();
      sum.array += estimate.array;
      sum.reads += estimate.reads;
      sum.post += estimate.post;
      sum.weights += estimate.weights;
      sum.stream += estimate.stream;
      sum.fixed += estimate.fixed;
    }
    estimates.push_back(sum);
  }
  return estimates;
}

}  // namespace kpu::sim
