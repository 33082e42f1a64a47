// SPDX-License-Identifier: Apache-2.0
#include "compiler/graph/resize.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace kpu::compiler {
namespace {

/// Position in the input of an output index, by the formulas of the ONNX operator.
double position(const Resize& resize, int axis, std::int64_t size, std::int64_t i) {
  const double out = static_cast<double>(resize.out[axis]);
  const double scale = resize.scale[axis];
  switch (resize.coordinates) {
    case ResizeCoordinates::kAsymmetric:
      return static_cast<double>(i) / scale;
    case ResizeCoordinates::kAlignCorners:
      return out <= 1 ? 0 : static_cast<double>(i) * (static_cast<double>(size) - 1) / (out - 1);
    case ResizeCoordinates::kPytorchHalfPixel:
      return out <= 1 ? 0 : (static_cast<double>(i) + 0.5) / scale - 0.5;
    default:
      return (static_cast<double>(i) + 0.5) / scale - 0.5;
  }
}

std::int64_t nearest(ResizeRound round, double x) {
  switch (round) {
    case ResizeRound::kFloor:
      return static_cast<std::int64_t>(std::floor(x));
    case ResizeRound::kCeil:
      return static_cast<std::int64_t>(std::ceil(x));
    case ResizeRound::kPreferFloor:
      return static_cast<std::int64_t>(std::ceil(x - 0.5));
    default:
      return static_cast<std::int64_t>(std::floor(x + 0.5));
  }
}

}  // namespace

std::vector<float> resize_weights(const Resize& resize, int axis, std::int64_t size) {
  const std::int64_t out = resize.out[axis];
  std::vector<float> weights(size * out, 0.f);
  const auto add = [&](std::int64_t from, std::int64_t to, double share) {
    weights[std::clamp<std::int64_t>(from, 0, size - 1) * out + to] += static_cast<float>(share);
  };
  for (std::int64_t i = 0; i < out; ++i) {
    const double x = position(resize, axis, size, i);
    if (resize.kind == ResizeKind::kNearest) {
      add(nearest(resize.round, x), i, 1);
      continue;
    }
    const double low = std::floor(x), part = x - low;
    const auto first = static_cast<std::int64_t>(low);
    if (resize.kind == ResizeKind::kLinear) {
      add(first, i, 1 - part);
      add(first + 1, i, part);
      continue;
    }
    const double a = resize.cubic;
    const auto near = [&](double t) { return ((a + 2) * t - (a + 3)) * t * t + 1; };
    const auto far = [&](double t) { return ((a * t - 5 * a) * t + 8 * a) * t - 4 * a; };
    const std::array<double, 4> shares{far(1 + part), near(part), near(1 - part), far(2 - part)};
    for (int k = 0; k < 4; ++k) add(first - 1 + k, i, shares[k]);
  }
  return weights;
}

bool is_plain_nearest(const Resize& resize, std::int64_t height, std::int64_t width) {
  if (resize.kind != ResizeKind::kNearest) return false;
  const std::array<std::int64_t, 2> sizes{height, width};
  for (int axis = 0; axis < 2; ++axis) {
    const std::vector<float> weights = resize_weights(resize, axis, sizes[axis]);
    const std::int64_t out = resize.out[axis];
    for (std::int64_t i = 0; i < out; ++i) {
      if (weights[i * sizes[axis] / out * out + i] != 1) return false;
    }
  }
  return true;
}

}  // namespace kpu::compiler
