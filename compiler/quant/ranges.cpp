// SPDX-License-Identifier: Apache-2.0
#include "compiler/quant/ranges.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "compiler/graph/executor.h"

namespace kpu::compiler {
namespace {

constexpr std::size_t kSamplesOfTensor = 2048;

double square_error(const Observed& seen, const Codes& codes) {
  double sum = 0;
  for (float x : seen.samples) {
    const double error = codes.real(codes.code(x)) - x;
    sum += error * error;
  }
  return sum;
}

Codes least_error(const Observed& seen) {
  float low = std::min(seen.low, 0.f), high = std::max(seen.high, 0.f);
  double best = square_error(seen, codes_for(low, high));
  const float whole_low = low, whole_high = high;
  // One end after the other; each step of 3 % of the whole.
  for (float* end : {&high, &low}) {
    const float whole = end == &high ? whole_high : whole_low;
    for (int step = 1; step <= 25; ++step) {
      const float before = *end;
      *end = whole * (1 - 0.03f * static_cast<float>(step));
      const double error = square_error(seen, codes_for(low, high));
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

void Observed::add(const Tensor& tensor) {
  if (tensor.data.empty()) return;
  const auto [least, most] = std::minmax_element(tensor.data.begin(), tensor.data.end());
  low = std::min(low, *least);
  high = std::max(high, *most);
  // A step that shares no factor with image widths.
  const std::size_t step =
      tensor.size() <= kSamplesOfTensor ? 1 : tensor.size() / kSamplesOfTensor | 1;
  for (std::size_t i = 0; i < tensor.size(); i += step) samples.push_back(tensor.data[i]);
}

void Observed::add(const Observed& other) {
  low = std::min(low, other.low);
  high = std::max(high, other.high);
  samples.insert(samples.end(), other.samples.begin(), other.samples.end());
}

std::vector<Observed> observe(const Graph& graph, std::span<const std::vector<Tensor>> pictures) {
  std::vector<Observed> seen(graph.values.size());
  for (const std::vector<Tensor>& inputs : pictures) {
    run_graph(graph, inputs, [&](ValueId id, const Tensor& tensor) { seen[id].add(tensor); });
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
  std::sort(sorted.begin(), sorted.end());
  const auto rest = static_cast<std::size_t>(1e-4 * static_cast<double>(sorted.size()));
  return codes_for(sorted[rest], sorted[sorted.size() - 1 - rest]);
}

}  // namespace kpu::compiler
