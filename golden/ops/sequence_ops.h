// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "golden/ops/tensor_ops.h"

namespace kpu::golden {

/// Float operations of kmodel v5 whose results depend on each other along an axis, or on the whole
/// of it. Tensors are contiguous, row-major; sizes have been checked by the loader. Every operation
/// is rounded by itself, in the order of the vendor's runtime.

/// Sums of each line along an axis up to every element; `exclusive`: without it; `reverse`: from
/// the end.
void cumulative_sum(std::span<const float> in, std::span<float> out, const AxisCut& cut,
                    bool exclusive, bool reverse);
/// The same of integers, which wrap.
void cumulative_sum(std::span<const std::int32_t> in, std::span<std::int32_t> out,
                    const AxisCut& cut, bool exclusive, bool reverse);

/// (x - mean) / sqrt(variance + epsilon) * scale + bias over each run of scale.size() elements.
/// Mean and variance are sums of values already divided by the count.
void layer_norm(std::span<const float> in, std::span<float> out, std::span<const float> scale,
                std::span<const float> bias, float epsilon);

/// Sizes of a gated recurrent unit, each 1 or more.
struct GruShape {
  std::size_t steps = 1, batches = 1, inputs = 1, hidden = 1;
  std::size_t directions = 1;        ///< 1 or 2
  bool reverse = false;              ///< the first direction runs from the last step to the first
  bool linear_before_reset = false;  ///< the reset gate acts on the product, not on the state
};

/// Weights of a gated recurrent unit, by direction, then gate (update, reset, hidden):
/// w [3 * hidden][inputs], r [3 * hidden][hidden], bias [w's 3 * hidden, r's 3 * hidden].
struct GruWeights {
  std::span<const float> w, r, bias;
};

/// Runs the unit over `in` [steps][batches][inputs]. `state` [directions][batches][hidden] is the
/// first state, then the last; `out` [steps][directions][batches][hidden].
void gru(const GruShape& shape, std::span<const float> in, const GruWeights& weights,
         std::span<float> state, std::span<float> out);

}  // namespace kpu::golden
