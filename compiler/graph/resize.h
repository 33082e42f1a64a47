// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/graph/graph.h"

namespace kpu::compiler {

/// Share of every input index (row) in every output index (column) of an axis of `size`: a resize
/// is linear and separable, so an image is rows^T * image * columns.
std::vector<float> resize_weights(const Resize& resize, int axis, std::int64_t size);

/// Whether output index i takes input index floor(i * size / out) alone on both axes: what the
/// chip's runtime does on codes.
bool is_plain_nearest(const Resize& resize, std::int64_t height, std::int64_t width);

}  // namespace kpu::compiler
