// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "golden/ops/tensor_ops.h"

namespace kpu::golden {

/// Tensor operations that only move elements or pick among neighbours (kmodel format, exact
/// semantics of neutral ops). Elements are `size` bytes; tensors contiguous, row-major.

using ByteView = std::span<const std::uint8_t>;
using ByteSpan = std::span<std::uint8_t>;

/// out[o] = in[i] with i[perm[k]] = o[k].
void transpose(ByteView in, ByteSpan out, std::size_t size, const Shape& in_shape,
               const std::vector<std::uint32_t>& perm);

/// Shape that transpose() gives.
Shape transposed_shape(const Shape& in_shape, const std::vector<std::uint32_t>& perm);

/// `in` with `padding` (one entry an axis, negative crops, gaps count as 0); what is outside
/// becomes `value`, one element.
void pad(ByteView in, ByteSpan out, std::size_t size, const Shape& in_shape,
         const std::vector<Padding>& padding, ByteView value);

/// What padding repeats: the elements beside the border (reflect), those from the border on
/// (symmetric), or the border's alone (edge).
enum class PadSource { kReflect, kSymmetric, kEdge };

/// Whether an axis of `size` has what `padding` repeats.
bool can_repeat(PadSource source, std::uint32_t size, const Padding& padding);

/// `in` with `padding` that repeats its elements; can_repeat() holds on each axis, gaps count as 0.
void pad_repeating(ByteView in, ByteSpan out, std::size_t size, const Shape& in_shape,
                   const std::vector<Padding>& padding, PadSource source);

/// `in` with padding[axis].gap elements `value` between each two on an axis; nothing else is
/// padded.
void spread(ByteView in, ByteSpan out, std::size_t size, const Shape& in_shape,
            const std::vector<Padding>& padding, ByteView value);

/// Shape that spread() gives.
Shape spread_shape(const Shape& in_shape, const std::vector<Padding>& padding);

/// One axis of a slice: begin, begin + stride, .. before end (after it if stride is negative).
struct SliceAxis {
  std::int32_t begin = 0;
  std::int32_t end = 0;
  std::int32_t stride = 1;  ///< not 0

  /// How many elements that are.
  std::uint32_t count() const;
  /// Whether all of them lie on an axis of `size`.
  bool inside(std::uint32_t size) const;
};

/// The elements that all axes pick; each axis lies inside.
void slice(ByteView in, ByteSpan out, std::size_t size, const Shape& in_shape,
           const std::vector<SliceAxis>& axes);

/// The last axes of `in` in blocks: element (y * block + b) of such an axis goes to element y of a
/// batch of its own, number b * batches + n. What padding adds is zero; each padded axis is a
/// multiple of its block.
void space_to_batch(ByteView in, ByteSpan out, std::size_t size, const Shape& in_shape,
                    const std::vector<std::uint32_t>& block, const std::vector<Padding>& padding);

/// The other way: blocks that lie in batches become the last axes again; `crops` are cut off them.
void batch_to_space(ByteView in, ByteSpan out, std::size_t size, const Shape& in_shape,
                    const std::vector<std::uint32_t>& block, const std::vector<Padding>& crops);

/// Shapes that the two give.
Shape space_to_batch_shape(const Shape& in_shape, const std::vector<std::uint32_t>& block,
                           const std::vector<Padding>& padding);
Shape batch_to_space_shape(const Shape& in_shape, const std::vector<std::uint32_t>& block,
                           const std::vector<Padding>& crops);

enum class ResizeMode { kBilinear, kNearest };

/// How the last two axes of a tensor are resized. The versions of the format differ in which
/// options they honour; the loader sets only those.
struct Resize {
  ResizeMode mode = ResizeMode::kNearest;
  bool align_corners = false;
  bool half_pixel = false;
  bool round_codes = false;  ///< bilinear codes are rounded, not truncated
  std::uint32_t in_height = 1, in_width = 1;
  std::uint32_t out_height = 1, out_width = 1;
};

/// Resizes `planes` images.
void resize_planes(std::span<const float> in, std::span<float> out, std::size_t planes,
                   const Resize& resize);
void resize_planes(std::span<const std::uint8_t> in, std::span<std::uint8_t> out,
                   std::size_t planes, const Resize& resize);

}  // namespace kpu::golden
