// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/grid.h"

#include <cstdint>

namespace kpu::golden::fast {

namespace {

/// So many elements or more, an odd number of lines of a cache: planes so far apart spread over all
/// of its sets.
std::size_t apart(std::size_t elements) {
  constexpr std::size_t kLine = 64 / sizeof(std::uint32_t);
  return ((elements + kLine - 1) / kLine | 1) * kLine;
}

}  // namespace

std::size_t Grid::phase_plane() const {
  constexpr std::size_t kMostLanes = 64;
  return apart(width * height + kMostLanes - 1);
}

std::size_t Grid::plane() const { return apart(step * step * phase_plane()); }

std::size_t Grid::offset(std::size_t row, std::size_t column) const {
  const std::size_t phase = row % step * step + column % step;
  return phase * phase_plane() + row / step * width + column / step;
}

Grid make_grid(const LayerArgs& args, bool rising) {
  Grid grid;
  grid.border = args.kernel() == 3 ? 1 : 0;
  const bool selects = args.first_stride || args.pool_type == kPoolLeftTop2 ||
                       args.pool_type == kPoolRightTop2 || args.pool_type == kPoolLeftTop4;
  grid.max_pool = args.pool_type == kPoolMax2 && rising;
  if (!args.depthwise && (selects || grid.max_pool)) {
    grid.step = args.stride();
  } else {
    grid.max_pool = false;
  }
  grid.first_column = grid.step > 1 && args.pool_type == kPoolRightTop2 ? 1 : 0;
  grid.width = (args.in_width + 2 * grid.border + grid.step - 1) / grid.step;
  grid.height = (args.in_height + 2 * grid.border + grid.step - 1) / grid.step;
  grid.rows = grid.pools() ? args.out_height : args.in_height;
  grid.columns = grid.pools() ? args.out_width : args.in_width;
  return grid;
}

}  // namespace kpu::golden::fast
