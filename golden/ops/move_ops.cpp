// SPDX-License-Identifier: Apache-2.0
#include "golden/ops/move_ops.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

namespace kpu::golden {
namespace {

std::size_t offset_of(const Shape& shape, std::span<const std::uint32_t> index) {
  std::size_t offset = 0;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    offset = offset * shape[axis] + index[axis];
  }
  return offset;
}

/// Calls move(size) with the size of an element as a constant, so that copying one is one
/// instruction.
template <class Move>
void with_element_size(std::size_t size, Move move) {
  switch (size) {
    case 1:
      return move(std::integral_constant<std::size_t, 1>());
    case 4:
      return move(std::integral_constant<std::size_t, 4>());
    default:
      return move(size);
  }
}

/// Fills `out` row by row: the elements of a row lie `step` apart in `in`, from
/// row_offset(index of the row's first element) on.
template <class RowOffset>
void copy_rows(ByteView in, ByteSpan out, std::size_t size, const Shape& out_shape,
               std::ptrdiff_t step, RowOffset row_offset) {
  Shape rows = out_shape;
  const std::size_t width = rows.empty() ? 1 : rows.back();
  if (!rows.empty()) {
    rows.back() = 1;
  }
  std::uint8_t* to = out.data();
  with_element_size(size, [&](auto element) {
    each_index(rows, [&](std::span<const std::uint32_t> index) {
      const std::uint8_t* from = in.data() + row_offset(index) * element;
      if (step == 1) {
        std::memcpy(to, from, width * element);
        to += width * element;
        return;
      }
      const std::ptrdiff_t distance = step * static_cast<std::ptrdiff_t>(element);
      for (std::size_t i = 0; i < width; ++i, to += element) {
        std::memcpy(to, from + static_cast<std::ptrdiff_t>(i) * distance, element);
      }
    });
  });
}

float axis_scale(std::uint32_t in, std::uint32_t out, bool align_corners) {
  return align_corners && out > 1 ? static_cast<float>(in - 1) / static_cast<float>(out - 1)
                                  : static_cast<float>(in) / static_cast<float>(out);
}

/// The source row or column of an output one.
std::size_t nearest(std::uint32_t out_index, float scale, std::uint32_t size, const Resize& r) {
  const float offset = r.half_pixel ? 0.5f : 0.0f;
  const float position = (static_cast<float>(out_index) + offset) * scale;
  const float whole = r.align_corners ? std::round(position) : std::floor(position);
  return static_cast<std::size_t>(std::clamp(whole, 0.0f, static_cast<float>(size - 1)));
}

/// Two neighbours on an axis and how far the wanted point lies from the first to the second.
struct Between {
  std::size_t first, second;
  float share;
};

/// With half-pixel centres the position of the first outputs is negative: the vendor's runtime does
/// not clamp it, so that the first source pixel is extrapolated (weights 1.25 and -0.25 of the same
/// pixel, which is that pixel but for rounding).
Between between(std::uint32_t out_index, float scale, std::uint32_t size, const Resize& r) {
  const float position = r.half_pixel ? (static_cast<float>(out_index) + 0.5f) * scale - 0.5f
                                      : static_cast<float>(out_index) * scale;
  const auto last = static_cast<float>(size - 1);
  const float first = std::clamp(std::floor(position), 0.0f, last);
  const float second = std::clamp(std::ceil(position), 0.0f, last);
  return {static_cast<std::size_t>(first), static_cast<std::size_t>(second), position - first};
}

template <class T>
T bilinear(std::span<const T> image, std::size_t width, const Between& y, const Between& x,
           bool round_codes) {
  const auto at = [&](std::size_t row, std::size_t column) {
    return static_cast<float>(image[row * width + column]);
  };
  const float a0 = (1.0f - y.share) * (1.0f - x.share);
  const float a1 = y.share * (1.0f - x.share);
  const float a2 = (1.0f - y.share) * x.share;
  const float a3 = y.share * x.share;
  const float rounding = round_codes && std::is_integral_v<T> ? 0.5f : 0.0f;
  return static_cast<T>(at(y.first, x.first) * a0 + at(y.second, x.first) * a1 +
                        at(y.first, x.second) * a2 + at(y.second, x.second) * a3 + rounding);
}

template <class T>
void resize(std::span<const T> in, std::span<T> out, std::size_t planes, const Resize& r) {
  const float row_scale = axis_scale(r.in_height, r.out_height, r.align_corners);
  const float column_scale = axis_scale(r.in_width, r.out_width, r.align_corners);
  const std::size_t plane_size = std::size_t{r.in_height} * r.in_width;
  std::size_t i = 0;
  for (std::size_t plane = 0; plane < planes; ++plane) {
    const std::span<const T> image = in.subspan(plane * plane_size, plane_size);
    for (std::uint32_t row = 0; row < r.out_height; ++row) {
      for (std::uint32_t column = 0; column < r.out_width; ++column) {
        if (r.mode == ResizeMode::kNearest) {
          const std::size_t y = nearest(row, row_scale, r.in_height, r);
          out[i++] = image[y * r.in_width + nearest(column, column_scale, r.in_width, r)];
        } else {
          out[i++] = bilinear(image, r.in_width, between(row, row_scale, r.in_height, r),
                              between(column, column_scale, r.in_width, r), r.round_codes);
        }
      }
    }
  }
}

}  // namespace

Shape transposed_shape(const Shape& in_shape, const std::vector<std::uint32_t>& perm) {
  Shape out;
  for (std::uint32_t axis : perm) {
    out.push_back(in_shape[axis]);
  }
  return out;
}

void transpose(ByteView in, ByteSpan out, std::size_t size, const Shape& in_shape,
               const std::vector<std::uint32_t>& perm) {
  std::vector<std::uint32_t> source(in_shape.size());
  std::ptrdiff_t step = 1;  // of the input's axis that becomes the last
  for (std::size_t axis = in_shape.size(); axis-- > 0 && axis != perm.back();) {
    step *= in_shape[axis];
  }
  copy_rows(in, out, size, transposed_shape(in_shape, perm), step,
            [&](std::span<const std::uint32_t> index) {
              for (std::size_t axis = 0; axis < perm.size(); ++axis) {
                source[perm[axis]] = index[axis];
              }
              return offset_of(in_shape, source);
            });
}

void pad(ByteView in, ByteSpan out, std::size_t size, const Shape& in_shape,
         const std::vector<Padding>& padding, ByteView value) {
  if (in_shape.empty()) {
    std::copy(in.begin(), in.end(), out.begin());
    return;
  }
  Shape rows;
  for (std::size_t axis = 0; axis < in_shape.size(); ++axis) {
    rows.push_back(in_shape[axis] + padding[axis].before + padding[axis].after);
  }
  // The columns of a row that come from the input.
  const std::int64_t width = rows.back();
  const std::int64_t first = std::clamp<std::int64_t>(padding.back().before, 0, width);
  const std::int64_t end =
      std::clamp<std::int64_t>(std::int64_t{padding.back().before} + in_shape.back(), first, width);
  rows.back() = 1;
  std::vector<std::uint32_t> source(in_shape.size());
  std::uint8_t* to = out.data();
  with_element_size(size, [&](auto element) {
    const auto fill = [&](std::int64_t count) {
      for (; count > 0; --count, to += element) {
        std::memcpy(to, value.data(), element);
      }
    };
    each_index(rows, [&](std::span<const std::uint32_t> index) {
      bool inside = end > first;
      for (std::size_t axis = 0; axis + 1 < in_shape.size(); ++axis) {
        const std::int64_t at = std::int64_t{index[axis]} - padding[axis].before;
        inside = inside && at >= 0 && at < in_shape[axis];
        source[axis] = static_cast<std::uint32_t>(at);
      }
      if (!inside) {
        fill(width);
        return;
      }
      source.back() = static_cast<std::uint32_t>(first - padding.back().before);
      const std::size_t bytes = static_cast<std::size_t>(end - first) * element;
      fill(first);
      std::memcpy(to, &in[offset_of(in_shape, source) * element], bytes);
      to += bytes;
      fill(width - end);
    });
  });
}

bool can_repeat(PadSource source, std::uint32_t size, const Padding& padding) {
  const std::int32_t most = std::max(padding.before, padding.after);
  switch (source) {
    case PadSource::kReflect:
      return most < static_cast<std::int64_t>(size);
    case PadSource::kSymmetric:
      return most <= static_cast<std::int64_t>(size);
    default:
      return true;
  }
}

void pad_repeating(ByteView in, ByteSpan out, std::size_t size, const Shape& in_shape,
                   const std::vector<Padding>& padding, PadSource source) {
  const auto source_index = [&](std::size_t axis, std::uint32_t out_index) {
    const std::int64_t at = std::int64_t{out_index} - padding[axis].before;
    const std::int64_t last = std::int64_t{in_shape[axis]} - 1;
    if (source == PadSource::kEdge) {
      return std::clamp<std::int64_t>(at, 0, last);
    }
    const std::int64_t beside = source == PadSource::kReflect ? 1 : 0;
    return at < 0 ? -at - 1 + beside : at > last ? 2 * last + 1 - beside - at : at;
  };
  Shape out_shape;
  for (std::size_t axis = 0; axis < in_shape.size(); ++axis) {
    out_shape.push_back(in_shape[axis] + padding[axis].before + padding[axis].after);
  }
  std::vector<std::uint32_t> from(in_shape.size());
  std::uint8_t* to = out.data();
  each_index(out_shape, [&](std::span<const std::uint32_t> index) {
    for (std::size_t axis = 0; axis < index.size(); ++axis) {
      from[axis] = static_cast<std::uint32_t>(source_index(axis, index[axis]));
    }
    std::memcpy(to, &in[offset_of(in_shape, from) * size], size);
    to += size;
  });
}

Shape spread_shape(const Shape& in_shape, const std::vector<Padding>& padding) {
  Shape out = in_shape;
  for (std::size_t axis = 0; axis < out.size(); ++axis) {
    out[axis] += (out[axis] - 1) * static_cast<std::uint32_t>(padding[axis].gap);
  }
  return out;
}

void spread(ByteView in, ByteSpan out, std::size_t size, const Shape& in_shape,
            const std::vector<Padding>& padding, ByteView value) {
  for (std::size_t at = 0; at < out.size(); at += size) {
    std::memcpy(&out[at], value.data(), size);
  }
  const Shape out_shape = spread_shape(in_shape, padding);
  std::vector<std::uint32_t> to(in_shape.size());
  std::size_t at = 0;
  each_index(in_shape, [&](std::span<const std::uint32_t> index) {
    for (std::size_t axis = 0; axis < index.size(); ++axis) {
      to[axis] = index[axis] * (static_cast<std::uint32_t>(padding[axis].gap) + 1);
    }
    std::memcpy(&out[offset_of(out_shape, to) * size], &in[at], size);
    at += size;
  });
}

std::uint32_t SliceAxis::count() const {
  const std::int64_t distance = stride > 0 ? std::int64_t{end} - begin : std::int64_t{begin} - end;
  const std::int64_t step = std::abs(std::int64_t{stride});
  return distance <= 0 ? 0 : static_cast<std::uint32_t>((distance + step - 1) / step);
}

bool SliceAxis::inside(std::uint32_t size) const {
  if (count() == 0) {
    return true;
  }
  const std::int64_t last = begin + (std::int64_t{count()} - 1) * stride;
  return begin >= 0 && begin < std::int64_t{size} && last >= 0 && last < std::int64_t{size};
}

void slice(ByteView in, ByteSpan out, std::size_t size, const Shape& in_shape,
           const std::vector<SliceAxis>& axes) {
  Shape out_shape;
  for (const SliceAxis& axis : axes) {
    out_shape.push_back(axis.count());
  }
  if (shape_count(out_shape) == 0) {
    return;
  }
  std::vector<std::uint32_t> source(in_shape.size());
  copy_rows(in, out, size, out_shape, axes.empty() ? 1 : axes.back().stride,
            [&](std::span<const std::uint32_t> index) {
              for (std::size_t axis = 0; axis < axes.size(); ++axis) {
                source[axis] = static_cast<std::uint32_t>(
                    axes[axis].begin + std::int64_t{index[axis]} * axes[axis].stride);
              }
              return offset_of(in_shape, source);
            });
}

Shape space_to_batch_shape(const Shape& in_shape, const std::vector<std::uint32_t>& block,
                           const std::vector<Padding>& padding) {
  Shape out = in_shape;
  const std::size_t first = in_shape.size() - block.size();
  for (std::size_t i = 0; i < block.size(); ++i) {
    out[0] *= block[i];
    out[first + i] = (in_shape[first + i] + padding[i].before + padding[i].after) / block[i];
  }
  return out;
}

Shape batch_to_space_shape(const Shape& in_shape, const std::vector<std::uint32_t>& block,
                           const std::vector<Padding>& crops) {
  Shape out = in_shape;
  const std::size_t first = in_shape.size() - block.size();
  for (std::size_t i = 0; i < block.size(); ++i) {
    out[0] /= block[i];
    out[first + i] = in_shape[first + i] * block[i] - crops[i].before - crops[i].after;
  }
  return out;
}

void space_to_batch(ByteView in, ByteSpan out, std::size_t size, const Shape& in_shape,
                    const std::vector<std::uint32_t>& block, const std::vector<Padding>& padding) {
  const std::size_t first = in_shape.size() - block.size();
  std::vector<std::uint32_t> source(in_shape.size());
  std::uint8_t* to = out.data();
  each_index(
      space_to_batch_shape(in_shape, block, padding), [&](std::span<const std::uint32_t> index) {
        std::copy(index.begin(), index.end(), source.begin());
        std::uint32_t in_block = index[0] / in_shape[0];
        source[0] = index[0] % in_shape[0];
        bool inside = true;
        for (std::size_t i = block.size(); i-- > 0;) {
          const std::int64_t at =
              std::int64_t{index[first + i]} * block[i] + in_block % block[i] - padding[i].before;
          in_block /= block[i];
          inside = inside && at >= 0 && at < in_shape[first + i];
          source[first + i] = static_cast<std::uint32_t>(at);
        }
        if (inside) {
          std::memcpy(to, &in[offset_of(in_shape, source) * size], size);
        } else {
          std::memset(to, 0, size);
        }
        to += size;
      });
}

void batch_to_space(ByteView in, ByteSpan out, std::size_t size, const Shape& in_shape,
                    const std::vector<std::uint32_t>& block, const std::vector<Padding>& crops) {
  const std::size_t first = in_shape.size() - block.size();
  const Shape out_shape = batch_to_space_shape(in_shape, block, crops);
  std::vector<std::uint32_t> source(in_shape.size());
  std::uint8_t* to = out.data();
  each_index(out_shape, [&](std::span<const std::uint32_t> index) {
    std::copy(index.begin(), index.end(), source.begin());
    std::uint32_t in_block = 0;
    for (std::size_t i = 0; i < block.size(); ++i) {
      const std::uint32_t at = index[first + i] + crops[i].before;
      in_block = in_block * block[i] + at % block[i];
      source[first + i] = at / block[i];
    }
    source[0] = in_block * out_shape[0] + index[0];
    std::memcpy(to, &in[offset_of(in_shape, source) * size], size);
    to += size;
  });
}

void resize_planes(std::span<const float> in, std::span<float> out, std::size_t planes,
                   const Resize& r) {
  resize(in, out, planes, r);
}

void resize_planes(std::span<const std::uint8_t> in, std::span<std::uint8_t> out,
                   std::size_t planes, const Resize& r) {
  resize(in, out, planes, r);
}

}  // namespace kpu::golden
