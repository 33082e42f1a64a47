// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "golden/ops/move_ops.h"
#include "golden/ops/tensor_ops.h"

namespace kpu::golden {

/// Tensor operations of kmodel v5 that pick by index or find one. Tensors are contiguous,
/// row-major; sizes and axes have been checked, indices in the data have not: one that lies outside
/// its axis throws Error, where the vendor's runtime reads whatever lies there.

/// For each index the slice of `in` across `axis` there: the indices take the axis' place in the
/// output's shape. Elements are `size` bytes.
void gather(ByteView in, ByteSpan out, std::size_t size, const Shape& in_shape, std::size_t axis,
            std::span<const std::int32_t> indices);

/// Each element from its own place in `in`, but on `axis` from where the indices say; negative ones
/// count from the end. The output has the indices' shape, on the other axes at most as large as
/// `in`.
void gather_elements(ByteView in, ByteSpan out, std::size_t size, const Shape& in_shape,
                     std::size_t axis, std::span<const std::int64_t> indices,
                     const Shape& indices_shape);

/// The last dimension of the indices holds coordinates that pick a slice of `in`, behind its first
/// `batch_dims` axes, which both share.
void gather_nd(ByteView in, ByteSpan out, std::size_t size, const Shape& in_shape,
               std::size_t batch_dims, std::span<const std::int32_t> indices,
               const Shape& indices_shape);

/// `on` where the index along the new axis of `out` equals the index there, else `off`; one element
/// each. Negative indices count from the end if `from_end`, else they match nothing.
void one_hot(std::span<const std::int32_t> indices, ByteSpan out, const AxisCut& cut, ByteView on,
             ByteView off, bool from_end);

/// The k largest (or smallest) of each line along an axis and their indices, best first. Of equal
/// values, the vendor's runtime keeps and puts in front those with larger indices if it looks for
/// the largest, with smaller ones if for the smallest.
void top_k(std::span<const float> in, std::span<float> values, std::span<std::int64_t> indices,
           const AxisCut& cut, std::size_t k, bool largest);

/// Index of the largest (or smallest) value of each line along an axis. Values less than 1e-6 apart
/// from the best so far count as equal; of these, the first or the last is taken.
void arg_reduce(std::span<const float> in, std::span<std::int64_t> out, const AxisCut& cut,
                bool largest, bool last);

/// 1 at the first largest value of each line along an axis, 0 elsewhere; only 0 if none is above
/// the smallest normal number.
void hardmax(std::span<const float> in, std::span<float> out, const AxisCut& cut);

/// `in` with zeros below (or above) diagonal `k` of each matrix of its last two axes; 0 is the main
/// diagonal, 1 the one above it.
void triangle(std::span<const float> in, std::span<float> out, const Shape& shape, bool upper,
              std::int64_t k);

/// a where the condition is not 0, else b; all broadcast to out_shape. Elements are four bytes.
void select(std::span<const float> condition, const Shape& condition_shape,
            std::span<const float> a, const Shape& a_shape, std::span<const float> b,
            const Shape& b_shape, std::span<float> out, const Shape& out_shape);

}  // namespace kpu::golden
