// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kpu::compiler {

/// Sizes of a tensor's axes, outermost first; an image is N, C, H, W with N = 1.
using Dims = std::vector<std::int64_t>;

/// Largest tensor that is taken from a file, in elements. The chip's own memory is 6 MiB.
inline constexpr std::int64_t kMaxElements = std::int64_t{1} << 26;

/// Product of `dims`, 1 for a scalar. Throws Error if an axis is negative or the product exceeds
/// kMaxElements.
std::int64_t element_count(const Dims& dims);

/// "1x3x224x224", "scalar".
std::string dims_text(const Dims& dims);

/// Dims that two operands broadcast to, the last axes aligned. Throws Error if they do not fit.
Dims broadcast_dims(const Dims& a, const Dims& b);

/// `axis` counted from the end if negative. Throws Error unless it lies in 0 .. rank - 1.
int normal_axis(std::int64_t axis, std::size_t rank);

/// Distances in elements from one index to the next of every axis, row-major.
Dims row_major_strides(const Dims& dims);

/// A dense tensor, row-major. Whole numbers (shapes, indices) are floats as well; `integer` says
/// that a division truncates.
struct Tensor {
  Dims dims;
  std::vector<float> data;
  bool integer = false;

  std::size_t size() const { return data.size(); }
};

/// Calls visit(offset) for every index of `dims` in row-major order, where `offset` is the sum of
/// index * stride.
template <class Visit>
void each_offset(const Dims& dims, const Dims& strides, std::int64_t start, Visit visit) {
  std::vector<std::int64_t> index(dims.size(), 0);
  std::int64_t offset = start;
  const std::int64_t count = element_count(dims);
  for (std::int64_t i = 0; i < count; ++i) {
    visit(offset);
    for (std::size_t axis = dims.size(); axis-- > 0;) {
      offset += strides[axis];
      if (++index[axis] < dims[axis]) {
        break;
      }
      offset -= strides[axis] * dims[axis];
      index[axis] = 0;
    }
  }
}

}  // namespace kpu::compiler
