// SPDX-License-Identifier: Apache-2.0
//
// A block of values: a frame (all values before its first time), the changes of each signal, an
// index of where these begin, and the times, which changes name by their number.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sim/wave/fst_blocks.h"
#include "sim/wave/fst_bytes.h"
#include "sim/wave/fst_file.h"

namespace kpu::sim {
namespace {

constexpr const char* kIndex = "index of the values";
constexpr const char* kChanges = "changes of a signal";

/// Where the changes of one signal lie, from the block's mark of packing on; 0 .. 0: nowhere.
struct Place {
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::vector<std::uint64_t> read_times(FstCursor& cursor) {
  constexpr const char* kField = "times";
  const std::uint64_t count = cursor.u64_back(kField);
  const std::uint64_t packed_size = cursor.u64_back(kField);
  const std::uint64_t size = cursor.u64_back(kField);
  const auto packed = cursor.take_back(packed_size, kField);
  std::vector<std::uint8_t> bytes(packed.begin(), packed.end());
  if (size != packed_size) bytes = unzip(cursor, packed, size, kField);
  if (count > bytes.size()) cursor.fail(kField, "expected a byte each at least");
  FstCursor deltas(bytes, cursor.path());
  std::vector<std::uint64_t> times(count);
  std::uint64_t time = 0;
  for (std::uint64_t& entry : times) entry = time += deltas.varint(kField);
  return times;
}

/// Reads the index: the first byte of each signal's changes; they end where the next ones begin.
class IndexReader {
 public:
  IndexReader(FstCursor cursor, std::size_t signals, std::size_t end)
      : cursor_(cursor), places_(signals), end_(end) {}

  std::vector<Place> read(bool with_sign) {
    while (cursor_.remaining() > 0) {
      if (with_sign) {
        read_with_sign();
      } else {
        read_without_sign();
      }
    }
    if (last_ != nullptr) last_->end = end_;
    for (const auto& [to, from] : copies_) places_[to] = places_[from];
    return std::move(places_);
  }

 private:
  void read_with_sign() {
    if ((cursor_.rest()[0] & 1) == 0) return skip(cursor_.varint(kIndex) >> 1);
    const std::int64_t step = cursor_.signed_varint(kIndex) >> 1;
    if (step > 0) return begin(static_cast<std::uint64_t>(step));
    if (step < 0) alias_ = static_cast<std::uint64_t>(-step);
    copy(alias_);
  }

  void read_without_sign() {
    const std::uint64_t value = cursor_.varint(kIndex);
    if (value == 0) return copy(cursor_.varint(kIndex));
    if ((value & 1) == 0) return skip(value >> 1);
    begin(value >> 1);
  }

  Place& next() {
    if (signal_ == places_.size()) cursor_.fail(kIndex, "more entries than signals");
    return places_[signal_++];
  }

  void skip(std::uint64_t count) {
    if (count > places_.size() - signal_) cursor_.fail(kIndex, "more entries than signals");
    signal_ += count;
  }

  void begin(std::uint64_t step) {
    Place& place = next();
    if (step > end_ - offset_) cursor_.fail(kIndex, "expected a place before the index");
    offset_ += step;
    if (last_ != nullptr) last_->end = offset_;
    place.begin = offset_;
    last_ = &place;
  }

  /// The signal changes as another one, counted from 1, does.
  void copy(std::uint64_t other) {
    Place& place = next();
    if (other == 0 || other >= signal_) cursor_.fail(kIndex, "expected an earlier signal");
    copies_.push_back({static_cast<std::size_t>(&place - places_.data()), other - 1});
  }

  FstCursor cursor_;
  std::vector<Place> places_;
  std::vector<std::pair<std::size_t, std::size_t>>
      copies_;  ///< signals that change as earlier ones
  std::size_t end_;
  std::size_t signal_ = 0;
  std::size_t offset_ = 0;
  std::uint64_t alias_ = 0;
  Place* last_ = nullptr;
};

/// A signal's changes, unpacked.
std::vector<std::uint8_t> unpack_changes(FstCursor cursor, char packing) {
  const std::uint64_t size = cursor.varint(kChanges);
  const auto packed = cursor.rest();
  if (size == 0) return {packed.begin(), packed.end()};
  if (packing == '4') return unpack_lz4(cursor, packed, size, kChanges);
  if (packing == 'F') cursor.fail(kChanges, "packed by FastLZ: expected LZ4 or zlib");
  return unzip(cursor, packed, size, kChanges);
}

/// Reads the next change of a signal of `bits` bits; returns by how many times it lies behind the
/// last.
std::uint64_t next_change(FstCursor& cursor, std::uint32_t bits, std::string& value) {
  const std::uint64_t head = cursor.varint(kChanges);
  value.clear();
  if (bits == 1) {
    if ((head & 1) == 0) {
      value += (head >> 1 & 1) != 0 ? '1' : '0';
      return head >> 2;
    }
    value += "xzhuwl-?"[head >> 1 & 7];
    return head >> 4;
  }
  if ((head & 1) == 0) {
    const auto packed = cursor.take((bits + 7) / 8, kChanges);
    for (std::uint32_t i = 0; i < bits; ++i) {
      value += (packed[i / 8] >> (7 - i % 8) & 1) != 0 ? '1' : '0';
    }
  } else {
    const auto text = cursor.take(bits, kChanges);
    value.assign(text.begin(), text.end());
  }
  return head >> 1;
}

}  // namespace

bool FstFile::read_changes(const OnChange& on_change) const {
  bool first = true;
  for (const Block& block : values_) {
    FstCursor cursor = open(block);
    const std::uint64_t begin_time = cursor.u64("begin of a block");
    cursor.take(16, "end of a block");
    const std::vector<std::uint64_t> times = read_times(cursor);
    const std::uint64_t index_size = cursor.u64_back(kIndex);
    const FstCursor index(cursor.take_back(index_size, kIndex), path_);

    constexpr const char* kFrame = "frame";
    const std::uint64_t frame_size = cursor.varint(kFrame);
    const std::uint64_t frame_packed = cursor.varint(kFrame);
    const std::uint64_t frame_signals = cursor.varint(kFrame);
    const auto frame = cursor.take(frame_packed, kFrame);
    if (first && !times.empty() && times[0] != begin_time) {
      std::vector<std::uint8_t> bytes(frame.begin(), frame.end());
      if (frame_size != frame_packed) bytes = unzip(cursor, frame, frame_size, kFrame);
      FstCursor values(bytes, path_);
      for (std::size_t i = 0; i < std::min<std::uint64_t>(frame_signals, widths_.size()); ++i) {
        const auto value = values.take(widths_[i], kFrame);
        if (!has_bits_[i]) continue;
        on_change(static_cast<std::uint32_t>(i), begin_time,
                  {reinterpret_cast<const char*>(value.data()), value.size()});
      }
    }
    first = false;

    const std::uint64_t signals = cursor.varint(kIndex);
    if (signals > widths_.size()) cursor.fail(kIndex, "more entries than signals");
    const auto changes = cursor.rest();
    const char packing = static_cast<char>(cursor.u8("packing"));
    const std::vector<Place> places =
        IndexReader(index, signals, changes.size()).read(block.kind == kFstValuesAlias2);

    std::string value;
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (places[i].begin == 0 || !has_bits_[i]) continue;
      const auto bytes = unpack_changes(
          FstCursor(changes.subspan(places[i].begin, places[i].end - places[i].begin), path_),
          packing);
      FstCursor signal(bytes, path_);
      std::uint64_t at = 0;
      while (signal.remaining() > 0) {
        at += next_change(signal, widths_[i], value);
        if (at >= times.size()) signal.fail(kChanges, "expected a time of the block");
        on_change(static_cast<std::uint32_t>(i), times[at], value);
      }
    }
  }
  return !first;
}

}  // namespace kpu::sim
