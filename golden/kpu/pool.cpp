// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "golden/kpu/kpu_layer.h"

namespace kpu::golden {
namespace {

/// One channel before pooling.
struct Plane {
  std::span<const std::uint8_t> pixels;
  std::uint32_t height;
  std::uint32_t width;

  bool inside(std::uint32_t row, std::uint32_t column) const {
    return row < height && column < width;
  }
  unsigned at(std::uint32_t row, std::uint32_t column) const {
    return pixels[std::size_t{row} * width + column];
  }
};

std::uint8_t window_max(const Plane& in, std::uint32_t row, std::uint32_t column,
                        std::uint32_t size) {
  unsigned best = 0;
  for (std::uint32_t y = row; y < row + size; ++y) {
    for (std::uint32_t x = column; x < column + size; ++x) {
      if (in.inside(y, x)) {
        best = std::max(best, in.at(y, x));
      }
    }
  }
  return static_cast<std::uint8_t>(best);
}

std::uint8_t window_mean(const Plane& in, std::uint32_t row, std::uint32_t column,
                         std::uint32_t size) {
  unsigned sum = 0;
  for (std::uint32_t y = row; y < row + size; ++y) {
    for (std::uint32_t x = column; x < column + size; ++x) {
      sum += in.at(std::min(y, in.height - 1), std::min(x, in.width - 1));
    }
  }
  return static_cast<std::uint8_t>(sum / (size * size));
}

/// The output pixel whose window starts at (row, column).
std::uint8_t pool_pixel(const Plane& in, std::uint32_t row, std::uint32_t column,
                        std::uint32_t pool_type) {
  switch (pool_type) {
    case kPoolMax2:
    case kPoolMax2s1:
      return window_max(in, row, column, 2);
    case kPoolMax4:
      return window_max(in, row, column, 4);
    case kPoolMean2:
    case kPoolMean2s1:
      return window_mean(in, row, column, 2);
    case kPoolMean4:
      return window_mean(in, row, column, 4);
    case kPoolRightTop2:
      return static_cast<std::uint8_t>(in.at(row, column + 1));
    default:  // bypass and the left-top kinds; pool_stride() has refused unknown types
      return static_cast<std::uint8_t>(in.at(row, column));
  }
}

}  // namespace

std::vector<std::uint8_t> pool_channel(std::span<const std::uint8_t> in, std::uint32_t height,
                                       std::uint32_t width, std::uint32_t pool_type) {
  const Plane plane{in, height, width};
  const std::uint32_t stride = pool_stride(pool_type);
  std::vector<std::uint8_t> out;
  out.reserve(std::size_t{height / stride} * (width / stride));
  for (std::uint32_t row = 0; row < height / stride; ++row) {
    for (std::uint32_t column = 0; column < width / stride; ++column) {
      out.push_back(pool_pixel(plane, row * stride, column * stride, pool_type));
    }
  }
  return out;
}

}  // namespace kpu::golden
