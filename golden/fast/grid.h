// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "golden/kpu/layer_args.h"

namespace kpu::golden::fast {

/// How the positions of a layer run through its planes: row by row, the border columns included;
/// what is computed for those is thrown away.
///
/// With a step of 2 or 4, of layers that keep only some rows and columns or the greatest of 2x2, an
/// input plane is split into step * step phase planes, one for each remainder of row and column, so
/// that neighbours in the output are neighbours there, too.
struct Grid {
  std::size_t border = 0;        ///< around the image, in pixels
  std::size_t step = 1;          ///< 1, 2 or 4
  std::size_t first_column = 0;  ///< column of the convolution that the first output is at
  bool max_pool = false;         ///< a position is a 2x2 window
  std::size_t width = 0;         ///< of a phase plane
  std::size_t height = 0;
  std::size_t rows = 0;  ///< of positions
  std::size_t columns = 0;

  /// Elements from one phase plane to the next: vectors that end behind a row do not reach it.
  std::size_t phase_plane() const;
  /// All phase planes of some channels.
  std::size_t plane() const;
  /// Where a pixel is, its border counted.
  std::size_t offset(std::size_t row, std::size_t column) const;
  /// From the first position to one past the last.
  std::size_t positions() const { return (rows - 1) * width + columns; }
  /// Whether pooling, and leaving out rows and columns, is done by the positions.
  bool pools() const { return step > 1; }
};

/// The grid of a valid layer. `rising`: its activation never falls when conv rises, so the greatest
/// of some outputs is that of the greatest conv.
Grid make_grid(const LayerArgs& args, bool rising);

}  // namespace kpu::golden::fast
