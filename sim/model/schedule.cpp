// SPDX-License-Identifier: Apache-2.0
#include "sim/model/schedule.h"

#include <algorithm>
#include <bit>
#include <cstddef>

#include "common/kpu_shape.h"
#include "golden/kpu/arith.h"
#include "sim/model/cost_model.h"

namespace kpu::sim {
namespace {

/// Of pool 8 and 9 in images of several words a row: the column kept for the next word has no room
/// for more.
constexpr std::uint32_t kKeptColumnChannels = 4;
/// Channels of a tile of 3x3 layers whose output leaves, with Overlap = 1; twice as many where rows are skipped or a weight takes
/// several cycles.
constexpr std::uint32_t kStreamChannels = 2;
/// Bytes of the words that the gather of packed rows keeps, one a channel group.
constexpr std::uint32_t kPackBytes = 16384;
constexpr std::uint32_t kMostPackedLines = 512;
/// Width of an image of several words a row that pooling can take in their order.
constexpr std::uint32_t kPoolPixels = 256;

constexpr std::uint32_t ceil_div(std::uint32_t a, std::uint32_t b) { return (a + b - 1) / b; }

/// Image rows from one computed row to the next: pools that select a pixel, and first_stride, need
/// no others.
std::uint32_t row_step(const golden::LayerArgs& args) {
  switch (args.pool_type) {
    case golden::kPoolLeftTop2:
    case golden::kPoolRightTop2:
      return 2;
    case golden::kPoolLeftTop4:
      return 4;
    default:
      return args.first_stride ? 2 : 1;
  }
}

/// Packed lines of a layer whose pool picks one of two pixels and rows ("Layers that pick"); 0 where its rows stay as they
/// are.
std::uint32_t picked_lines(const golden::LayerArgs& args, const Schedule& s, const Configuration& rtl) {
  const std::uint32_t part = rtl.lanes / s.word_channels;
  const std::uint32_t words = s.rows * s.segments;
  const std::uint32_t reads_a_window = 2 * rtl.point_channels;
  const bool worth = args.kernel() == 1 && s.groups > rtl.point_channels && args.out_channels > rtl.point_channels &&
                     s.tile_channels >= reads_a_window && words > 1 && (s.segments > 1 || s.last_pixels > part / 2);
  const bool last_keeps = args.out_width > (s.segments - 1) * part / 2;
  const bool fits = s.groups * rtl.lanes <= kPackBytes && ceil_div(words, 2) <= kMostPackedLines &&
                    (s.segments == 1 || args.in_width <= kPoolPixels);
  return worth && last_keeps && fits ? ceil_div(words, 2) : 0;
}

/// Packed lines of a layer whose schedule is complete otherwise (docs/architecture.md, "Filling the
/// lanes"); 0 where its rows stay as they are.
std::uint32_t packed_lines(const golden::LayerArgs& args, const Schedule& s,
                           const Configuration& rtl) {
  const std::uint32_t part = rtl.lanes / s.word_channels;
  if (s.row_step == 2) return picked_lines(args, s, rtl);
  // Rows whose last words leave lanes for a line, by the power of two that one of them leaves.
  const std::uint32_t left = std::bit_floor(part - s.last_pixels);
  const std::uint32_t lines_a_window = rtl.point_channels;
  const bool worth = args.kernel() == 1 && s.groups > lines_a_window &&
                     args.out_channels > lines_a_window && s.tile_channels >= lines_a_window &&
                     s.rows * left >= part;
  const bool whole = s.row_step == 1 && args.out_width * args.stride() == args.in_width &&
                     s.rows == args.in_height;
  const bool in_order = s.segments == 1 || (!args.slides() && (args.stride() == 1 || args.in_width <= kPoolPixels));
  const std::uint32_t lines = ceil_div(s.rows * args.in_width, part);
  const bool fits = s.groups * rtl.lanes <= kPackBytes && lines <= kMostPackedLines;
  return worth && whole && in_order && fits ? lines : 0;
}

}  // namespace

Schedule make_schedule(const golden::LayerArgs& args, bool eight_bit, bool to_main_memory, const Configuration& rtl) {
  Schedule s;
  const auto words_per_line = static_cast<std::uint32_t>(std::max<std::size_t>(1, kLineBytes / rtl.lanes));
  s.word_channels = std::max(1u, args.in_line_channels / words_per_line);
  s.groups = ceil_div(args.in_channels, s.word_channels);
  s.segments = s.word_channels == 1 ? ceil_div(args.in_width, rtl.lanes) : 1;
  s.last_pixels = args.in_width - (s.segments - 1) * rtl.lanes;
  s.row_step = rtl.skip_rows != 0 ? row_step(args) : 1;
  s.rows = args.out_height * (s.row_step == 1 ? args.stride() : 1);
  s.rows = std::min(s.rows, args.in_height);
  s.weight_bytes = eight_bit ? 1 : 2;
  s.passes = std::max(1u, 8 * s.weight_bytes / rtl.weight_bits);
  const bool whole_kernels = args.kernel() == 3 || args.depthwise;
  s.ring_rows =
      ceil_div(args.in_channels, whole_kernels ? kRingRowKernels : kRingRowKernels * rtl.point_channels) *
      s.weight_bytes;
  s.fits_ring = s.ring_rows <= rtl.weight_rows;
  s.windows = whole_kernels ? s.groups : ceil_div(s.groups, rtl.point_channels);
  if (args.depthwise) return s;

  // A full tile takes at most half of the ring, so that the next one can load meanwhile.
  s.tile_channels = rtl.tile_channels;
  while (s.tile_channels > 1 && s.tile_channels * s.ring_rows > rtl.weight_rows / 2) {
    s.tile_channels /= 2;
  }
  if (args.slides() && args.in_width > rtl.lanes) {
    s.tile_channels = std::min(s.tile_channels, kKeptColumnChannels);
  }
  if (rtl.overlap == 1 && to_main_memory && args.kernel() == 3) {
    s.tile_channels = std::min(s.tile_channels, s.passes == 1 && s.row_step == 1 ? kStreamChannels : 2 * kStreamChannels);
  }
  if (rtl.pack_rows == 1) s.packed_lines = packed_lines(args, s, rtl);
  return s;
}

std::uint64_t array_bound(const golden::LayerArgs& args, bool eight_bit,
                          const Configuration& rtl) {
  const Schedule s = make_schedule(args, eight_bit, false, rtl);  // tiles do not count
  return s.packed_lines == 0 ? lane_bound(args, eight_bit, rtl.lanes) : array_cycles(args, s);
}

std::vector<std::uint32_t> tiles(const golden::LayerArgs& args, const Schedule& schedule) {
  if (args.depthwise) return std::vector<std::uint32_t>(schedule.groups, 1);
  std::vector<std::uint32_t> sizes;
  const std::uint32_t full = schedule.tile_channels;
  for (std::uint32_t left = args.out_channels; left > 0; left -= sizes.back()) {
    // Between one and two full tiles are halved, so that no narrow one waits for reads.
    if (left <= full) {
      sizes.push_back(left);
    } else {
      sizes.push_back(left < 2 * full ? ceil_div(left, 2) : full);
    }
  }
  return sizes;
}

std::uint32_t block_rows(const Schedule& schedule, std::uint32_t channels, bool depthwise,
                         const Configuration& rtl) {
  if (depthwise && rtl.drain_pass == 0) return schedule.rows;
  return rtl.acc_lines / std::bit_ceil(channels);
}

std::uint64_t array_cycles(const golden::LayerArgs& args, const Schedule& schedule) {
  const std::uint64_t lines = schedule.packed_lines > 0
                                  ? schedule.packed_lines
                                  : std::uint64_t{schedule.rows} * schedule.segments;
  return lines * schedule.passes * (args.depthwise ? schedule.groups : schedule.windows * args.out_channels);
}

}  // namespace kpu::sim
