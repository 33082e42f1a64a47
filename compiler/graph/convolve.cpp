// SPDX-License-Identifier: Apache-2.0
#include "compiler/graph/convolve.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "compiler/graph/gemm.h"

namespace kpu::compiler {
namespace {

/// Rows of taps for a matrix product: [channel, tap row, tap column][output pixel].
void gather_taps(const Window& w, const float* image, std::int64_t channels, std::int64_t height,
                 std::int64_t width, std::int64_t out_height, std::int64_t out_width,
                 std::vector<float>& columns) {
  const std::int64_t pixels = out_height * out_width;
  columns.assign(channels * w.kernel[0] * w.kernel[1] * pixels, 0.f);
  float* line = columns.data();
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t i = 0; i < w.kernel[0]; ++i) {
      for (std::int64_t j = 0; j < w.kernel[1]; ++j, line += pixels) {
        for (std::int64_t row = 0; row < out_height; ++row) {
          const std::int64_t y = row * w.stride[0] - w.before[0] + i * w.dilation[0];
          if (y < 0 || y >= height) continue;
          const float* source = image + (c * height + y) * width;
          for (std::int64_t column = 0; column < out_width; ++column) {
            const std::int64_t x = column * w.stride[1] - w.before[1] + j * w.dilation[1];
            if (x >= 0 && x < width) line[row * out_width + column] = source[x];
          }
        }
      }
    }
  }
}

/// A depthwise convolution, tap by tap over whole rows.
Tensor convolve_depthwise(const Conv& conv, const Tensor& in) {
  const Window& w = conv.window;
  const std::int64_t height = in.dims[2], width = in.dims[3];
  Tensor out{{1, conv.out_channels(), w.out_size(0, height), w.out_size(1, width)}, {}, false};
  out.data.resize(element_count(out.dims));
  const std::int64_t out_height = out.dims[2], out_width = out.dims[3];
  for (std::int64_t c = 0; c < conv.out_channels(); ++c) {
    const float* image = in.data.data() + c * height * width;
    float* plane = out.data.data() + c * out_height * out_width;
    std::fill_n(plane, out_height * out_width, conv.bias[c]);
    const float* weights = conv.weights->data.data() + c * w.kernel[0] * w.kernel[1];
    for (std::int64_t i = 0; i < w.kernel[0] * w.kernel[1]; ++i) {
      const std::int64_t down = i / w.kernel[1] * w.dilation[0] - w.before[0];
      const std::int64_t right = i % w.kernel[1] * w.dilation[1] - w.before[1];
      const std::int64_t step = w.stride[1];
      // The columns whose tap lies inside the image.
      const std::int64_t first = right < 0 ? (-right + step - 1) / step : 0;
      const std::int64_t end =
          right >= width ? 0 : std::min(out_width, (width - right + step - 1) / step);
      for (std::int64_t row = 0; row < out_height; ++row) {
        const std::int64_t y = row * w.stride[0] + down;
        if (y < 0 || y >= height) continue;
        const float* source = image + y * width + right;
        float* target = plane + row * out_width;
        for (std::int64_t x = first; x < end; ++x) target[x] += weights[i] * source[x * step];
      }
    }
  }
  return out;
}

}  // namespace

Tensor convolve(const Conv& conv, const Tensor& in) {
  if (conv.depthwise()) return convolve_depthwise(conv, in);
  const std::int64_t height = conv.window.out_size(0, in.dims[2]);
  const std::int64_t width = conv.window.out_size(1, in.dims[3]);
  const std::int64_t pixels = height * width, group_in = conv.weights->dims[1];
  const std::int64_t group_out = conv.out_channels() / conv.groups;
  const std::int64_t inner = group_in * conv.window.kernel[0] * conv.window.kernel[1];
  Tensor out{{1, conv.out_channels(), height, width}, {}, false};
  out.data.resize(element_count(out.dims));
  const Window plain;
  std::vector<float> columns;
  for (std::int64_t group = 0; group < conv.groups; ++group) {
    const float* image = in.data.data() + group * group_in * in.dims[2] * in.dims[3];
    const float* taps = image;  // of a 1x1 kernel
    if (!(conv.window == plain)) {
      gather_taps(conv.window, image, group_in, in.dims[2], in.dims[3], height, width, columns);
      taps = columns.data();
    }
    gemm(group_out, inner, pixels, conv.weights->data.data() + group * group_out * inner, taps,
         out.data.data() + group * group_out * pixels);
  }
  for (std::int64_t oc = 0; oc < conv.out_channels(); ++oc) {
    for (std::int64_t i = 0; i < pixels; ++i) out.data[oc * pixels + i] += conv.bias[oc];
  }
  return out;
}

Tensor fused_pool(const Tensor& in, FusedPool pool) {
  if (pool == FusedPool::kNone) return in;
  const std::int64_t step = pool_step(pool), height = in.dims[2], width = in.dims[3];
  Tensor out{{1, in.dims[1], height / step, width / step}, {}, false};
  out.data.reserve(element_count(out.dims));
  const bool max = pool == FusedPool::kMax2 || pool == FusedPool::kMax4;
  const bool mean = pool == FusedPool::kMean2 || pool == FusedPool::kMean4;
  for (std::int64_t c = 0; c < in.dims[1]; ++c) {
    for (std::int64_t y = 0; y + step <= height; y += step) {
      for (std::int64_t x = 0; x + step <= width; x += step) {
        const float* corner = in.data.data() + (c * height + y) * width + x;
        float most = corner[0], sum = 0;
        for (std::int64_t i = 0; i < step * step; ++i) {
          const float value = corner[i / step * width + i % step];
          most = std::max(most, value);
          sum += value;
        }
        out.data.push_back(max ? most : mean ? sum / float(step * step) : corner[0]);
      }
    }
  }
  return out;
}

}  // namespace kpu::compiler
