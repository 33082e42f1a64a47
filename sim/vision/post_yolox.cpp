// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "common/error.h"
#include "sim/vision/box_priors.h"

namespace kpu::sim {
namespace {

constexpr std::array<int, 3> kStrides{8, 16, 32};

}  // namespace

std::size_t yolox_rows(const InputSize& input) {
  std::size_t rows = 0;
  for (int stride : kStrides) {
    rows += static_cast<std::size_t>(input.width / stride) *
            static_cast<std::size_t>(input.height / stride);
  }
  return rows;
}

bool is_yolox(std::span<const float> values, std::size_t columns, const InputSize& input) {
  const std::size_t rows = yolox_rows(input);
  if (columns < 6 || rows == 0 || values.size() != rows * columns) return false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % columns >= 4 && !(values[i] >= 0.0f && values[i] <= 1.0f)) return false;
  }
  return true;
}

std::vector<Detection> decode_yolox(std::span<const float> values, std::size_t columns,
                                    const InputSize& input, const BoxLimits& limits) {
  if (columns < 6 || values.size() != yolox_rows(input) * columns) {
    throw Error(
        fmt::format("yolox: {} values in rows of {}, expected {} rows of 5 values and at "
                    "least one class for an input of {}x{}",
                    values.size(), columns, yolox_rows(input), input.width, input.height));
  }
  std::vector<Detection> found;
  std::size_t row = 0;
  for (int stride : kStrides) {
    for (int y = 0; y < input.height / stride; ++y) {
      for (int x = 0; x < input.width / stride; ++x, ++row) {
        const std::span<const float> v = values.subspan(row * columns, columns);
        const auto best = std::max_element(v.begin() + 5, v.end());
        const float score = v[4] * *best;
        if (!(score > limits.threshold)) continue;
        const float width = static_cast<float>(stride) / static_cast<float>(input.width);
        const float height = static_cast<float>(stride) / static_cast<float>(input.height);
        found.push_back({(v[0] + static_cast<float>(x)) * width,
                         (v[1] + static_cast<float>(y)) * height, std::exp(v[2]) * width,
                         std::exp(v[3]) * height, static_cast<std::size_t>(best - v.begin() - 5),
                         score});
      }
    }
  }
  return best_boxes(std::move(found), limits.nms);
}

}  // namespace kpu::sim
