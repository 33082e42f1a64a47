// SPDX-License-Identifier: Apache-2.0
#include "golden/ops/roi_align.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace kpu::golden {
namespace {

constexpr float kMostSamples = 1024;

/// A sample between four pixels: where they lie in a plane, and their weights.
struct Sample {
  std::array<std::size_t, 4> at{};
  std::array<float, 4> weight{};
};

/// Two pixels on an axis around a position; false outside of the image.
struct Neighbours {
  std::size_t low = 0;
  std::size_t high = 0;
  float share = 0;  ///< of the high one

  bool set(float position, std::uint32_t size) {
    if (!(position >= -1.0f && position <= static_cast<float>(size))) {
      return false;
    }
    position = std::max(position, 0.0f);
    low = static_cast<std::size_t>(position);
    if (low >= size - 1) {
      low = high = size - 1;
      position = static_cast<float>(low);
    } else {
      high = low + 1;
    }
    share = position - static_cast<float>(low);
    return true;
  }
};

/// A region on one axis: where it starts, how large a cell is, how many samples it has.
struct Axis {
  float start;
  float cell;
  std::int64_t samples;

  Axis(float from, float to, std::uint32_t cells, std::int64_t wanted)
      : start(from), cell(std::max(to - from, 1.0f) / static_cast<float>(cells)) {
    // Regions are data: one without end is sampled as far as an image can reach.
    const float whole = std::ceil(cell);
    const float most = whole <= kMostSamples ? whole : kMostSamples;
    samples = std::min(wanted > 0 ? wanted : static_cast<std::int64_t>(most),
                       static_cast<std::int64_t>(kMostSamples));
  }

  float position(std::uint32_t index, std::int64_t sample) const {
    return start + static_cast<float>(index) * cell +
           (static_cast<float>(sample) + 0.5f) * cell / static_cast<float>(samples);
  }
};

/// All samples of a cell, row by row; those outside of the image have no weight.
std::vector<Sample> samples_of(const Axis& y, const Axis& x, std::uint32_t row,
                               std::uint32_t column, std::uint32_t height, std::uint32_t width) {
  std::vector<Sample> samples;
  for (std::int64_t iy = 0; iy < y.samples; ++iy) {
    for (std::int64_t ix = 0; ix < x.samples; ++ix) {
      Sample& sample = samples.emplace_back();
      Neighbours v, h;
      if (!v.set(y.position(row, iy), height) || !h.set(x.position(column, ix), width)) {
        continue;
      }
      sample.at = {v.low * width + h.low, v.low * width + h.high, v.high * width + h.low,
                   v.high * width + h.high};
      sample.weight = {(1.0f - v.share) * (1.0f - h.share), (1.0f - v.share) * h.share,
                       v.share * (1.0f - h.share), v.share * h.share};
    }
  }
  return samples;
}

float cell_value(std::span<const float> plane, const std::vector<Sample>& samples, bool largest) {
  float value = 0;
  bool first = true;
  for (const Sample& s : samples) {
    std::array<float, 4> part{};
    for (std::size_t i = 0; i < part.size(); ++i) {
      part[i] = s.weight[i] * plane[s.at[i]];
    }
    if (largest) {
      const float most = *std::max_element(part.begin(), part.end());
      value = first ? most : std::max(value, most);
    } else {
      value += part[0] + part[1] + part[2] + part[3];
    }
    first = false;
  }
  return largest ? value : value / static_cast<float>(std::max<std::size_t>(samples.size(), 1));
}

}  // namespace

void roi_align(std::span<const float> in, const Shape& in_shape, std::span<const float> regions,
               std::span<const std::int64_t> images, std::span<float> out, const RoiAlign& align) {
  const std::uint32_t channels = in_shape[1];
  const std::uint32_t height = in_shape[2];
  const std::uint32_t width = in_shape[3];
  const std::size_t plane = std::size_t{height} * width;
  for (std::size_t n = 0; n < images.size(); ++n) {
    const auto region = regions.subspan(4 * n, 4);
    const Axis x(region[0] * align.scale, region[2] * align.scale, align.columns, align.samples);
    const Axis y(region[1] * align.scale, region[3] * align.scale, align.rows, align.samples);
    const std::size_t image = static_cast<std::size_t>(images[n]) * channels;
    for (std::uint32_t row = 0; row < align.rows; ++row) {
      for (std::uint32_t column = 0; column < align.columns; ++column) {
        const std::vector<Sample> samples = samples_of(y, x, row, column, height, width);
        for (std::uint32_t c = 0; c < channels; ++c) {
          out[((n * channels + c) * align.rows + row) * align.columns + column] =
              cell_value(in.subspan((image + c) * plane, plane), samples, align.largest);
        }
      }
    }
  }
}

}  // namespace kpu::golden
