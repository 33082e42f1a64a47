// SPDX-License-Identifier: Apache-2.0
#include "golden/quantised/code_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "common/error.h"
#include "golden/fast/act_changes.h"

namespace kpu::golden::quantised {
namespace {

constexpr std::int64_t kNormEnd = std::int64_t{1} << 35;

/// a / b rounded up, b > 0.
std::int64_t divide_up(std::int64_t a, std::int64_t b) { return a > 0 ? (a - 1) / b + 1 : a / b; }

}  // namespace

CodeSteps steps_of(const Requantiser& requantise, const Range& range) {
  CodeSteps steps{requantise.lowest(), requantise.highest(), {}};
  std::int64_t first = range.first;
  for (int code = steps.lowest + 1; code <= steps.highest; ++code) {
    first = requantise.first_with(code, first, range.last);
    steps.at.push_back(first);
  }
  return steps;
}

CodeSteps steps_of(const ActTable& act, int lowest, int highest, int y_offset) {
  CodeSteps steps{lowest, highest, {}};
  const auto code = [&](std::int64_t norm) { return activate(act, norm, {}) - y_offset; };
  int reached = code(-kNormEnd);
  if (reached < lowest) {
    throw Error(fmt::format("activation: code {} at the lowest norm, expected {} or more", reached,
                            lowest));
  }
  steps.at.assign(static_cast<std::size_t>(reached - lowest), -kNormEnd);
  for (std::int64_t norm : fast::find_changes(act, {}, -kNormEnd, kNormEnd - 1)) {
    const int next = code(norm);
    if (next < reached || next > highest) {
      throw Error(fmt::format("activation: code {} at norm {}, expected {}..{}", next, norm,
                              reached, highest));
    }
    steps.at.insert(steps.at.end(), static_cast<std::size_t>(next - reached), norm);
    reached = next;
  }
  steps.at.resize(static_cast<std::size_t>(highest - lowest), kNormEnd);
  return steps;
}

CodeSteps steps_behind(const CodeSteps& norm_steps, const BatchNorm& bn, std::int64_t bias,
                       const Range& range) {
  CodeSteps steps{norm_steps.lowest, norm_steps.highest, {}};
  const std::int64_t unit = std::int64_t{1} << bn.shift;
  for (std::int64_t norm : norm_steps.at) {
    // floor(conv * mul / unit) >= norm - add, that is conv * mul >= (norm - add) * unit.
    const std::int64_t conv = divide_up((norm - bn.add) * unit, bn.mul);
    steps.at.push_back(std::clamp(conv + bias, range.first, range.last + 1));
  }
  return steps;
}

std::int64_t count_differences(const CodeSteps& a, const CodeSteps& b, const Range& range) {
  std::size_t in_a = 0;
  std::size_t in_b = 0;
  std::int64_t count = 0;
  std::int64_t place = range.first;
  while (in_a < a.at.size() || in_b < b.at.size()) {
    std::int64_t next = range.last + 1;
    if (in_a < a.at.size()) next = std::min(next, a.at[in_a]);
    if (in_b < b.at.size()) next = std::min(next, b.at[in_b]);
    if (in_a != in_b) count += next - place;
    if (next > range.last) break;
    place = next;
    while (in_a < a.at.size() && a.at[in_a] == place) ++in_a;
    while (in_b < b.at.size() && b.at[in_b] == place) ++in_b;
  }
  return in_a != in_b && place <= range.last && in_a == a.at.size() && in_b == b.at.size()
             ? count + range.last + 1 - place
             : count;
}

}  // namespace kpu::golden::quantised
