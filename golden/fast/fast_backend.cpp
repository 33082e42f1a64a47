// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/fast_backend.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/error.h"
#include "golden/fast/memory_policy.h"
#include "golden/fast/pool.h"

namespace kpu::golden::fast {
namespace {

/// Plans of that many layers are kept; a network has fewer.
constexpr std::size_t kMaxPlans = 1024;

std::size_t require_threads(std::size_t threads) {
  if (threads < 1 || threads > 256) {
    throw Error(fmt::format("threads={}: expected 1 to 256", threads));
  }
  return threads;
}

/// The words without what a plan does not depend on: addresses, which change with the batch.
LayerWords plan_key(LayerArgs args) {
  args.src_line = 0;
  args.dst_line = 0;
  args.bn_addr = 0;
  args.weights_addr = 0;
  args.act_addr = 0;
  return encode(args);
}

bool starts_with(std::span<const std::uint8_t> table, const std::vector<std::uint8_t>& kept) {
  return table.size() >= kept.size() && std::equal(kept.begin(), kept.end(), table.begin());
}

std::vector<std::uint8_t> keep(std::span<const std::uint8_t> table, std::size_t bytes) {
  return {table.begin(), table.begin() + bytes};
}

ImageRows image_rows(const LayerPlan& plan, const ImageLayout& layout) {
  return {.row_stride = std::size_t{layout.row_lines} * kLineBytes,
          .height = layout.height,
          .width = layout.width,
          .border = plan.grid.border,
          .nearest = plan.args.pad_type == 1,
          .pad_value = plan.args.pad_value};
}

/// Room for the positions of a channel, in whole vectors.
std::size_t act_stride(const LayerPlan& plan) {
  return (plan.grid.positions() + kSlack - 1) / kSlack * kSlack;
}

std::size_t out_size(const LayerArgs& args) {
  return std::size_t{args.out_height} * args.out_width;
}

}  // namespace

FastBackend::FastBackend(const ArithOptions& options, std::size_t threads)
    : GoldenBackend(options), pool_threads_(require_threads(threads)) {
  keep_freed_memory();
}

KpuLayerOutput FastBackend::run_layer(const LayerArgs& args, const LayerTables& tables) {
  const bool whole = tables.weights.size() >= args.weight_bytes(eight_bit()) &&
                     tables.batch_norm.size() >= args.bn_bytes() &&
                     tables.act.size() >= kActTableBytes;
  const LayerPlan* plan = whole && !has_recorder() ? find_plan(args, tables) : nullptr;
  if (plan == nullptr) {
    ++reference_layers_;
    return GoldenBackend::run_layer(args, tables);
  }
  too_wide_ = false;
  KpuLayerOutput output;
  output.planar.resize(out_size(args) * args.out_channels);
  if (args.depthwise) {
    run_depthwise(*plan, args.input_layout(), output.planar);
  } else {
    run_convolution(*plan, args.input_layout(), output.planar);
  }
  if (too_wide_) {  // the reference counts such values and says where they are
    ++reference_layers_;
    return GoldenBackend::run_layer(args, tables);
  }
  return output;
}

ActTask FastBackend::activation(const LayerPlan& plan) {
  return {.mode = plan.mode, .lut = &plan.lut, .steps = &plan.steps, .too_wide = &too_wide_};
}

const LayerPlan* FastBackend::find_plan(const LayerArgs& args, const LayerTables& tables) {
  const LayerWords key = plan_key(args);
  const auto [first, last] = plans_.equal_range(key);
  for (auto it = first; it != last; ++it) {
    const Entry& entry = it->second;
    if (entry.eight_bit == eight_bit() && starts_with(tables.weights, entry.weights) &&
        starts_with(tables.batch_norm, entry.batch_norm) && starts_with(tables.act, entry.act)) {
      return entry.plan ? &*entry.plan : nullptr;
    }
  }
  if (plans_.size() >= kMaxPlans) {
    plans_.clear();
  }
  const auto entry =
      plans_.emplace(key, Entry{.weights = keep(tables.weights, args.weight_bytes(eight_bit())),
                                .batch_norm = keep(tables.batch_norm, args.bn_bytes()),
                                .act = keep(tables.act, kActTableBytes),
                                .eight_bit = eight_bit(),
                                .plan = make_plan(args, tables, eight_bit(), options())});
  return entry->second.plan ? &*entry->second.plan : nullptr;
}

void FastBackend::run_convolution(const LayerPlan& plan, const ImageLayout& layout,
                                  std::span<std::uint8_t> planar) {
  pack_input(plan, layout);
  const LayerArgs& args = plan.args;
  const Grid& grid = plan.grid;
  // Without border columns and later pooling the positions are the output.
  const bool direct = grid.width == args.out_width &&
                      (grid.pools() || (args.pool_type == kPoolBypass && args.stride() == 1));
  const std::size_t stride = direct ? out_size(args) : act_stride(plan);
  std::uint8_t* const act =
      direct ? planar.data() : act_.reserve(act_stride(plan) * args.out_channels);
  const ConvTask task{.shape = plan.shape,
                      .pixels = packed_.data(),
                      .plane = grid.plane(),
                      .groups = plan.groups,
                      .offsets = plan.offsets.data(),
                      .taps = plan.taps(),
                      .max_pool = grid.max_pool,
                      .weights = plan.weights.data(),
                      .pixel_terms = plan.pixel_terms,
                      .arg_x = args.conv.arg_x,
                      .shr_x = static_cast<std::int32_t>(args.conv.shr_x),
                      .weight_offset = plan.weight_offset,
                      .positions = grid.positions(),
                      .channels = plan.channels.data(),
                      .out_channels = args.out_channels,
                      .activation = activation(plan),
                      .out = act,
                      .out_stride = stride};
  pool_threads_.for_each_part(
      task.positions, plan.shape.positions(),
      [&](std::size_t begin, std::size_t end) { convolve(task, begin, end); });
  if (direct) {
    return;
  }
  pool_threads_.for_each_part(args.out_channels, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t channel = begin; channel < end; ++channel) {
      pool_positions(args, grid, act + channel * stride,
                     planar.subspan(channel * out_size(args), out_size(args)));
    }
  });
}

/// Packs the input from AI RAM in groups of channels; the last one is filled up with zeros.
void FastBackend::pack_input(const LayerPlan& plan, const ImageLayout& layout) {
  const Grid& grid = plan.grid;
  packed_.reserve(plan.groups * grid.plane());
  pool_threads_.for_each_part(plan.groups, 1, [&](std::size_t begin, std::size_t end) {
    Buffer<std::uint32_t> line;
    PackTask task{.rows = image_rows(plan, layout),
                  .sources = {},
                  .group = plan.shape.group,
                  .step = grid.step,
                  .phases = plan.phases,
                  .plane_width = grid.width,
                  .phase_plane = grid.phase_plane(),
                  .line = grid.step > 1 ? line.reserve(grid.width * grid.step) : nullptr,
                  .out = nullptr};
    for (std::size_t g = begin; g < end; ++g) {
      for (std::size_t i = 0; i < task.group; ++i) {
        const auto channel = static_cast<std::uint32_t>(g * task.group + i);
        task.sources[i] =
            channel < layout.channels ? ram().data() + layout.address(channel, 0, 0) : nullptr;
      }
      task.out = packed_.data() + g * grid.plane();
      pack_planes(task);
    }
  });
}

void FastBackend::run_depthwise(const LayerPlan& plan, const ImageLayout& layout,
                                std::span<std::uint8_t> planar) {
  const LayerArgs& args = plan.args;
  const std::size_t taps = plan.taps();
  pool_threads_.for_each_part(args.out_channels, 1, [&](std::size_t begin, std::size_t end) {
    // One channel after the other, so that its plane and its outputs stay in the caches.
    Buffer<std::uint16_t> plane;
    Buffer<std::uint8_t> act;
    plane.reserve(plan.grid.plane());
    act.reserve(act_stride(plan));
    for (std::size_t channel = begin; channel < end; ++channel) {
      widen_plane(image_rows(plan, layout),
                  ram().data() + layout.address(static_cast<std::uint32_t>(channel), 0, 0),
                  plane.data());
      convolve_depthwise({.pixels = plane.data(),
                          .tap_offsets = plan.offsets.data(),
                          .taps = taps,
                          .weights = plan.weights.data() + channel * taps,
                          .pairs = plan.pairs,
                          .arg_x = plan.pixel_terms ? args.conv.arg_x : 0,
                          .shr_x = static_cast<std::int32_t>(args.conv.shr_x),
                          .positions = plan.grid.positions(),
                          .channel = plan.channels[channel],
                          .activation = activation(plan),
                          .act = act.data()});
      pool_positions(args, plan.grid, act.data(),
                     planar.subspan(channel * out_size(args), out_size(args)));
    }
  });
}

}  // namespace kpu::golden::fast
