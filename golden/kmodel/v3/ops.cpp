// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/v3/ops.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

#include "common/bits.h"
#include "golden/kpu/arith.h"
#include "golden/ops/float_rules.h"

namespace kpu::golden::v3 {
namespace {

/// The part of a pooling window inside the image, on one axis.
struct Window {
  std::int64_t begin;
  std::int64_t end;  ///< not below begin
};

Window window(std::uint32_t out, std::uint32_t stride, std::uint32_t pad, std::uint32_t kernel,
              std::uint32_t size) {
  const std::int64_t start = std::int64_t{out} * stride - pad;
  const std::int64_t begin = std::clamp<std::int64_t>(start, 0, size);
  return {begin, std::clamp<std::int64_t>(start + kernel, begin, size)};
}

/// Calls reduce(channel image, row window, column window) for every output pixel in order.
template <class T, class Reduce>
void pool(std::span<const T> in, std::span<T> out, const PoolShape& s, Reduce reduce) {
  std::size_t index = 0;
  for (std::uint32_t channel = 0; channel < s.out_channels; ++channel) {
    const std::size_t size = std::size_t{s.in_width} * s.in_height;
    const std::span<const T> image = in.subspan(channel * size, size);
    for (std::uint32_t row = 0; row < s.out_height; ++row) {
      const Window rows = window(row, s.stride_height, s.pad_height, s.kernel_height, s.in_height);
      for (std::uint32_t column = 0; column < s.out_width; ++column) {
        const Window columns =
            window(column, s.stride_width, s.pad_width, s.kernel_width, s.in_width);
        out[index++] = reduce(image, rows, columns);
      }
    }
  }
}

template <class T>
void resize(std::span<const T> in, std::span<T> out, const ResizeShape& s) {
  const float row_scale = static_cast<float>(s.in_height) / static_cast<float>(s.out_height);
  const float column_scale = static_cast<float>(s.in_width) / static_cast<float>(s.out_width);
  const auto source = [](std::uint32_t out_index, float scale, std::uint32_t size) {
    const float position = std::floor(static_cast<float>(out_index) * scale);
    return static_cast<std::uint32_t>(std::min(position, static_cast<float>(size - 1)));
  };
  std::size_t index = 0;
  for (std::uint32_t channel = 0; channel < s.channels; ++channel) {
    const std::span<const T> image = in.subspan(std::size_t{channel} * s.in_width * s.in_height);
    for (std::uint32_t row = 0; row < s.out_height; ++row) {
      const std::size_t y = source(row, row_scale, s.in_height);
      for (std::uint32_t column = 0; column < s.out_width; ++column) {
        out[index++] = image[y * s.in_width + source(column, column_scale, s.in_width)];
      }
    }
  }
}

/// Sum of in[i] * weights[i] as the firmware's compiler arranged it: eight at a time, the first two
/// products joined before they meet the sum.
float device_dot(Floats in, Floats weights) {
  float sum = 0;
  if (in.size() % 8 != 0) {
    for (std::size_t i = 0; i < in.size(); ++i) {
      sum = std::fma(in[i], weights[i], sum);
    }
    return sum;
  }
  for (std::size_t i = 0; i < in.size(); i += 8) {
    const float second = in[i + 1] * weights[i + 1];
    sum += std::fma(in[i], weights[i], second);
    for (std::size_t k = i + 2; k < i + 8; ++k) {
      sum = std::fma(in[k], weights[k], sum);
    }
  }
  return sum;
}

float simulator_dot(Floats in, Floats weights) {
  float sum = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    sum += in[i] * weights[i];
  }
  return sum;
}

}  // namespace

void add(Floats a, Floats b, FloatsOut out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = a[i] + b[i];
  }
}

void quantized_add(Bytes a, Bytes b, BytesOut out, const QuantizedScale& scale_a,
                   const QuantizedScale& scale_b, const QuantizedScale& scale_out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::int64_t x = (std::int64_t{a[i]} + scale_a.offset) * scale_a.mul;
    const std::int64_t y = (std::int64_t{b[i]} + scale_b.offset) * scale_b.mul;
    const std::int64_t sum = scale_a.shift == scale_b.shift
                                 ? wrap_add(x, y) >> scale_a.shift
                                 : wrap_add(x >> scale_a.shift, y >> scale_b.shift);
    const std::int64_t product = wrap_mul(sum, scale_out.mul);
    const std::int64_t code =
        round_shift(product, static_cast<std::uint32_t>(scale_out.shift), Rounding::kV01) +
        scale_out.offset;
    out[i] = static_cast<std::uint8_t>(std::clamp<std::int64_t>(code, 0, 255));
  }
}

void global_average_pool(Floats in, FloatsOut out, std::uint32_t kernel_size, FloatRule rule) {
  const float count = static_cast<float>(kernel_size);
  for (std::size_t channel = 0; channel < out.size(); ++channel) {
    float sum = 0;
    for (float x : in.subspan(channel * kernel_size, kernel_size)) {
      sum += x;
    }
    out[channel] = rule == FloatRule::kDevice ? (1.0f / count) * sum : sum / count;
  }
}

void quantized_max_pool(Bytes in, BytesOut out, const PoolShape& shape) {
  pool(in, out, shape, [&](Bytes image, Window rows, Window columns) {
    std::uint8_t best = 0;
    for (std::int64_t y = rows.begin; y < rows.end; ++y) {
      for (std::int64_t x = columns.begin; x < columns.end; ++x) {
        best = std::max(best, image[y * shape.in_width + x]);
      }
    }
    return best;
  });
}

void average_pool(Floats in, FloatsOut out, const PoolShape& shape) {
  pool(in, out, shape, [&](Floats image, Window rows, Window columns) {
    float sum = 0;
    for (std::int64_t y = rows.begin; y < rows.end; ++y) {
      for (std::int64_t x = columns.begin; x < columns.end; ++x) {
        sum += image[y * shape.in_width + x];
      }
    }
    const std::int64_t count = (rows.end - rows.begin) * (columns.end - columns.begin);
    return sum / static_cast<float>(count);
  });
}

void quantize(Floats in, BytesOut out, float scale, float bias, FloatRule rule) {
  const float factor = 1.0f / scale;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = clamp_to_byte(to_int(std::round((in[i] - bias) * factor), rule));
  }
}

void dequantize(Bytes in, FloatsOut out, float scale, float bias, FloatRule rule) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = mul_add(static_cast<float>(in[i]), scale, bias, rule);
  }
}

void requantize(Bytes in, BytesOut out, Bytes table) {
  std::transform(in.begin(), in.end(), out.begin(), [&](std::uint8_t q) { return table[q]; });
}

void l2_normalize(Floats in, FloatsOut out, FloatRule rule) {
  float sum = 0;
  for (float x : in) {
    sum = mul_add(x, x, sum, rule);
  }
  const float factor = 1.0f / std::sqrt(std::max(sum, 1e-10f));
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = in[i] * factor;
  }
}

void softmax(Floats in, FloatsOut out, FloatRule rule) {
  float largest = FLT_MIN;
  for (float x : in) {
    largest = std::fmax(largest, x);
  }
  float sum = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = std::exp(in[i] - largest);
    sum += out[i];
  }
  for (float& y : out) {
    y = rule == FloatRule::kDevice ? y * (1.0f / sum) : y / sum;
  }
}

void fully_connected(Floats in, FloatsOut out, Floats weights, Floats bias,
                     std::uint32_t activation, FloatRule rule) {
  for (std::size_t o = 0; o < out.size(); ++o) {
    const Floats row = weights.subspan(o * in.size(), in.size());
    const float dot = rule == FloatRule::kDevice ? device_dot(in, row) : simulator_dot(in, row);
    float y = dot + bias[o];
    if (activation != 0) {
      y = y > 0 ? y : 0;
    }
    if (activation == 2) {
      y = std::min(y, 6.0f);
    }
    out[o] = y;
  }
}

void flatten(Floats in, FloatsOut out, std::uint32_t width, std::uint32_t height,
             std::uint32_t channels) {
  std::size_t index = 0;
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      for (std::size_t channel = 0; channel < channels; ++channel) {
        out[index++] = in[(channel * height + y) * width + x];
      }
    }
  }
}

void resize_nearest(Floats in, FloatsOut out, const ResizeShape& shape) { resize(in, out, shape); }

void resize_nearest(Bytes in, BytesOut out, const ResizeShape& shape) { resize(in, out, shape); }

void logistic(Floats in, FloatsOut out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = 1.0f / (1.0f + std::exp(-in[i]));
  }
}

}  // namespace kpu::golden::v3
