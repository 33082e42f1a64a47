// SPDX-License-Identifier: Apache-2.0
#include "compiler/graph/tensor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "common/error.h"

namespace kpu::compiler {

std::int64_t element_count(const Dims& dims) {
  std::int64_t count = 1;
  for (std::int64_t dim : dims) {
    if (dim < 0 || dim > kMaxElements) {
      throw Error(fmt::format("shape {}: expected axes of 0 to {}", dims_text(dims), kMaxElements));
    }
    count *= dim;  // at most 2^52
    if (count > kMaxElements) {
      throw Error(
          fmt::format("shape {}: expected at most {} elements", dims_text(dims), kMaxElements));
    }
  }
  return count;
}

std::string dims_text(const Dims& dims) {
  return dims.empty() ? "scalar" : fmt::format("{}", fmt::join(dims, "x"));
}

Dims broadcast_dims(const Dims& a, const Dims& b) {
  Dims out(std::max(a.size(), b.size()));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::int64_t from_a = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::int64_t from_b = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (from_a != from_b && from_a != 1 && from_b != 1) {
      throw Error(fmt::format("operands {} and {}: expected shapes that broadcast", dims_text(a),
                              dims_text(b)));
    }
    out[out.size() - 1 - i] = from_a == 1 ? from_b : from_a;
  }
  return out;
}

int normal_axis(std::int64_t axis, std::size_t rank) {
  const auto size = static_cast<std::int64_t>(rank);
  if (axis < -size || axis >= size) {
    throw Error(fmt::format("axis {}: expected {} to {}", axis, -size, size - 1));
  }
  return static_cast<int>(axis < 0 ? axis + size : axis);
}

Dims row_major_strides(const Dims& dims) {
  Dims strides(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;) {
    strides[i - 1] = strides[i] * dims[i];
  }
  return strides;
}

}  // namespace kpu::compiler
