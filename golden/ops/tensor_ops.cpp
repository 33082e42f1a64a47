// SPDX-License-Identifier: Apache-2.0
#include "golden/ops/tensor_ops.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "common/field_reader.h"
#include "golden/ops/float_rules.h"
#include "golden/ops/fused_conv.h"
#include "golden/ops/windows.h"

namespace kpu::golden {
namespace {

std::int64_t windowed_size(std::uint32_t size, Padding pad, std::int32_t filter,
                           std::int32_t stride, std::int32_t dilation) {
  const std::int64_t span = std::int64_t{filter - 1} * dilation + 1;
  return (std::int64_t{size} + pad.before + pad.after - span + stride) / stride;
}

}  // namespace

std::uint64_t shape_count(const Shape& shape) {
  std::uint64_t product = 1;
  for (std::uint32_t dim : shape) {
    product = std::min(saturating_product({product, dim}), std::uint64_t{1} << 60);
  }
  return product;
}

std::size_t axes_count(const Shape& shape, std::size_t first, std::size_t end) {
  std::size_t count = 1;
  for (std::size_t axis = first; axis < end; ++axis) {
    count *= shape[axis];
  }
  return count;
}

AxisCut::AxisCut(const Shape& shape, std::size_t axis)
    : outer(axes_count(shape, 0, axis)),
      size(shape[axis]),
      inner(axes_count(shape, axis + 1, shape.size())) {}

std::int64_t WindowShape::out_height(std::uint32_t size) const {
  return windowed_size(size, pad_height, filter_height, stride_height, dilation_height);
}

std::int64_t WindowShape::out_width(std::uint32_t size) const {
  return windowed_size(size, pad_width, filter_width, stride_width, dilation_width);
}

Shape broadcast_shape(const Shape& a, const Shape& b) {
  const Shape& longer = a.size() >= b.size() ? a : b;
  const Shape& shorter = a.size() >= b.size() ? b : a;
  Shape out = longer;
  const std::size_t first = longer.size() - shorter.size();
  for (std::size_t axis = 0; axis < shorter.size(); ++axis) {
    std::uint32_t& dim = out[first + axis];
    dim = std::max(dim, shorter[axis]);
  }
  return out;
}

std::size_t broadcast_offset(const Shape& shape, std::span<const std::uint32_t> index) {
  const auto last = index.last(shape.size());
  std::size_t offset = 0;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    offset = offset * shape[axis] + (last[axis] < shape[axis] ? last[axis] : 0);
  }
  return offset;
}

float apply(BinaryOp op, float a, float b) {
  switch (op) {
    case BinaryOp::kAdd:
      return a + b;
    case BinaryOp::kSub:
      return a - b;
    case BinaryOp::kMul:
      return a * b;
    case BinaryOp::kDiv:
      return a / b;
    case BinaryOp::kMin:
      return std::min(a, b);
    case BinaryOp::kMax:
      return std::max(a, b);
    case BinaryOp::kPow:
      return std::pow(a, b);
    case BinaryOp::kFloorDiv:
      return std::floor(a / b);
    default:
      return a - std::floor(a / b) * b;
  }
}

float apply(UnaryOp op, float x) {
  switch (op) {
    case UnaryOp::kAbs:
      return std::fabs(x);
    case UnaryOp::kAcos:
      return std::acos(x);
    case UnaryOp::kAsin:
      return std::asin(x);
    case UnaryOp::kCeil:
      return std::ceil(x);
    case UnaryOp::kCos:
      return std::cos(x);
    case UnaryOp::kExp:
      return std::exp(x);
    case UnaryOp::kFloor:
      return std::floor(x);
    case UnaryOp::kLog:
      return std::log(x);
    case UnaryOp::kNeg:
      return -x;
    case UnaryOp::kRound:
      return std::nearbyint(x);
    case UnaryOp::kRsqrt:
      return 1.0f / std::sqrt(x);
    case UnaryOp::kSign:
      return static_cast<float>((x > 0) - (x < 0));
    case UnaryOp::kSin:
      return std::sin(x);
    case UnaryOp::kSqrt:
      return std::sqrt(x);
    case UnaryOp::kSquare:
      return x * x;
    default:
      return std::tanh(x);
  }
}

float accumulate(ReduceOp op, float sum, float x) {
  switch (op) {
    case ReduceOp::kMin:
      return std::min(sum, x);
    case ReduceOp::kMax:
      return std::max(sum, x);
    case ReduceOp::kProduct:
      return sum * x;
    default:
      return sum + x;
  }
}

void binary(BinaryOp op, std::span<const float> a, const Shape& a_shape, std::span<const float> b,
            const Shape& b_shape, std::span<float> out, const Shape& out_shape, ClampRange clamp) {
  std::size_t i = 0;
  each_pair(a_shape, b_shape, out_shape, [&](std::size_t at_a, std::size_t at_b) {
    out[i++] = clamp.apply(apply(op, a[at_a], b[at_b]));
  });
}

void reduce(ReduceOp op, std::span<const float> in, const Shape& in_shape, std::span<float> out,
            const Shape& out_shape, float init, MeanRule mean) {
  std::fill(out.begin(), out.end(), init);
  std::size_t i = 0;
  each_index(in_shape, [&](std::span<const std::uint32_t> index) {
    float& sum = out[broadcast_offset(out_shape, index)];
    sum = accumulate(op, sum, in[i++]);
  });
  if (op == ReduceOp::kMean) {
    const float share = static_cast<float>(out.size()) / static_cast<float>(in.size());
    const auto count = static_cast<float>(in.size() / out.size());
    for (float& y : out) {
      y = mean == MeanRule::kMultiply ? y * share : y / count;
    }
  }
}

void reduce_window(ReduceOp op, std::span<const float> in, const Shape& in_shape,
                   std::span<float> out, const WindowShape& window, float init, ClampRange clamp) {
  const std::uint32_t height = in_shape[2];
  const std::uint32_t width = in_shape[3];
  const std::int64_t rows = window.out_height(height);
  const std::int64_t columns = window.out_width(width);
  std::size_t i = 0;
  for (std::size_t plane = 0; plane < std::size_t{in_shape[0]} * in_shape[1]; ++plane) {
    const auto image = in.subspan(plane * height * width);
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t column = 0; column < columns; ++column) {
        WindowSum sum(op, init);
        each_tap(window, row, column, height, width,
                 [&](std::int64_t, std::int64_t, std::size_t y, std::size_t x) {
                   sum.add(image[y * width + x]);
                 });
        out[i++] = clamp.apply(sum.result());
      }
    }
  }
}

void conv2d(std::span<const float> in, const Shape& in_shape, std::span<const float> weights,
            std::span<const float> bias, std::span<float> out, std::uint32_t groups,
            std::uint32_t out_channels, const WindowShape& window, ClampRange clamp,
            FloatRule rule) {
  const FusedConv fused = rule == FloatRule::kSimulator10
                              ? fused_kind(window, in_shape, out_channels, groups)
                              : FusedConv::kNone;
  std::size_t i = 0;
  each_convolution(in_shape, groups, out_channels, window,
                   [&](const Convolution& at, std::uint32_t oc) {
                     float value = bias[oc];
                     if (fused != FusedConv::kNone) {
                       value = fused_convolution(fused, at, in, weights, value);
                     } else {
                       at.each_tap([&](std::size_t pixel, std::size_t weight) {
                         value = mul_add(in[pixel], weights[weight], value, rule);
                       });
                     }
                     out[i++] = clamp.apply(value);
                   });
}

void conv2d_transpose(std::span<const float> in, const Shape& in_shape,
                      std::span<const float> weights, std::span<float> out, const Shape& out_shape,
                      std::uint32_t groups, const WindowShape& window, ClampRange clamp,
                      FloatRule rule) {
  const std::uint32_t height = out_shape[2];
  const std::uint32_t width = out_shape[3];
  const std::size_t group_in = in_shape[1] / groups;
  const std::size_t group_out = out_shape[1] / groups;
  const std::size_t taps = std::size_t(window.filter_height) * window.filter_width;
  std::fill(out.begin(), out.end(), 0.0f);
  std::size_t i = 0;
  each_index(in_shape, [&](std::span<const std::uint32_t> index) {
    const float x = in[i++];
    const std::size_t group = index[1] / group_in;
    const std::size_t ic = index[1] % group_in;
    for (std::size_t oc = 0; oc < group_out; ++oc) {
      const std::size_t plane = index[0] * std::size_t{out_shape[1]} + group * group_out + oc;
      const auto image = out.subspan(plane * height * width);
      const auto kernel = weights.subspan(((group * group_out + oc) * group_in + ic) * taps);
      each_tap(window, index[2], index[3], height, width,
               [&](std::int64_t ky, std::int64_t kx, std::size_t row, std::size_t column) {
                 float& y = image[row * width + column];
                 y = mul_add(x, kernel[ky * window.filter_width + kx], y, rule);
               });
    }
  });
  for (float& y : out) {
    y = clamp.apply(y);
  }
}

void matmul(std::span<const float> a, std::span<const float> b, std::span<const float> bias,
            std::span<float> out, std::uint32_t rows, std::uint32_t inner, std::uint32_t columns,
            ClampRange clamp, FloatRule rule) {
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      float value = bias[column];
      for (std::size_t i = 0; i < inner; ++i) {
        value = mul_add(a[row * inner + i], b[i * columns + column], value, rule);
      }
      out[row * columns + column] = clamp.apply(value);
    }
  }
}

void softmax(std::span<const float> in, std::span<float> out, const AxisCut& cut, float beta) {
  each_line(cut, [&](std::size_t outer, std::size_t inner) {
    float largest = std::numeric_limits<float>::lowest();
    for (std::size_t i = 0; i < cut.size; ++i) {
      largest = std::max(in[cut.at(outer, i, inner)], largest);
    }
    float sum = 0;
    for (std::size_t i = 0; i < cut.size; ++i) {
      const std::size_t at = cut.at(outer, i, inner);
      out[at] = std::exp((in[at] - largest) * beta);
      sum += out[at];
    }
    for (std::size_t i = 0; i < cut.size; ++i) {
      out[cut.at(outer, i, inner)] /= sum;
    }
  });
}

}  // namespace kpu::golden
