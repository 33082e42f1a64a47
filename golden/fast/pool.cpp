// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/pool.h"

#include <algorithm>
#include <vector>

#include "common/copy_rows.h"
#include "golden/fast/kernels.h"
#include "golden/kpu/kpu_layer.h"

namespace kpu::golden::fast {

void pool_positions(const LayerArgs& args, const Grid& grid, const std::uint8_t* act,
                    std::span<std::uint8_t> out) {
  const std::size_t width = grid.width;
  const std::size_t step = args.stride();
  if (grid.pools() || (args.pool_type == kPoolBypass && step == 1)) {
    copy_rows(act, width, out.data(), args.out_width, args.out_width, args.out_height);
  } else if (args.pool_type == kPoolBypass) {
    for (std::size_t row = 0, i = 0; row < args.out_height; ++row) {
      for (std::size_t column = 0; column < args.out_width; ++column, ++i) {
        out[i] = act[row * step * width + column * step];
      }
    }
  } else {
    std::vector<std::uint8_t> compact(std::size_t{args.in_height} * args.in_width);
    copy_rows(act, width, compact.data(), args.in_width, args.in_width, args.in_height);
    const std::vector<std::uint8_t> pooled =
        pool_channel(compact, args.in_height, args.in_width, args.pool_type);
    std::copy(pooled.begin(), pooled.end(), out.begin());
  }
}

}  // namespace kpu::golden::fast
