// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/act_lut.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "golden/fast/act_changes.h"

namespace kpu::golden::fast {
namespace {

/// More would not stay in the caches.
constexpr std::int64_t kMaxBuckets = 1 << 17;

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

/// Largest power of two that is no more than the distance of changes `most` apart: then no bucket
/// of that size holds more than `most`.
std::uint32_t bucket_shift(const std::vector<std::int64_t>& changes, std::size_t most) {
  std::int64_t nearest = std::int64_t{1} << 30;
  for (std::size_t i = most; i < changes.size(); ++i) {
    nearest = std::min(nearest, changes[i] - changes[i - most]);
  }
  return static_cast<std::uint32_t>(std::bit_width(static_cast<std::uint64_t>(nearest)) - 1);
}

std::int64_t bucket_count(const std::vector<std::int64_t>& changes, std::uint32_t shift) {
  const std::int64_t span = changes.empty() ? 0 : changes.back() - (changes.front() - 1);
  return (span >> shift) + 1;
}

/// Changes in a bucket: the fewest for which the table is small, each one more being a look-up
/// more.
std::size_t choose_most(const std::vector<std::int64_t>& changes) {
  constexpr std::int64_t kSmallBytes = 1 << 14;  // leaves half of a first-level cache to the rest
  std::size_t best = 1;
  std::int64_t best_bytes = std::numeric_limits<std::int64_t>::max();
  for (std::size_t most = 1; most <= ActLut::kMost; ++most) {
    const auto columns = static_cast<std::int64_t>(most + 1);
    const std::int64_t bytes = bucket_count(changes, bucket_shift(changes, most)) * columns * 4;
    if (bytes < best_bytes) {
      best = most;
      best_bytes = bytes;
    }
    if (bytes <= kSmallBytes) {
      break;
    }
  }
  return best;
}

/// Outputs and change of each bucket in one number; a change that is not there becomes one at 0
/// that changes nothing.
std::vector<std::int32_t> packed_table(const ActLut& lut) {
  std::vector<std::int32_t> packed;
  for (std::size_t i = 0; i < lut.outputs.size(); ++i) {
    const auto change = static_cast<std::uint32_t>(lut.change[0][i]);
    const bool changes = change < 1u << lut.shift;
    const auto outputs = static_cast<std::uint32_t>(lut.outputs[i]);
    const std::uint32_t both = changes ? outputs : outputs | outputs << 8;
    packed.push_back(static_cast<std::int32_t>(changes ? both | change << 16 : both));
  }
  return packed;
}

}  // namespace

std::uint8_t ActLine::operator()(std::int64_t norm) const {
  const std::int64_t distance = std::clamp<std::int64_t>(norm - start, 0, last());
  return static_cast<std::uint8_t>(round_shift(distance, shift, Rounding::kBankers) + bias);
}

bool ActLut::rises() const {
  int before = 0;
  for (std::size_t bucket = 0; bucket < outputs.size(); ++bucket) {
    for (std::size_t i = 0; i <= most; ++i) {
      if (i > 0 && change[i - 1][bucket] >= std::int64_t{1} << shift) break;
      const int output = outputs[bucket] >> (8 * i) & 0xFF;
      if (output < before) return false;
      before = output;
    }
  }
  return true;
}

std::uint8_t ActLut::operator()(std::int64_t norm) const {
  const std::int64_t at = std::clamp<std::int64_t>(norm - base, 0, last());
  const auto bucket = static_cast<std::size_t>(at >> shift);
  const std::int64_t low = at & ((std::int64_t{1} << shift) - 1);
  unsigned passed = 0;
  for (std::size_t i = 0; i < most; ++i) {
    passed += low >= change[i][bucket] ? 1 : 0;
  }
  return static_cast<std::uint8_t>(outputs[bucket] >> (8 * passed));
}

std::optional<ActLut> make_act_lut(const ActTable& table, const ArithOptions& options,
                                   std::int64_t first, std::int64_t last) {
  const std::vector<std::int64_t> changes = find_changes(table, options, first, last);
  ActLut lut;
  lut.base = changes.empty() ? first : changes.front() - 1;
  lut.most = choose_most(changes);
  lut.shift = bucket_shift(changes, lut.most);
  const std::int64_t buckets = bucket_count(changes, lut.shift);
  if (buckets > kMaxBuckets) {
    return std::nullopt;
  }
  auto change = changes.begin();
  for (std::int64_t bucket = 0; bucket < buckets; ++bucket) {
    const std::int64_t start = lut.base + (bucket << lut.shift);
    const std::int64_t size = std::int64_t{1} << lut.shift;
    std::uint32_t outputs = activate(table, start, options);
    for (std::size_t i = 0; i < lut.most; ++i) {
      const bool here = change != changes.end() && *change < start + size;
      lut.change[i].push_back(static_cast<std::int32_t>(here ? *change - start : size));
      outputs |= here ? std::uint32_t{activate(table, *change, options)} << (8 * (i + 1)) : 0;
      change += here;
    }
    lut.outputs.push_back(static_cast<std::int32_t>(outputs));
  }
  lut.line = find_line(table, options, first, last, changes);
  if (lut.most == 1 && lut.shift <= 16) {
    lut.packed = packed_table(lut);
  }
  return lut;
}

}  // namespace kpu::golden::fast
