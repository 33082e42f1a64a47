// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "common/error.h"
#include "sim/vision/box_priors.h"

namespace kpu::sim {
namespace {

/// Squares of the cells of one grid.
struct PriorGrid {
  int stride;
  std::vector<float> sizes;  ///< pixels
};

std::vector<Prior> make_priors(const std::vector<PriorGrid>& grids, const InputSize& input) {
  std::vector<Prior> priors;
  const auto width = static_cast<float>(input.width);
  const auto height = static_cast<float>(input.height);
  for (const PriorGrid& grid : grids) {
    const auto stride = static_cast<float>(grid.stride);
    for (int y = 0; y < (input.height + grid.stride - 1) / grid.stride; ++y) {
      for (int x = 0; x < (input.width + grid.stride - 1) / grid.stride; ++x) {
        for (float size : grid.sizes) {
          priors.push_back({std::min(1.0f, (static_cast<float>(x) + 0.5f) * stride / width),
                            std::min(1.0f, (static_cast<float>(y) + 0.5f) * stride / height),
                            std::min(1.0f, size / width), std::min(1.0f, size / height)});
        }
      }
    }
  }
  return priors;
}

/// Whether a row holds probabilities: they may come from codes, so that their sum is off by a few
/// parts of 255.
bool are_shares(std::span<const float> row) {
  float sum = 0;
  for (float value : row) {
    if (!(value >= -0.01f && value <= 1.01f)) return false;
    sum += value;
  }
  return std::abs(sum - 1) < 0.02f;
}

}  // namespace

std::vector<Prior> light_face_priors(const InputSize& input) {
  return make_priors({{8, {10, 16, 24}}, {16, {32, 48}}, {32, {64, 96}}, {64, {128, 192, 256}}},
                     input);
}

std::vector<Prior> retinaface_priors(const InputSize& input) {
  return make_priors({{8, {16, 32}}, {16, {64, 128}}, {32, {256, 512}}}, input);
}

std::vector<Detection> decode_priors(const PriorOutputs& outputs, std::span<const Prior> priors,
                                     const BoxLimits& limits) {
  const std::size_t count = priors.size();
  const std::size_t columns = count > 0 ? outputs.scores.size() / count : 0;
  if (columns < 2 || outputs.boxes.size() != 4 * count ||
      outputs.scores.size() != columns * count ||
      (!outputs.landmarks.empty() && outputs.landmarks.size() != 10 * count)) {
    throw Error(
        fmt::format("ssd: outputs of {} and {} values, expected 4 and at least 2 for each "
                    "of {} priors",
                    outputs.boxes.size(), outputs.scores.size(), count));
  }
  constexpr float kCentreVariance = 0.1f;
  constexpr float kSizeVariance = 0.2f;
  std::vector<Detection> found;
  for (std::size_t i = 0; i < count; ++i) {
    const std::span<const float> row = outputs.scores.subspan(i * columns, columns);
    std::vector<float> shares(row.begin(), row.end());
    if (!are_shares(row)) shares = softmax(row);
    const auto best = std::max_element(shares.begin() + 1, shares.end());
    if (!(*best > limits.threshold)) continue;
    const Prior& prior = priors[i];
    const std::span<const float> box = outputs.boxes.subspan(4 * i, 4);
    Detection d{prior.x + box[0] * kCentreVariance * prior.width,
                prior.y + box[1] * kCentreVariance * prior.height,
                prior.width * std::exp(box[2] * kSizeVariance),
                prior.height * std::exp(box[3] * kSizeVariance),
                static_cast<std::size_t>(best - shares.begin() - 1),
                *best};
    for (std::size_t p = 0; p < 5 && !outputs.landmarks.empty(); ++p) {
      const std::span<const float> point = outputs.landmarks.subspan(10 * i + 2 * p, 2);
      d.landmarks.push_back({prior.x + point[0] * kCentreVariance * prior.width,
                             prior.y + point[1] * kCentreVariance * prior.height});
    }
    found.push_back(std::move(d));
  }
  return best_boxes(std::move(found), limits.nms);
}

}  // namespace kpu::sim
