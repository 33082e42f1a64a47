// SPDX-License-Identifier: Apache-2.0
#include "golden/ops/fused_conv.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace kpu::golden {
namespace {

float dense(const Convolution& at, std::span<const float> in, std::span<const float> weights,
            float bias) {
  float sum = 0;
  at.each_tap([&](std::size_t pixel, std::size_t weight) {
    sum = std::fma(in[pixel], weights[weight], sum);
  });
  return sum + bias;
}

float pixel(const Convolution& at, std::span<const float> in, std::span<const float> weights,
            float bias) {
  std::array<float, 8> lanes{};
  std::size_t next = 0;
  at.each_tap([&](std::size_t channel, std::size_t weight) {
    float& lane = lanes[next++ % lanes.size()];
    lane = std::fma(in[channel], weights[weight], lane);
  });
  for (std::size_t half : {4, 2, 1}) {
    for (std::size_t i = 0; i < half; ++i) {
      lanes[i] += lanes[i + half];
    }
  }
  return lanes[0] + bias;
}

/// Of the first two taps the second's product is rounded and the first's fused onto it; a single
/// tap is fused onto the bias.
float depthwise(const Convolution& at, std::span<const float> in, std::span<const float> weights,
                float bias) {
  if (at.window.filter_height == 1) {
    float value = bias;
    at.each_tap([&](std::size_t pixel, std::size_t weight) {
      value = std::fma(in[pixel], weights[weight], bias);
    });
    return value;
  }
  float sum = 0;
  std::optional<std::size_t> first;  // the pixel of the first tap while it waits for the second
  const auto add_first = [&] {
    if (first) {
      sum = std::fma(in[*first], weights[at.first_weight], sum);
      first.reset();
    }
  };
  at.each_tap([&](std::size_t pixel, std::size_t weight) {
    const std::size_t tap = weight - at.first_weight;
    if (tap == 0) {
      first = pixel;
      return;
    }
    if (tap == 1) {
      sum = in[pixel] * weights[weight];
      add_first();
      return;
    }
    add_first();
    sum = std::fma(in[pixel], weights[weight], sum);
  });
  add_first();
  return sum + bias;
}

}  // namespace

FusedConv fused_kind(const WindowShape& window, const Shape& in_shape, std::size_t out_channels,
                     std::size_t groups) {
  const std::int32_t size = window.filter_height;
  const std::int32_t stride = window.stride_height;
  const bool known = size == window.filter_width && size % 2 == 1 && size <= 7 &&
                     stride == window.stride_width && stride <= 2 && window.dilation_height == 1 &&
                     window.dilation_width == 1;
  if (!known) {
    return FusedConv::kNone;
  }
  if (groups == 1) {
    const bool one = size == 1 && in_shape[2] == 1 && in_shape[3] == 1;
    return one ? FusedConv::kPixel : FusedConv::kDense;
  }
  return groups == in_shape[1] && groups == out_channels ? FusedConv::kDepthwise : FusedConv::kNone;
}

float fused_convolution(FusedConv kind, const Convolution& at, std::span<const float> in,
                        std::span<const float> weights, float bias) {
  switch (kind) {
    case FusedConv::kPixel:
      return pixel(at, in, weights, bias);
    case FusedConv::kDepthwise:
      return depthwise(at, in, weights, bias);
    default:
      return dense(at, in, weights, bias);
  }
}

}  // namespace kpu::golden
