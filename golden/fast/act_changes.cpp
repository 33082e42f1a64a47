// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/act_changes.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace kpu::golden::fast {
namespace {

/// a / b rounded up, b > 0.
std::int64_t divide_up(std::int64_t a, std::int64_t b) {
  return a >= 0 ? (a + b - 1) / b : -(-a / b);
}

/// Collects the norm values at which the output may change.
class Candidates {
 public:
  Candidates(std::int64_t first, std::int64_t last) : first_(first), last_(last) {}

  /// Notes `norm` and its neighbours, as far as they are in range.
  void add(std::int64_t norm) {
    for (std::int64_t at = norm - 1; at <= norm + 2; ++at) {
      if (at > first_ && at <= last_) {
        found_.push_back(at);
      }
    }
  }

  std::vector<std::int64_t> take() {
    std::sort(found_.begin(), found_.end());
    found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
    return std::move(found_);
  }

 private:
  std::int64_t first_, last_;
  std::vector<std::int64_t> found_;
};

/// Notes where the rounded product of a segment passes from one output to the next: its value
/// crosses a multiple of half a step. The segment holds for norm values in low .. high.
void add_segment(const Segment& segment, std::int64_t low, std::int64_t high,
                 Candidates& candidates) {
  // Distances have 37 bits, products 52: above this shift no product reaches half a step, and the
  // output changes at the segment's start only.
  constexpr std::uint32_t kLargestShift = 52;
  if (segment.y_mul == 0 || segment.shift > kLargestShift) {
    return;
  }
  const bool whole = segment.shift == 0;
  const std::int64_t half = whole ? 1 : std::int64_t{1} << (segment.shift - 1);
  const int halves = whole ? 1 : 2;
  // Outputs below -1 or above 256 before clamping all look the same.
  const int first = (-3 - segment.bias) * halves;
  const int last = (259 - segment.bias) * halves;
  for (int half_steps = first; half_steps <= last; ++half_steps) {
    const std::int64_t product = half_steps * half;
    const std::int64_t norm =
        segment.x_start + (segment.y_mul > 0 ? divide_up(product, segment.y_mul)
                                             : divide_up(-product, -std::int64_t{segment.y_mul}));
    // Neighbours are noted, too, so the ends need not be exact.
    if (norm >= low - 2 && norm <= high + 2) {
      candidates.add(norm);
    }
  }
}

}  // namespace

std::vector<std::int64_t> find_changes(const ActTable& table, const ArithOptions& options,
                                       std::int64_t first, std::int64_t last) {
  Candidates candidates(first, last);
  std::int64_t high = last;  // a later segment takes over behind its start
  for (std::size_t i = table.size(); i-- > 0;) {
    candidates.add(table[i].x_start);
    add_segment(table[i], i == 0 ? first : table[i].x_start, high, candidates);
    high = std::min(high, table[i].x_start);
  }
  std::vector<std::int64_t> changes;
  for (std::int64_t norm : candidates.take()) {
    if (activate(table, norm, options) != activate(table, norm - 1, options)) {
      changes.push_back(norm);
    }
  }
  return changes;
}

}  // namespace kpu::golden::fast
