// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include "sim/vision/post.h"

namespace kpu::sim {

bool is_distribution(std::span<const float> values) {
  double sum = 0;
  for (float value : values) {
    if (!(value >= 0.0f && value <= 1.0f)) return false;
    sum += value;
  }
  return std::abs(sum - 1.0) < 1e-3;
}

std::vector<float> softmax(std::span<const float> values) {
  std::vector<float> out(values.size());
  if (values.empty()) return out;
  const float largest = *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (float value : values) sum += std::exp(static_cast<double>(value) - largest);
  for (std::size_t i = 0; i < values.size(); ++i) {
    out[i] = static_cast<float>(std::exp(static_cast<double>(values[i]) - largest) / sum);
  }
  return out;
}

std::vector<ClassScore> top_classes(std::span<const float> probabilities, std::size_t count) {
  std::vector<std::size_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return probabilities[a] > probabilities[b];
  });
  order.resize(std::min(order.size(), count));
  std::vector<ClassScore> best;
  for (std::size_t index : order) best.push_back({index, probabilities[index]});
  return best;
}

}  // namespace kpu::sim
