// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/act_lut.h"

#include <algorithm>
#include <bit>

namespace kpu::golden::fast {
namespace {

/// More would not stay in the caches.
constexpr std::int64_t kMaxBuckets = 1 << 17;

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
/// crosses a multiple of half a step.
void add_segment(const Segment& segment, Candidates& candidates) {
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
    candidates.add(segment.x_start + (segment.y_mul > 0
                                          ? divide_up(product, segment.y_mul)
                                          : divide_up(-product, -std::int64_t{segment.y_mul})));
  }
}

/// The norm values in first + 1 .. last whose output differs from that of the value before.
std::vector<std::int64_t> find_changes(const ActTable& table, const ArithOptions& options,
                                       std::int64_t first, std::int64_t last) {
  Candidates candidates(first, last);
  for (const Segment& segment : table) {
    candidates.add(segment.x_start);
    add_segment(segment, candidates);
  }
  std::vector<std::int64_t> changes;
  for (std::int64_t norm : candidates.take()) {
    if (activate(table, norm, options) != activate(table, norm - 1, options)) {
      changes.push_back(norm);
    }
  }
  return changes;
}

/// The line that gives the same outputs from first to last, if there is one: then all `changes` are
/// its changes, and it has no others, since each of its own is a step of one.
std::optional<ActLine> find_line(const ActTable& table, const ArithOptions& options,
                                 std::int64_t first, std::int64_t last,
                                 const std::vector<std::int64_t>& changes) {
  const auto same = [&](const ActLine& line, std::int64_t norm) {
    return line(norm) == activate(table, norm, options);
  };
  for (const Segment& segment : table) {
    const auto slope = static_cast<std::uint32_t>(segment.y_mul);
    if (segment.y_mul <= 0 || !std::has_single_bit(slope)) {
      continue;
    }
    const int shift = static_cast<int>(segment.shift) - std::countr_zero(slope);
    if (shift < 1 || shift > 23) {
      continue;
    }
    const ActLine line{
        .start = segment.x_start, .shift = static_cast<std::uint32_t>(shift), .bias = segment.bias};
    const auto steps = static_cast<std::size_t>(line(last) - line(first));
    if (steps == changes.size() && same(line, first) &&
        std::all_of(changes.begin(), changes.end(), [&](std::int64_t change) {
          return same(line, change - 1) && same(line, change);
        })) {
      return line;
    }
  }
  return std::nullopt;
}

}  // namespace

std::uint8_t ActLine::operator()(std::int64_t norm) const {
  const std::int64_t distance = std::clamp<std::int64_t>(norm - start, 0, last());
  return static_cast<std::uint8_t>(round_shift(distance, shift, Rounding::kBankers) + bias);
}

std::uint8_t ActLut::operator()(std::int64_t norm) const {
  const std::int64_t at = std::clamp<std::int64_t>(norm - base, 0, last());
  const auto bucket = static_cast<std::size_t>(at >> shift);
  const std::int64_t low = at & ((std::int64_t{1} << shift) - 1);
  return static_cast<std::uint8_t>(low >= change[bucket] ? outputs[bucket] >> 8 : outputs[bucket]);
}

std::optional<ActLut> make_act_lut(const ActTable& table, const ArithOptions& options,
                                   std::int64_t first, std::int64_t last) {
  const std::vector<std::int64_t> changes = find_changes(table, options, first, last);
  ActLut lut;
  lut.base = changes.empty() ? first : changes.front() - 1;
  std::int64_t nearest = std::int64_t{1} << 30;
  for (std::size_t i = 1; i < changes.size(); ++i) {
    nearest = std::min(nearest, changes[i] - changes[i - 1]);
  }
  // Two changes in one bucket would be less than its size apart.
  lut.shift = static_cast<std::uint32_t>(std::bit_width(static_cast<std::uint64_t>(nearest)) - 1);
  const std::int64_t span = changes.empty() ? 0 : changes.back() - lut.base;
  const std::int64_t buckets = (span >> lut.shift) + 1;
  if (buckets > kMaxBuckets) {
    return std::nullopt;
  }
  auto change = changes.begin();
  for (std::int64_t bucket = 0; bucket < buckets; ++bucket) {
    const std::int64_t start = lut.base + (bucket << lut.shift);
    const std::int64_t end = start + (std::int64_t{1} << lut.shift);
    const bool changes_here = change != changes.end() && *change < end;
    const std::uint8_t before = activate(table, start, options);
    const std::uint8_t after = changes_here ? activate(table, *change, options) : before;
    lut.change.push_back(changes_here ? static_cast<std::int32_t>(*change - start) : 0);
    lut.outputs.push_back(before | after << 8);
    change += changes_here;
  }
  lut.line = find_line(table, options, first, last, changes);
  if (lut.shift <= 16) {
    for (std::size_t i = 0; i < lut.change.size(); ++i) {
      const auto low_bits = static_cast<std::uint32_t>(lut.change[i]);
      lut.packed.push_back(static_cast<std::int32_t>(low_bits << 16) | lut.outputs[i]);
    }
  }
  return lut;
}

}  // namespace kpu::golden::fast
