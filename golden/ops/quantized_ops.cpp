// SPDX-License-Identifier: Apache-2.0
#include "golden/ops/quantized_ops.h"

#include <algorithm>
#include <cstddef>

#include "common/bits.h"
#include "golden/ops/float_rules.h"
#include "golden/ops/windows.h"

namespace kpu::golden {
namespace {

/// 32-bit integers that wrap.
std::int32_t low_32(std::int64_t value) { return static_cast<std::int32_t>(value); }

std::int32_t divide(std::int32_t a, std::int32_t b) {
  if (b == 0) {
    return -1;
  }
  return low_32((std::int64_t{a} + b / 2) / b);
}

std::int32_t apply_integer(BinaryOp op, std::int32_t a, std::int32_t b) {
  switch (op) {
    case BinaryOp::kAdd:
      return low_32(std::int64_t{a} + b);
    case BinaryOp::kSub:
      return low_32(std::int64_t{a} - b);
    case BinaryOp::kMul:
      return low_32(std::int64_t{a} * b);
    case BinaryOp::kDiv:
      return divide(a, b);
    case BinaryOp::kMin:
      return std::min(a, b);
    default:
      return std::max(a, b);
  }
}

std::int32_t scaled(std::uint8_t code, const OperandScale& s) {
  return Requantization{.mul = s.mul, .shift = s.shift}.scale(
      low_32(std::int64_t{code} + s.offset));
}

}  // namespace

std::int32_t Requantization::scale(std::int64_t value) const {
  const std::int64_t product = wrap_mul(value, mul);
  if (shift == 0) {
    return low_32(product);
  }
  return low_32(wrap_add(product, std::int64_t{1} << (shift - 1)) >> shift);
}

std::uint8_t Requantization::code(std::int64_t value) const {
  return clamp_to_byte(low_32(std::int64_t{scale(value)} + offset));
}

void quantized_binary(BinaryOp op, std::span<const std::uint8_t> a, const Shape& a_shape,
                      const OperandScale& a_scale, std::span<const std::uint8_t> b,
                      const Shape& b_shape, const OperandScale& b_scale,
                      std::span<std::uint8_t> out, const Shape& out_shape,
                      const Requantization& requantize) {
  std::size_t i = 0;
  each_pair(a_shape, b_shape, out_shape, [&](std::size_t at_a, std::size_t at_b) {
    const std::int32_t x = scaled(a[at_a], a_scale);
    const std::int32_t y = scaled(b[at_b], b_scale);
    out[i++] = requantize.code(apply_integer(op, x, y));
  });
}

void quantized_conv2d(std::span<const std::uint8_t> in, const Shape& in_shape,
                      std::span<const std::uint8_t> weights, std::span<const std::int32_t> bias,
                      std::span<std::uint8_t> out, std::uint32_t groups, std::uint32_t out_channels,
                      const WindowShape& window, std::int32_t in_offset, std::int32_t weight_offset,
                      const Requantization& requantize) {
  std::size_t i = 0;
  each_convolution(in_shape, groups, out_channels, window,
                   [&](const Convolution& at, std::uint32_t oc) {
                     std::int64_t sum = bias[oc];
                     at.each_tap([&](std::size_t pixel, std::size_t weight) {
                       sum = wrap_add(sum, wrap_mul(std::int64_t{in[pixel]} + in_offset,
                                                    std::int64_t{weights[weight]} + weight_offset));
                     });
                     out[i++] = requantize.code(low_32(sum));
                   });
}

void quantized_matmul(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b,
                      std::span<const std::int32_t> bias, std::span<std::uint8_t> out,
                      std::uint32_t rows, std::uint32_t inner, std::uint32_t columns,
                      std::int32_t a_offset, std::int32_t b_offset,
                      const Requantization& requantize) {
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      std::int64_t sum = bias[column];
      for (std::size_t i = 0; i < inner; ++i) {
        sum = wrap_add(sum, wrap_mul(std::int64_t{a[row * inner + i]} + a_offset,
                                     std::int64_t{b[i * columns + column]} + b_offset));
      }
      out[row * columns + column] = requantize.code(low_32(sum));
    }
  }
}

}  // namespace kpu::golden
