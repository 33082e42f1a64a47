// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/grid.h"

namespace kpu::golden::fast {

std::size_t Grid::phase_plane() const {
  constexpr std::size_t kMostLanes = 64;
  const std::size_t elements = (width * height + 2 * kMostLanes - 1) / kMostLanes * kMostLanes;
  // Planes a page apart would meet in the same lines of a cache.
  return elements % 1024 == 0 ? elements + kMostLanes : elements;
}

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
