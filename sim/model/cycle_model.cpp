// SPDX-License-Identifier: Apache-2.0
#include "sim/model/cycle_model.h"

#include <algorithm>
#include <bit>

#include "golden/kpu/arith.h"
#include "sim/model/cost_model.h"

namespace kpu::sim {
namespace {

/// From the first fetch of a layer to its first product, and from the last product to the last
/// byte.
constexpr double kFillAndDrain = 40;

constexpr std::uint32_t ceil_div(std::uint32_t a, std::uint32_t b) { return (a + b - 1) / b; }

/// How the loop nest cuts a layer.
struct Plan {
  std::uint32_t tile = 1;       ///< output channels of the first (a full) tile
  std::uint32_t last_tile = 1;  ///< of the last one
  std::uint32_t groups = 1;     ///< channel groups, all channels of one word
  std::uint32_t row_words = 1;
  std::uint32_t rows = 1;    ///< rows that are computed
  std::uint32_t passes = 1;  ///< 2 with 16-bit weights
};

/// Output channels of a tile: `limit`, but when between one and two full tiles are left, half.
std::uint32_t next_tile(std::uint32_t left, std::uint32_t limit) {
  if (left <= limit) return left;
  return left < 2 * limit ? ceil_div(left, 2) : limit;
}

Plan make_plan(const golden::LayerArgs& args, bool eight_bit, const MachineShape& shape) {
  Plan plan;
  const std::uint32_t word_channels = std::max(1u, shape.lanes * args.in_line_channels / 64);
  plan.groups = ceil_div(args.in_channels, word_channels);
  plan.row_words = ceil_div(args.in_width, shape.lanes);
  plan.passes = eight_bit ? 1 : 2;
  plan.rows = static_cast<std::uint32_t>(
      lane_bound(args, true, shape.lanes) / plan.row_words /
      (args.depthwise
           ? plan.groups
           : args.out_channels * (args.kernel() == 3 ? plan.groups : ceil_div(plan.groups, 8))));
  if (args.depthwise) return plan;
  // Rows of the weight ring that an output channel takes; a tile gets at most half of the ring.
  const std::uint32_t ring_rows =
      ceil_div(args.in_channels, args.kernel() == 3 ? 4 : 32) * plan.passes;
  const std::uint32_t limit =
      std::clamp(shape.weight_rows / 2 / ring_rows, 1u, shape.tile_channels);
  plan.tile = next_tile(args.out_channels, limit);
  for (std::uint32_t left = args.out_channels; left > 0; left -= plan.last_tile) {
    plan.last_tile = next_tile(left, limit);
  }
  return plan;
}

/// Array cycles of a window with `tile` output channels. The high bytes of 16-bit weights come at least three cycles
/// after the low bytes of the same channel, whose sums have to be written.
std::uint32_t window_cycles(const Plan& plan, std::uint32_t tile) {
  const std::uint32_t wait = plan.passes == 2 && tile < 3 ? 3 - tile : 0;
  return tile * plan.passes + wait;
}

/// Cycles of one window column of a tile with `tile` channels: all rows and channel groups.
double tile_cycles(const golden::LayerArgs& args, const Plan& plan, std::uint32_t tile,
                   const MachineShape& shape) {
  const double products = window_cycles(plan, tile);
  double cycles = 0;
  if (args.kernel() == 1) {
    for (std::uint32_t first = 0; first < plan.groups; first += 8) {
      cycles += std::max<double>(products, std::min(8u, plan.groups - first));
    }
    return cycles * plan.rows;
  }
  const std::uint32_t most_rows = shape.sum_lines / std::bit_ceil(tile);
  for (std::uint32_t row = 0; row < plan.rows; row += most_rows) {
    const std::uint32_t rows = std::min(most_rows, plan.rows - row);
    cycles += std::max<double>(products * rows, rows + 2) * plan.groups;
  }
  return cycles;
}

/// All products of a layer with the AI RAM reads they wait for.
double compute_cycles(const golden::LayerArgs& args, const Plan& plan, const MachineShape& shape) {
  if (args.depthwise) {
    // One of the two lines that a 3x3 window starts with is not hidden.
    const double prime = args.kernel() == 3 ? 1 : 0;
    return (plan.rows * window_cycles(plan, 1) + prime) * plan.groups * plan.row_words;
  }
  double cycles = 0;
  const std::uint32_t limit = plan.tile;
  std::uint32_t left = args.out_channels;
  while (left > 0) {
    const std::uint32_t tile = next_tile(left, limit);
    cycles += tile_cycles(args, plan, tile, shape) * plan.row_words;
    left -= tile;
  }
  return cycles;
}

/// What is left to stream when the last product is done: the channels of the last tile, eight bytes
/// of a row a cycle.
double stream_cycles(const golden::LayerArgs& args, const Plan& plan) {
  const std::uint32_t channels = args.depthwise ? 1 : plan.last_tile;
  return static_cast<double>(channels) * args.out_height * ceil_div(args.out_width, 8);
}

}  // namespace

std::vector<CycleEstimate> estimate_cycles(std::span<const golden::KpuLayerInfo> layers,
                                           bool eight_bit, const MachineShape& shape) {
  std::vector<CycleEstimate> estimates;
  double now = 0;         // the array is free
  double fetch_free = 0;  // the parameter bus is free
  for (const golden::KpuLayerInfo& layer : layers) {
    const golden::LayerArgs& args = layer.args;
    const Plan plan = make_plan(args, eight_bit, shape);
    const double bytes = static_cast<double>(parameter_bytes(args, eight_bit));
    const double first_bytes = golden::kActTableBytes + static_cast<double>(args.bn_bytes()) +
                               static_cast<double>(args.channel_weights() * (eight_bit ? 1 : 2)) *
                                   (args.depthwise ? args.out_channels : plan.tile);
    CycleEstimate estimate;
    estimate.array = static_cast<double>(lane_bound(args, eight_bit, shape.lanes));
    const double compute = compute_cycles(args, plan, shape);
    estimate.reads = compute - estimate.array;
    const double ready = fetch_free + shape.bus_latency + first_bytes / shape.bus_bytes;
    estimate.weights = std::max(0.0, ready - now);
    const double all_there = fetch_free + bytes / shape.bus_bytes;
    estimate.weights += std::max(0.0, all_there - (now + estimate.weights + compute));
    if (layer.to_main_memory) estimate.stream = stream_cycles(args, plan);
    estimate.fixed = kFillAndDrain;
    fetch_free = std::max(now, all_there);
    now += estimate.total();
    estimates.push_back(estimate);
  }
  return estimates;
}

}  // namespace kpu::sim
