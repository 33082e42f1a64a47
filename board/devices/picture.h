// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kpu::board {

/// What a camera sees or a panel shows: rows of pixels, three bytes R, G, B each.
struct Picture {
  unsigned width = 0;
  unsigned height = 0;
  std::vector<std::uint8_t> rgb;

  Picture() = default;
  Picture(unsigned w, unsigned h, std::uint8_t fill = 0)
      : width(w), height(h), rgb(std::size_t{w} * h * 3, fill) {}
};

}  // namespace kpu::board
