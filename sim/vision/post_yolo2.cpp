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
#include "sim/vision/post.h"

namespace kpu::sim {
namespace {

/// Length that two intervals, given by centre and length, share.
float shared_length(float centre_a, float length_a, float centre_b, float length_b) {
  const float low = std::max(centre_a - length_a / 2, centre_b - length_b / 2);
  const float high = std::min(centre_a + length_a / 2, centre_b + length_b / 2);
  return std::max(0.0f, high - low);
}

void check(std::span<const float> values, const Yolo2Spec& spec) {
  if (spec.channels <= 0 || spec.height <= 0 || spec.width <= 0 ||
      values.size() != static_cast<std::size_t>(spec.channels) *
                           static_cast<std::size_t>(spec.height) *
                           static_cast<std::size_t>(spec.width)) {
    throw Error(fmt::format("yolo2: output has {} values, not a grid of {}x{}x{}", values.size(),
                            spec.channels, spec.height, spec.width));
  }
  const auto anchors = static_cast<int>(spec.anchors.size());
  if (anchors == 0 || spec.channels % anchors != 0 || spec.channels / anchors < 6) {
    throw Error(
        fmt::format("yolo2: {} output channels do not divide into {} anchors of 5 values "
                    "and at least one class",
                    spec.channels, anchors));
  }
}

}  // namespace

float intersection_over_union(const Detection& a, const Detection& b) {
  const float both =
      shared_length(a.x, a.width, b.x, b.width) * shared_length(a.y, a.height, b.y, b.height);
  const float either = a.width * a.height + b.width * b.height - both;
  return either > 0 ? both / either : 0.0f;
}

float sigmoid(float x) { return 1.0f / (1.0f + std::exp(-x)); }

std::vector<Detection> best_boxes(std::vector<Detection> found, float nms) {
  std::stable_sort(found.begin(), found.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });
  std::vector<Detection> kept;
  for (Detection& box : found) {
    const bool overlaps = std::any_of(kept.begin(), kept.end(), [&](const Detection& better) {
      return better.class_index == box.class_index && intersection_over_union(better, box) > nms;
    });
    if (!overlaps) kept.push_back(std::move(box));
  }
  return kept;
}

std::vector<Detection> decode_yolo2(std::span<const float> values, const Yolo2Spec& spec) {
  check(values, spec);
  const auto plane = static_cast<std::size_t>(spec.height) * static_cast<std::size_t>(spec.width);
  const std::size_t per_anchor = static_cast<std::size_t>(spec.channels) / spec.anchors.size();
  const std::size_t classes = per_anchor - 5;
  const auto grid_width = static_cast<float>(spec.width);
  const auto grid_height = static_cast<float>(spec.height);

  std::vector<Detection> found;
  std::vector<float> scores(classes);
  for (std::size_t a = 0; a < spec.anchors.size(); ++a) {
    for (std::size_t cell = 0; cell < plane; ++cell) {
      const auto value = [&](std::size_t channel) {
        return values[(a * per_anchor + channel) * plane + cell];
      };
      const float objectness = sigmoid(value(4));
      if (!(objectness > spec.threshold)) continue;
      for (std::size_t k = 0; k < classes; ++k) scores[k] = value(5 + k);
      const ClassScore best = top_classes(softmax(scores), 1).front();
      const float score = objectness * best.probability;
      if (!(score > spec.threshold)) continue;
      const auto column = static_cast<float>(cell % static_cast<std::size_t>(spec.width));
      const auto row = static_cast<float>(cell / static_cast<std::size_t>(spec.width));
      found.push_back(
          {(column + sigmoid(value(0))) / grid_width, (row + sigmoid(value(1))) / grid_height,
           std::exp(value(2)) * spec.anchors[a].width / grid_width,
           std::exp(value(3)) * spec.anchors[a].height / grid_height, best.index, score});
    }
  }
  return best_boxes(std::move(found), spec.nms);
}

}  // namespace kpu::sim
