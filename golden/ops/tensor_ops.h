// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "golden/kpu/profile.h"

namespace kpu::golden {

/// Float tensor operations of kmodel v4 and v5 (kmodel format, exact semantics of neutral ops).
/// Tensors are contiguous, row-major, of any rank; sizes have been checked by the loader.

using Shape = std::vector<std::uint32_t>;

/// Elements of a shape, cut at 2^60 so that their bytes can still be computed.
std::uint64_t shape_count(const Shape& shape);

/// Elements of the axes from `first` to the one before `end`; not cut.
std::size_t axes_count(const Shape& shape, std::size_t first, std::size_t end);

/// Closed range that results are clamped to, by the comparisons x < low, high < x in that order:
/// not-a-number passes.
struct ClampRange {
  float low;
  float high;

  float apply(float x) const { return x < low ? low : high < x ? high : x; }
};

enum class BinaryOp { kAdd, kSub, kMul, kDiv, kMin, kMax, kPow, kFloorDiv, kFloorMod };
enum class ReduceOp { kMean, kMin, kMax, kSum, kProduct };
enum class UnaryOp {
  kAbs,
  kAcos,
  kAsin,
  kCeil,
  kCos,
  kExp,
  kFloor,
  kLog,
  kNeg,
  kRound,
  kRsqrt,
  kSign,
  kSin,
  kSqrt,
  kSquare,
  kTanh
};

/// Elements before and after on one axis, negative ones crop; and between each two.
struct Padding {
  std::int32_t before = 0;
  std::int32_t after = 0;
  std::int32_t gap = 0;  ///< 0 or more; only pad functions of v5 have it
};

/// A two-dimensional window that moves over an image.
struct WindowShape {
  Padding pad_height, pad_width;
  std::int32_t filter_height = 1, filter_width = 1;      ///< 1 or more
  std::int32_t stride_height = 1, stride_width = 1;      ///< 1 or more
  std::int32_t dilation_height = 1, dilation_width = 1;  ///< 1 or more

  /// Output size for an image of `size` rows or columns; 0 or less if no window fits.
  std::int64_t out_height(std::uint32_t size) const;
  std::int64_t out_width(std::uint32_t size) const;
};

/// Shape that two operands broadcast to, the last dimensions aligned.
Shape broadcast_shape(const Shape& a, const Shape& b);

/// Row-major offset in a tensor of `shape` of the element that broadcasting puts at `index`:
/// coordinates beyond a dimension count as 0. `index` may have more dimensions; the last ones
/// count.
std::size_t broadcast_offset(const Shape& shape, std::span<const std::uint32_t> index);

/// Calls visit(index) for every index of `shape`, the last dimension fastest.
template <class Visit>
void each_index(const Shape& shape, Visit visit) {
  std::vector<std::uint32_t> index(shape.size(), 0);
  const std::uint64_t count = shape_count(shape);
  for (std::uint64_t i = 0; i < count; ++i) {
    visit(std::span<const std::uint32_t>(index));
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      if (++index[axis] < shape[axis]) {
        break;
      }
      index[axis] = 0;
    }
  }
}

/// Where an axis cuts a shape: elements in front of it, on it and behind it.
struct AxisCut {
  std::size_t outer = 1, size = 1, inner = 1;

  AxisCut(const Shape& shape, std::size_t axis);

  /// Offset of element `i` on the axis.
  std::size_t at(std::size_t outer_index, std::size_t i, std::size_t inner_index) const {
    return (outer_index * size + i) * inner + inner_index;
  }
};

/// Calls visit(outer, inner) for every line of elements along the axis.
template <class Visit>
void each_line(const AxisCut& cut, Visit visit) {
  for (std::size_t outer = 0; outer < cut.outer; ++outer) {
    for (std::size_t inner = 0; inner < cut.inner; ++inner) {
      visit(outer, inner);
    }
  }
}

/// Calls visit(offset in a, offset in b) for every element of out_shape in memory order: where
/// broadcasting takes the operands from.
template <class Visit>
void each_pair(const Shape& a_shape, const Shape& b_shape, const Shape& out_shape, Visit visit) {
  if (out_shape.empty()) {
    visit(std::size_t{0}, std::size_t{0});
    return;
  }
  Shape rows = out_shape;
  rows.back() = 1;
  const std::uint32_t a_width = a_shape.empty() ? 1 : a_shape.back();
  const std::uint32_t b_width = b_shape.empty() ? 1 : b_shape.back();
  each_index(rows, [&](std::span<const std::uint32_t> index) {
    const std::size_t a = broadcast_offset(a_shape, index);
    const std::size_t b = broadcast_offset(b_shape, index);
    for (std::uint32_t i = 0; i < out_shape.back(); ++i) {
      visit(a + (i < a_width ? i : 0), b + (i < b_width ? i : 0));
    }
  });
}

float apply(BinaryOp op, float a, float b);
float apply(UnaryOp op, float x);

/// One step of a reduction; the mean adds, too.
float accumulate(ReduceOp op, float sum, float x);

/// out = clamp(op(a, b)) with broadcasting to out_shape.
void binary(BinaryOp op, std::span<const float> a, const Shape& a_shape, std::span<const float> b,
            const Shape& b_shape, std::span<float> out, const Shape& out_shape, ClampRange clamp);

/// How a mean is made of the sum: times (outputs / inputs), or divided by (inputs / outputs). The
/// results differ in the last bit unless that number is a power of two.
enum class MeanRule { kMultiply, kDivide };

/// Reduces every axis on which out_shape has 1 and in_shape more, starting at `init`, in memory
/// order.
void reduce(ReduceOp op, std::span<const float> in, const Shape& in_shape, std::span<float> out,
            const Shape& out_shape, float init, MeanRule mean);

/// Pooling of an N x C x H x W tensor over the window's part inside the image, then clamped. The
/// mean divides by the count of that part.
void reduce_window(ReduceOp op, std::span<const float> in, const Shape& in_shape,
                   std::span<float> out, const WindowShape& window, float init, ClampRange clamp);

/// Convolution of an N x C x H x W tensor; weights [out][in / groups][height][width]. Starts at the
/// bias, adds the taps inside the image by channel, row, column; clamped.
void conv2d(std::span<const float> in, const Shape& in_shape, std::span<const float> weights,
            std::span<const float> bias, std::span<float> out, std::uint32_t groups,
            std::uint32_t out_channels, const WindowShape& window, ClampRange clamp,
            FloatRule rule);

/// The transposed convolution: every input spreads over its window in the output, which starts as
/// zero; weights [group][out / groups][in / groups][height][width]. There is no bias: the vendor's
/// runtime reads one and never adds it.
void conv2d_transpose(std::span<const float> in, const Shape& in_shape,
                      std::span<const float> weights, std::span<float> out, const Shape& out_shape,
                      std::uint32_t groups, const WindowShape& window, ClampRange clamp,
                      FloatRule rule);

/// out[r][c] = clamp(bias[c] + sum over i of a[r][i] * b[i][c]), added in the order of i.
void matmul(std::span<const float> a, std::span<const float> b, std::span<const float> bias,
            std::span<float> out, std::uint32_t rows, std::uint32_t inner, std::uint32_t columns,
            ClampRange clamp, FloatRule rule);

/// exp((x - max) * beta) / sum over each line along an axis.
void softmax(std::span<const float> in, std::span<float> out, const AxisCut& cut, float beta);

}  // namespace kpu::golden
