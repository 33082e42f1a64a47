// SPDX-License-Identifier: Apache-2.0
#include "golden/ops/index_ops.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "common/error.h"

namespace kpu::golden {
namespace {

std::size_t checked_index(std::int64_t index, std::size_t size) {
  if (index < 0 || index >= static_cast<std::int64_t>(size)) {
    throw Error(fmt::format("index {}: expected 0 to {}", index, size - 1));
  }
  return static_cast<std::size_t>(index);
}

}  // namespace

void gather(ByteView in, ByteSpan out, std::size_t size, const Shape& in_shape, std::size_t axis,
            std::span<const std::int32_t> indices) {
  const AxisCut cut(in_shape, axis);
  const std::size_t slice = cut.inner * size;
  auto to = out.begin();
  for (std::size_t outer = 0; outer < cut.outer; ++outer) {
    for (std::int32_t index : indices) {
      const std::size_t from = cut.at(outer, checked_index(index, cut.size), 0) * size;
      to = std::copy_n(in.begin() + from, slice, to);
    }
  }
}

void gather_elements(ByteView in, ByteSpan out, std::size_t size, const Shape& in_shape,
                     std::size_t axis, std::span<const std::int64_t> indices,
                     const Shape& indices_shape) {
  std::size_t i = 0;
  auto to = out.begin();
  each_index(indices_shape, [&](std::span<const std::uint32_t> index) {
    std::size_t from = 0;
    for (std::size_t at = 0; at < in_shape.size(); ++at) {
      const std::int64_t wanted = indices[i] < 0 ? indices[i] + in_shape[axis] : indices[i];
      from = from * in_shape[at] + (at == axis ? checked_index(wanted, in_shape[at]) : index[at]);
    }
    to = std::copy_n(in.begin() + from * size, size, to);
    ++i;
  });
}

void gather_nd(ByteView in, ByteSpan out, std::size_t size, const Shape& in_shape,
               std::size_t batch_dims, std::span<const std::int32_t> indices,
               const Shape& indices_shape) {
  const std::size_t coordinates = indices_shape.back();
  const std::size_t slice = axes_count(in_shape, batch_dims + coordinates, in_shape.size()) * size;
  const std::size_t picks_a_batch = axes_count(indices_shape, batch_dims, indices_shape.size() - 1);
  auto to = out.begin();
  for (std::size_t pick = 0; pick * coordinates < indices.size(); ++pick) {
    std::size_t at = pick / picks_a_batch;
    for (std::size_t i = 0; i < coordinates; ++i) {
      const std::uint32_t dim = in_shape[batch_dims + i];
      at = at * dim + checked_index(indices[pick * coordinates + i], dim);
    }
    to = std::copy_n(in.begin() + at * slice, slice, to);
  }
}

void one_hot(std::span<const std::int32_t> indices, ByteSpan out, const AxisCut& cut, ByteView on,
             ByteView off, bool from_end) {
  each_line(cut, [&](std::size_t outer, std::size_t inner) {
    std::int64_t wanted = indices[outer * cut.inner + inner];
    if (wanted < 0 && from_end) {
      wanted += static_cast<std::int64_t>(cut.size);
    }
    for (std::size_t i = 0; i < cut.size; ++i) {
      const ByteView value = wanted == static_cast<std::int64_t>(i) ? on : off;
      std::copy(value.begin(), value.end(), out.begin() + cut.at(outer, i, inner) * on.size());
    }
  });
}

void top_k(std::span<const float> in, std::span<float> values, std::span<std::int64_t> indices,
           const AxisCut& cut, std::size_t k, bool largest) {
  using Entry = std::pair<float, std::int64_t>;
  const auto better = [&](const Entry& a, const Entry& b) { return largest ? a > b : a < b; };
  AxisCut out_cut = cut;
  out_cut.size = k;
  each_line(cut, [&](std::size_t outer, std::size_t inner) {
    std::vector<Entry> best;  // best first
    for (std::size_t i = 0; i < cut.size; ++i) {
      const Entry entry{in[cut.at(outer, i, inner)], static_cast<std::int64_t>(i)};
      const bool full = best.size() == k;
      if (full && !(largest ? entry.first > best.back().first : entry.first < best.back().first)) {
        continue;
      }
      if (full) {
        best.pop_back();
      }
      best.insert(std::upper_bound(best.begin(), best.end(), entry, better), entry);
    }
    for (std::size_t i = 0; i < k; ++i) {
      values[out_cut.at(outer, i, inner)] = best[i].first;
      indices[out_cut.at(outer, i, inner)] = best[i].second;
    }
  });
}

void arg_reduce(std::span<const float> in, std::span<std::int64_t> out, const AxisCut& cut,
                bool largest, bool last) {
  constexpr float kEqual = 1e-6f;
  each_line(cut, [&](std::size_t outer, std::size_t inner) {
    float best = largest ? std::numeric_limits<float>::lowest() : std::numeric_limits<float>::max();
    std::size_t found = 0;
    bool any = false;
    for (std::size_t i = 0; i < cut.size; ++i) {
      const float x = in[cut.at(outer, i, inner)];
      if (largest ? x > best : x < best) {
        best = x;
        found = i;
        any = true;
      } else if (std::fabs(x - best) < kEqual && (last || !any)) {
        found = i;
        any = true;
      }
    }
    out[outer * cut.inner + inner] = static_cast<std::int64_t>(found);
  });
}

void hardmax(std::span<const float> in, std::span<float> out, const AxisCut& cut) {
  std::fill(out.begin(), out.end(), 0.0f);
  each_line(cut, [&](std::size_t outer, std::size_t inner) {
    float best = std::numeric_limits<float>::min();
    std::size_t found = cut.size;
    for (std::size_t i = 0; i < cut.size; ++i) {
      const float x = in[cut.at(outer, i, inner)];
      if (x > best) {
        best = x;
        found = i;
      }
    }
    if (found < cut.size) {
      out[cut.at(outer, found, inner)] = 1.0f;
    }
  });
}

void triangle(std::span<const float> in, std::span<float> out, const Shape& shape, bool upper,
              std::int64_t k) {
  const std::size_t rows = shape[shape.size() - 2];
  const std::size_t columns = shape.back();
  for (std::size_t i = 0; i < in.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i / columns % rows);
    const auto right = static_cast<std::int64_t>(i % columns) - row;
    out[i] = (upper ? right >= k : right <= k) ? in[i] : 0.0f;
  }
}

void select(std::span<const float> condition, const Shape& condition_shape,
            std::span<const float> a, const Shape& a_shape, std::span<const float> b,
            const Shape& b_shape, std::span<float> out, const Shape& out_shape) {
  std::size_t i = 0;
  each_index(out_shape, [&](std::span<const std::uint32_t> index) {
    const bool first = condition[broadcast_offset(condition_shape, index)] != 0.0f;
    out[i++] = first ? a[broadcast_offset(a_shape, index)] : b[broadcast_offset(b_shape, index)];
  });
}

}  // namespace kpu::golden
