// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/act_steps.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "golden/fast/act_changes.h"

namespace kpu::golden::fast {

std::uint8_t ActSteps::operator()(std::int64_t norm) const {
  const std::int64_t at = std::clamp<std::int64_t>(norm - base, 0, last());
  auto step = static_cast<std::size_t>(first[static_cast<std::size_t>(at >> shift)]);
  while (at > before[step]) {
    ++step;
  }
  return static_cast<std::uint8_t>(output[step]);
}

ActSteps make_act_steps(const ActTable& table, const ArithOptions& options, std::int64_t first,
                        std::int64_t last) {
  constexpr std::int64_t kMaxBuckets = 1 << 14;  // they stay in the caches
  const std::vector<std::int64_t> changes = find_changes(table, options, first, last);
  ActSteps steps;
  steps.base = changes.empty() ? first : changes.front() - 1;
  const std::int64_t span = changes.empty() ? 0 : changes.back() - steps.base;
  while ((span >> steps.shift) >= kMaxBuckets) {
    ++steps.shift;
  }
  steps.output.push_back(activate(table, steps.base, options));
  for (std::int64_t change : changes) {
    steps.before.push_back(change - 1 - steps.base);
    steps.output.push_back(activate(table, change, options));
  }
  std::size_t passed = 0;
  for (std::int64_t bucket = 0; bucket <= span >> steps.shift; ++bucket) {
    steps.first.push_back(static_cast<std::int64_t>(passed));
    const std::int64_t end = (bucket + 1) << steps.shift;
    const std::size_t start = passed;
    while (passed < changes.size() && steps.before[passed] + 1 < end) {
      ++passed;
    }
    steps.most = std::max(steps.most, static_cast<int>(passed - start));
  }
  steps.before.push_back(std::numeric_limits<std::int64_t>::max());
  return steps;
}

}  // namespace kpu::golden::fast
