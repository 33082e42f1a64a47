// SPDX-License-Identifier: Apache-2.0
#include "compiler/quant/ranges.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "compiler/graph/executor.h"
#include "compiler/graph/parallel.h"

namespace kpu::compiler {
namespace {

// Samples of a value over all pictures, and of one tensor.
constexpr std::size_t kSamplesOfValue = 32768, kFewestSamples = 256, kMostSamples = 2048;

struct Range {
  float low, high;
};

/// Least and largest of the values; lane by lane, so that vectors can do it.
Range range_of(const float* x, std::size_t count) {
  constexpr std::size_t kLanes = 16;
  float low[kLanes], high[kLanes];
  std::fill_n(low, kLanes, x[0]);
  std::fill_n(high, kLanes, x[0]);
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t j = 0; j < kLanes; ++j) {
      low[j] = x[i + j] < low[j] ? x[i + j] : low[j];
      high[j] = x[i + j] > high[j] ? x[i + j] : high[j];
    }
  }
  for (; i < count; ++i) {
    low[0] = std::min(low[0], x[i]);
    high[0] = std::max(high[0], x[i]);
  }
  return {*std::min_element(low, low + kLanes), *std::max_element(high, high + kLanes)};
}

double square_error(std::span<const float> samples, const Codes& codes) {
  double sum = 0;
  for (float x : samples) {
    const double error = codes.real(codes.code(x)) - x;
    sum += error * error;
  }
  return sum;
}

/// Some of the samples.
std::vector<float> thinned(const std::vector<float>& samples) {
  constexpr std::size_t kMost = 4096;
  const std::size_t step = samples.size() <= kMost ? 1 : samples.size() / kMost | 1;
  std::vector<float> some;
  for (std::size_t i = 0; i < samples.size(); i += step) some.push_back(samples[i]);
  return some;
}

Codes least_error(const Observed& seen) {
  float low = std::min(seen.low, 0.f), high = std::max(seen.high, 0.f);
  const std::vector<float> samples = thinned(seen.samples);
  double best = square_error(samples, codes_for(low, high));
  const float whole_low = low, whole_high = high;
  // One end after the other; each step of 3 % of the whole.
  for (float* end : {&high, &low}) {
    const float whole = end == &high ? whole_high : whole_low;
    for (int step = 1; step <= 25; ++step) {
      const float before = *end;
      *end = whole * (1 - 0.03f * static_cast<float>(step));
      const double error = square_error(samples, codes_for(low, high));
      if (error >= best) {
        *end = before;
        if (error > 1.5 * best) break;
      } else {
        best = error;
      }
    }
  }
  return codes_for(low, high);
}

}  // namespace

void Observed::add(const Tensor& tensor, std::size_t count) {
  if (tensor.data.empty()) return;
  const std::size_t planes = plane_count(tensor.dims), plane = tensor.size() / planes;
  lows.resize(planes, 0.f);
  highs.resize(planes, 0.f);
  for (std::size_t i = 0; i < planes; ++i) {
    const Range range = range_of(tensor.data.data() + i * plane, plane);
    lows[i] = std::min(lows[i], range.low);
    highs[i] = std::max(highs[i], range.high);
    low = std::min(low, lows[i]);
    high = std::max(high, highs[i]);
  }
  // A step that shares no factor with image widths.
  const std::size_t step = tensor.size() <= count ? 1 : tensor.size() / count | 1;
  for (std::size_t i = 0; i < tensor.size(); i += step) samples.push_back(tensor.data[i]);
}

void Observed::add(const Observed& other) {
  low = std::min(low, other.low);
  high = std::max(high, other.high);
  lows.resize(std::max(lows.size(), other.lows.size()), 0.f);
  highs.resize(lows.size(), 0.f);
  for (std::size_t i = 0; i < other.lows.size(); ++i) {
    lows[i] = std::min(lows[i], other.lows[i]);
    highs[i] = std::max(highs[i], other.highs[i]);
  }
  samples.insert(samples.end(), other.samples.begin(), other.samples.end());
}

std::vector<Observed> observe(const Graph& graph, std::span<const std::vector<Tensor>> pictures) {
  const std::size_t count =
      std::clamp(kSamplesOfValue / pictures.size(), kFewestSamples, kMostSamples);
  std::vector<std::vector<Observed>> of_picture(pictures.size());
  for_each_index(pictures.size(), [&](std::size_t p) {
    of_picture[p].resize(graph.values.size());
    run_graph(graph, pictures[p],
              [&](ValueId id, const Tensor& tensor) { of_picture[p][id].add(tensor, count); });
  });
  std::vector<Observed> seen(graph.values.size());
  for (const std::vector<Observed>& picture : of_picture) {
    for (std::size_t i = 0; i < seen.size(); ++i) seen[i].add(picture[i]);
  }
  return seen;
}

const char* to_string(RangeRule rule) {
  switch (rule) {
    case RangeRule::kMinMax:
      return "min-max";
    case RangeRule::kPercentile:
      return "percentile";
    default:
      return "least error";
  }
}

Codes choose_codes(const Observed& seen, RangeRule rule) {
  if (rule == RangeRule::kMinMax || seen.samples.empty()) return codes_for(seen.low, seen.high);
  if (rule == RangeRule::kLeastError) return least_error(seen);
  std::vector<float> sorted = seen.samples;
  const auto rest = static_cast<std::ptrdiff_t>(1e-4 * static_cast<double>(sorted.size()));
  const auto low = sorted.begin() + rest, high = sorted.end() - 1 - rest;
  std::nth_element(sorted.begin(), high, sorted.end());
  std::nth_element(sorted.begin(), low, high);
  return codes_for(*low, *high);
}

}  // namespace kpu::compiler
