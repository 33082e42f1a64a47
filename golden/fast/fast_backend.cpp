// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/fast_backend.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/error.h"

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

/// Planes lie apart so far that vectors which end behind one do not reach the next.
std::size_t apart(std::size_t elements) {
  constexpr std::size_t kMostLanes = 64;
  return (elements + kMostLanes - 1) / kMostLanes * kMostLanes;
}

std::size_t packed_plane(const LayerPlan& plan) {
  return apart(plan.plane_height() * plan.plane_width());
}

/// Makes room for `count` elements and what vectors touch behind them.
template <class T>
void reserve(std::vector<T>& buffer, std::size_t count) {
  if (buffer.size() < count + kSlack) {
    buffer.resize(count + kSlack);
  }
}

}  // namespace

FastBackend::FastBackend(const ArithOptions& options, std::size_t threads)
    : GoldenBackend(options), pool_threads_(require_threads(threads)) {}

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
  load_planes(*plan, args.input_layout());
  act_stride_ = apart((plan->positions() / position_step() + 1) * position_step());
  reserve(act_, act_stride_ * args.out_channels);
  if (args.depthwise) {
    run_depthwise(*plan);
  } else {
    run_convolution(*plan);
  }
  if (too_wide_) {  // the reference counts such values and says where they are
    ++reference_layers_;
    return GoldenBackend::run_layer(args, tables);
  }
  KpuLayerOutput output;
  output.planar = pool(*plan);
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

/// Copies the input from AI RAM into planes with a border.
void FastBackend::load_planes(const LayerPlan& plan, const ImageLayout& layout) {
  const std::size_t border = plan.border();
  const std::size_t width = plan.plane_width();
  const std::size_t height = plan.plane_height();
  const bool nearest = plan.args.pad_type == 1;
  reserve(planes_, layout.channels * height * width);
  pool_threads_.for_each_part(layout.channels, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t channel = begin; channel < end; ++channel) {
      std::uint8_t* plane = planes_.data() + channel * height * width;
      for (std::uint32_t row = 0; row < layout.height; ++row) {
        std::uint8_t* out = plane + (row + border) * width;
        const std::size_t from = layout.address(static_cast<std::uint32_t>(channel), row, 0);
        std::copy_n(ram().begin() + from, layout.width, out + border);
        if (border != 0) {
          out[0] = nearest ? out[1] : plan.args.pad_value;
          out[width - 1] = nearest ? out[width - 2] : plan.args.pad_value;
        }
      }
      if (border != 0) {
        std::uint8_t* bottom = plane + (height - 1) * width;
        if (nearest) {
          std::copy_n(plane + width, width, plane);
          std::copy_n(bottom - width, width, bottom);
        } else {
          std::fill_n(plane, width, plan.args.pad_value);
          std::fill_n(bottom, width, plan.args.pad_value);
        }
      }
    }
  });
}

void FastBackend::run_convolution(const LayerPlan& plan) {
  pack_groups(plan);
  sum_positions(plan);
  const ConvTask task{.shape = plan.shape,
                      .pixels = packed_.data(),
                      .plane = packed_plane(plan),
                      .groups = plan.groups,
                      .tap_offsets = plan.tap_offsets.data(),
                      .taps = plan.tap_offsets.size(),
                      .weights = plan.weights.data(),
                      .position_terms = position_terms_.data(),
                      .positions = plan.positions(),
                      .channels = plan.channels.data(),
                      .out_channels = plan.args.out_channels,
                      .activation = activation(plan),
                      .act = act_.data(),
                      .act_stride = act_stride_};
  pool_threads_.for_each_part(
      task.positions, position_step(),
      [&](std::size_t begin, std::size_t end) { convolve(task, begin, end); });
}

/// Packs the input's planes in groups; the last one is filled up with blank planes.
void FastBackend::pack_groups(const LayerPlan& plan) {
  const std::size_t plane = plan.plane_height() * plan.plane_width();
  const std::size_t group = plan.shape.group;
  reserve(packed_, plan.groups * packed_plane(plan));
  if (blank_.size() < plane + kSlack) {
    blank_.assign(plane + kSlack, 0);
  }
  pool_threads_.for_each_part(plan.groups, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t g = begin; g < end; ++g) {
      const std::uint8_t* planes[4];
      for (std::size_t i = 0; i < group; ++i) {
        const std::size_t channel = g * group + i;
        planes[i] =
            channel < plan.args.in_channels ? planes_.data() + channel * plane : blank_.data();
      }
      pack_planes(planes, group, packed_.data() + g * packed_plane(plan), plane);
    }
  });
}

/// What every output channel adds at a position: the pixel term, and what the weights' offset took
/// from the products.
void FastBackend::sum_positions(const LayerPlan& plan) {
  const std::size_t plane = plan.plane_height() * plan.plane_width();
  pixel_sums_.assign(plane + kSlack, 0);
  for (std::size_t g = 0; g < plan.groups; ++g) {
    add_packed(packed_.data() + g * packed_plane(plan), plan.shape.group, pixel_sums_.data(),
               plane);
  }
  reserve(position_terms_, plan.positions());
  fast::sum_positions({.pixel_sums = pixel_sums_.data(),
                       .tap_offsets = plan.tap_offsets.data(),
                       .taps = plan.tap_offsets.size(),
                       .arg_x = plan.args.conv.arg_x,
                       .shr_x = static_cast<std::int32_t>(plan.args.conv.shr_x),
                       .weight_offset = static_cast<std::int32_t>(plan.weight_offset),
                       .terms = position_terms_.data(),
                       .positions = plan.positions()});
}

void FastBackend::run_depthwise(const LayerPlan& plan) {
  const std::size_t plane = plan.plane_height() * plan.plane_width();
  const std::size_t taps = plan.tap_offsets.size();
  pool_threads_.for_each_part(plan.args.out_channels, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t channel = begin; channel < end; ++channel) {
      convolve_depthwise({.pixels = planes_.data() + channel * plane,
                          .tap_offsets = plan.tap_offsets.data(),
                          .taps = taps,
                          .weights = plan.weights.data() + channel * taps,
                          .byte_weights = eight_bit(),
                          .arg_x = plan.args.conv.arg_x,
                          .shr_x = static_cast<std::int32_t>(plan.args.conv.shr_x),
                          .positions = plan.positions(),
                          .channel = plan.channels[channel],
                          .activation = activation(plan),
                          .act = act_.data() + channel * act_stride_});
    }
  });
}

/// Pools what the activation gave and leaves the border columns out.
std::vector<std::uint8_t> FastBackend::pool(const LayerPlan& plan) {
  const LayerArgs& args = plan.args;
  const std::size_t width = plan.plane_width();
  const std::size_t out_size = std::size_t{args.out_height} * args.out_width;
  std::vector<std::uint8_t> planar(out_size * args.out_channels + kSlack);
  pool_threads_.for_each_part(args.out_channels, 1, [&](std::size_t begin, std::size_t end) {
    std::vector<std::uint8_t> compact;
    // The last channel's vectors reach into another thread's first: that part is done by rows.
    for (std::size_t channel = begin; channel < end; ++channel) {
      const std::uint8_t* act = act_.data() + channel * act_stride_;
      std::uint8_t* out = planar.data() + channel * out_size;
      if (args.pool_type == kPoolMax2 && pool_threads_.threads() == 1) {
        for (std::size_t row = 0; row < args.out_height; ++row, out += args.out_width) {
          max_pool_rows(act + 2 * row * width, act + (2 * row + 1) * width, out, args.out_width);
        }
        continue;
      }
      if (args.pool_type == kPoolBypass) {
        const std::size_t step = args.stride();
        if (step == 1 && width == args.out_width) {  // no border columns
          std::copy_n(act, out_size, out);
          continue;
        }
        for (std::size_t row = 0; row < args.out_height; ++row, out += args.out_width) {
          if (step == 1) {
            std::copy_n(act + row * width, args.out_width, out);
          } else {
            for (std::size_t column = 0; column < args.out_width; ++column) {
              out[column] = act[row * step * width + column * step];
            }
          }
        }
        continue;
      }
      compact.clear();
      for (std::size_t row = 0; row < args.in_height; ++row) {
        compact.insert(compact.end(), act + row * width, act + row * width + args.in_width);
      }
      const std::vector<std::uint8_t> pooled =
          pool_channel(compact, args.in_height, args.in_width, args.pool_type);
      std::copy(pooled.begin(), pooled.end(), out);
    }
  });
  planar.resize(out_size * args.out_channels);
  return planar;
}

}  // namespace kpu::golden::fast
