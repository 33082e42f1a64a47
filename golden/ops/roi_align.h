// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "golden/ops/tensor_ops.h"

namespace kpu::golden {

/// How a region of an image becomes cells.
struct RoiAlign {
  std::uint32_t rows = 1;  ///< cells of a region
  std::uint32_t columns = 1;
  bool largest = false;  ///< of a cell's samples the largest weighted pixel; else their mean
  float scale = 1;       ///< from a region's coordinates to pixels
  std::int64_t samples =
      0;  ///< on each axis of a cell; 0: as many as it has pixels, rounded up; at most 1024
};

/// Regions of an N x C x H x W tensor as regions x C x rows x columns (ONNX RoiAlign, coordinates
/// not moved by half a pixel): bilinear samples, regions at least a pixel large. `regions` has
/// left, top, right, bottom of each, `images` the image of each, which exists.
void roi_align(std::span<const float> in, const Shape& in_shape, std::span<const float> regions,
               std::span<const std::int64_t> images, std::span<float> out, const RoiAlign& align);

}  // namespace kpu::golden
