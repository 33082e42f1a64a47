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

void decode_grid(const Yolo3Grid& grid, std::span<const Anchor> anchors, const InputSize& input,
                 float threshold, std::vector<Detection>& found) {
  const auto width = static_cast<std::size_t>(grid.width);
  const std::size_t plane = width * static_cast<std::size_t>(grid.height);
  const auto channels = static_cast<std::size_t>(grid.channels);
  if (anchors.empty() || channels % anchors.size() != 0 || channels / anchors.size() < 6 ||
      grid.values.size() != channels * plane) {
    throw Error(
        fmt::format("yolo3: an output of {}x{}x{} does not divide into {} anchors of 5 values and "
                    "at least one class",
                    grid.channels, grid.height, grid.width, anchors.size()));
  }
  const std::size_t per_anchor = channels / anchors.size();
  for (std::size_t a = 0; a < anchors.size(); ++a) {
    for (std::size_t cell = 0; cell < plane; ++cell) {
      const auto value = [&](std::size_t channel) {
        return grid.values[(a * per_anchor + channel) * plane + cell];
      };
      const float objectness = sigmoid(value(4));
      if (!(objectness > threshold)) continue;
      std::size_t best = 0;
      for (std::size_t k = 1; k + 5 < per_anchor; ++k) {
        if (value(5 + k) > value(5 + best)) best = k;
      }
      const float score = objectness * sigmoid(value(5 + best));
      if (!(score > threshold)) continue;
      found.push_back(
          {(static_cast<float>(cell % width) + sigmoid(value(0))) / static_cast<float>(grid.width),
           (static_cast<float>(cell / width) + sigmoid(value(1))) / static_cast<float>(grid.height),
           std::exp(value(2)) * anchors[a].width / static_cast<float>(input.width),
           std::exp(value(3)) * anchors[a].height / static_cast<float>(input.height), best, score});
    }
  }
}

}  // namespace

std::vector<Detection> decode_yolo3(std::vector<Yolo3Grid> grids, std::span<const Anchor> anchors,
                                    const InputSize& input, const BoxLimits& limits) {
  if (grids.empty() || anchors.size() % grids.size() != 0) {
    throw Error(fmt::format("yolo3: {} anchors, expected as many for each of {} outputs",
                            anchors.size(), grids.size()));
  }
  std::stable_sort(grids.begin(), grids.end(), [](const Yolo3Grid& a, const Yolo3Grid& b) {
    return a.width * a.height > b.width * b.height;
  });
  const std::size_t share = anchors.size() / grids.size();
  std::vector<Detection> found;
  for (std::size_t i = 0; i < grids.size(); ++i) {
    decode_grid(grids[i], anchors.subspan(i * share, share), input, limits.threshold, found);
  }
  return best_boxes(std::move(found), limits.nms);
}

}  // namespace kpu::sim
