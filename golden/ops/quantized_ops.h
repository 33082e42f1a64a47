// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "golden/ops/tensor_ops.h"

namespace kpu::golden {

/// Integer tensor operations of kmodel v4 (kmodel format, exact semantics of neutral ops): 32-bit
/// sums that wrap, scaled by a multiplication and a shift that rounds halves up.

/// Multiplies, shifts down, adds: from a sum to a code.
struct Requantization {
  std::int32_t mul = 1;
  std::uint32_t shift = 0;  ///< 0..63
  std::int32_t offset = 0;

  /// (value * mul, rounded half up to a multiple of 2^shift) >> shift, in 32 bits.
  std::int32_t scale(std::int64_t value) const;
  /// scale(value) + offset, clamped to 0..255.
  std::uint8_t code(std::int64_t value) const;
};

/// An operand's codes to scaled integers: scale(code + offset).
struct OperandScale {
  std::int32_t offset = 0;
  std::int32_t mul = 1;
  std::uint32_t shift = 0;
};

/// Broadcasting binary operation on scaled operands. A division rounds by half the divisor and
/// gives -1 for a divisor of 0, as the device does.
void quantized_binary(BinaryOp op, std::span<const std::uint8_t> a, const Shape& a_shape,
                      const OperandScale& a_scale, std::span<const std::uint8_t> b,
                      const Shape& b_shape, const OperandScale& b_scale,
                      std::span<std::uint8_t> out, const Shape& out_shape,
                      const Requantization& requantize);

/// Convolution of (x + in_offset) with (w + weight_offset); taps outside the image count nothing.
/// Layouts as in conv2d().
void quantized_conv2d(std::span<const std::uint8_t> in, const Shape& in_shape,
                      std::span<const std::uint8_t> weights, std::span<const std::int32_t> bias,
                      std::span<std::uint8_t> out, std::uint32_t groups, std::uint32_t out_channels,
                      const WindowShape& window, std::int32_t in_offset, std::int32_t weight_offset,
                      const Requantization& requantize);

/// Matrix product of (a + a_offset) and (b + b_offset), as matmul().
void quantized_matmul(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b,
                      std::span<const std::int32_t> bias, std::span<std::uint8_t> out,
                      std::uint32_t rows, std::uint32_t inner, std::uint32_t columns,
                      std::int32_t a_offset, std::int32_t b_offset,
                      const Requantization& requantize);

}  // namespace kpu::golden
