// SPDX-License-Identifier: Apache-2.0
#include "golden/ops/sequence_ops.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "common/bits.h"

namespace kpu::golden {
namespace {

float add(float a, float b) { return a + b; }

std::int32_t add(std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>(wrap_add(a, b));
}

template <class T>
void sums(std::span<const T> in, std::span<T> out, const AxisCut& cut, bool exclusive,
          bool reverse) {
  each_line(cut, [&](std::size_t outer, std::size_t inner) {
    T sum{};
    for (std::size_t i = 0; i < cut.size; ++i) {
      const std::size_t at = cut.at(outer, reverse ? cut.size - 1 - i : i, inner);
      const T before = sum;
      sum = add(sum, in[at]);
      out[at] = exclusive ? before : sum;
    }
  });
}

/// Sum of the products of two rows.
float dot(std::span<const float> a, std::span<const float> b) {
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += a[i] * b[i];
  }
  return sum;
}

float logistic(float x) { return 1.0f / (1.0f + std::exp(-x)); }

/// One direction of a gated recurrent unit on one batch.
class GruCell {
 public:
  GruCell(const GruShape& shape, const GruWeights& weights, std::size_t direction)
      : shape_(shape),
        w_(weights.w.subspan(direction * 3 * shape.hidden * shape.inputs)),
        r_(weights.r.subspan(direction * 3 * shape.hidden * shape.hidden)),
        bias_(weights.bias.subspan(direction * 6 * shape.hidden)) {}

  /// The state after an input.
  void step(std::span<const float> input, std::span<float> state) const {
    const std::size_t hidden = shape_.hidden;
    std::vector<float> update(hidden), reset(hidden), candidate(hidden);
    for (std::size_t i = 0; i < hidden; ++i) {
      update[i] = logistic(from_input(kUpdate, i, input) + from_state(kUpdate, i, state));
      reset[i] = logistic(from_input(kReset, i, input) + from_state(kReset, i, state));
    }
    std::vector<float> seen(state.begin(), state.end());
    if (!shape_.linear_before_reset) {
      for (std::size_t i = 0; i < hidden; ++i) {
        seen[i] = reset[i] * state[i];
      }
    }
    for (std::size_t i = 0; i < hidden; ++i) {
      const float recurrent = from_state(kHidden, i, seen);
      candidate[i] = std::tanh(from_input(kHidden, i, input) +
                               (shape_.linear_before_reset ? reset[i] * recurrent : recurrent));
    }
    for (std::size_t i = 0; i < hidden; ++i) {
      state[i] = (1.0f - update[i]) * candidate[i] + update[i] * state[i];
    }
  }

 private:
  enum Gate : std::size_t { kUpdate, kReset, kHidden };

  float from_input(Gate gate, std::size_t i, std::span<const float> input) const {
    const std::size_t row = gate * shape_.hidden + i;
    return dot(input, w_.subspan(row * shape_.inputs)) + bias_[row];
  }

  float from_state(Gate gate, std::size_t i, std::span<const float> state) const {
    const std::size_t row = gate * shape_.hidden + i;
    return dot(state, r_.subspan(row * shape_.hidden)) + bias_[3 * shape_.hidden + row];
  }

  const GruShape& shape_;
  std::span<const float> w_, r_, bias_;
};

}  // namespace

void cumulative_sum(std::span<const float> in, std::span<float> out, const AxisCut& cut,
                    bool exclusive, bool reverse) {
  sums(in, out, cut, exclusive, reverse);
}

void cumulative_sum(std::span<const std::int32_t> in, std::span<std::int32_t> out,
                    const AxisCut& cut, bool exclusive, bool reverse) {
  sums(in, out, cut, exclusive, reverse);
}

void layer_norm(std::span<const float> in, std::span<float> out, std::span<const float> scale,
                std::span<const float> bias, float epsilon) {
  const std::size_t size = scale.size();
  const auto count = static_cast<float>(size);
  std::vector<float> centred(size);
  for (std::size_t first = 0; first < in.size(); first += size) {
    float mean = 0;
    for (std::size_t i = 0; i < size; ++i) {
      mean += in[first + i] / count;
    }
    float variance = 0;
    for (std::size_t i = 0; i < size; ++i) {
      centred[i] = in[first + i] - mean;
      variance += centred[i] * centred[i] / count;
    }
    const float deviation = std::sqrt(variance + epsilon);
    for (std::size_t i = 0; i < size; ++i) {
      out[first + i] = centred[i] / deviation * scale[i] + bias[i];
    }
  }
}

void gru(const GruShape& shape, std::span<const float> in, const GruWeights& weights,
         std::span<float> state, std::span<float> out) {
  for (std::size_t direction = 0; direction < shape.directions; ++direction) {
    const GruCell cell(shape, weights, direction);
    // The second direction runs against the first.
    const bool backwards = shape.reverse != (direction == 1);
    for (std::size_t i = 0; i < shape.steps; ++i) {
      const std::size_t step = backwards ? shape.steps - 1 - i : i;
      for (std::size_t batch = 0; batch < shape.batches; ++batch) {
        const auto input = in.subspan((step * shape.batches + batch) * shape.inputs, shape.inputs);
        const auto one =
            state.subspan((direction * shape.batches + batch) * shape.hidden, shape.hidden);
        cell.step(input, one);
        const std::size_t at =
            ((step * shape.directions + direction) * shape.batches + batch) * shape.hidden;
        std::copy(one.begin(), one.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
      }
    }
  }
}

}  // namespace kpu::golden
