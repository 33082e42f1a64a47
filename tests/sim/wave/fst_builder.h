// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace kpu::test {

using Bytes = std::vector<std::uint8_t>;

inline void put_u64(Bytes& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}

inline void put_varint(Bytes& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
  out.push_back(static_cast<std::uint8_t>(value));
}

inline void put_signed_varint(Bytes& out, std::int64_t value) {
  for (; value < -64 || value > 63; value >>= 7)
    out.push_back(static_cast<std::uint8_t>((value & 0x7F) | 0x80));
  out.push_back(static_cast<std::uint8_t>(value & 0x7F));
}

inline void put(Bytes& out, const Bytes& bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

inline void put_text(Bytes& out, const std::string& text) {
  out.insert(out.end(), text.begin(), text.end());
  out.push_back(0);
}

/// Makes small FST files by hand: one block of values, packed by what `Packing` does.
class FstBuilder {
 public:
  FstBuilder& scope(const std::string& name) {
    put(hierarchy_, {254, 0});
    put_text(hierarchy_, name);
    hierarchy_.push_back(0);
    return *this;
  }
  FstBuilder& upscope() {
    hierarchy_.push_back(255);
    return *this;
  }
  /// A signal with values of its own; `kind` is the format's number of the kind of variable.
  FstBuilder& signal(const std::string& name, std::uint32_t bits, std::uint8_t kind = 16) {
    put(hierarchy_, {kind, 0});
    put_text(hierarchy_, name);
    put_varint(hierarchy_, bits);
    put_varint(hierarchy_, 0);
    put_varint(widths, bits);
    bits_.push_back(bits);
    return *this;
  }
  /// Another name of the signal `handle`, counted from 1.
  FstBuilder& alias(const std::string& name, std::uint32_t bits, std::uint32_t handle) {
    put(hierarchy_, {16, 0});
    put_text(hierarchy_, name);
    put_varint(hierarchy_, bits);
    put_varint(hierarchy_, handle);
    return *this;
  }
  /// A change of the signal `index`, counted from 0; times rise.
  FstBuilder& change(std::size_t index, std::uint64_t time, const std::string& value) {
    changes_[index].emplace_back(time, value);
    times_[time] = 0;
    return *this;
  }
  /// The signal `index` changes as an earlier one does, which the index of the values says.
  FstBuilder& same(std::size_t index, std::size_t earlier) {
    same_[index] = earlier;
    return *this;
  }

  /// How parts of the file are packed; by default, they are not, but for the hierarchy.
  using Packing = Bytes (*)(const Bytes&);
  Packing pack_hierarchy = nullptr;  ///< makes the hierarchy's block of kind `hierarchy_kind`
  std::uint8_t hierarchy_kind = 6;
  Packing pack_changes = nullptr;
  char packing_mark = '4';
  std::uint64_t begin_time =
      0;        ///< of the block of values; before its first time, the frame counts
  Bytes frame;  ///< a character a bit
  Bytes widths;

  Bytes file() {
    std::uint64_t number = 0;
    for (auto& [time, at] : times_) at = number++;
    Bytes out;
    Bytes header(320);
    Bytes ends;
    put_u64(ends, begin_time);
    put_u64(ends, times_.empty() ? begin_time : times_.rbegin()->first);
    std::copy(ends.begin(), ends.end(), header.begin());
    put_block(out, 0, header);
    put_block(out, 8, values());
    Bytes geometry;
    put_u64(geometry, widths.size());
    put_u64(geometry, bits_.size());
    put(geometry, widths);
    put_block(out, 3, geometry);
    Bytes hierarchy;
    put_u64(hierarchy, hierarchy_.size());
    put(hierarchy,
        pack_hierarchy != nullptr ? pack_hierarchy(hierarchy_) : literal_lz4(hierarchy_));
    put_block(out, hierarchy_kind, hierarchy);
    return out;
  }

  /// An LZ4 block that packs nothing.
  static Bytes literal_lz4(const Bytes& bytes) {
    Bytes out = {static_cast<std::uint8_t>(bytes.size() < 15 ? bytes.size() << 4 : 0xF0)};
    if (bytes.size() >= 15) {
      std::size_t more = bytes.size() - 15;
      for (; more >= 255; more -= 255) out.push_back(255);
      out.push_back(static_cast<std::uint8_t>(more));
    }
    put(out, bytes);
    return out;
  }

 private:
  static void put_block(Bytes& out, std::uint8_t kind, const Bytes& body) {
    out.push_back(kind);
    put_u64(out, body.size() + 8);
    put(out, body);
  }

  Bytes signal_changes(std::size_t index) const {
    Bytes out;
    std::uint64_t last = 0;
    for (const auto& [time, value] : changes_.at(index)) {
      const std::uint64_t behind = times_.at(time) - last;
      last = times_.at(time);
      const bool binary = value.find_first_not_of("01") == std::string::npos;
      if (bits_[index] == 1 && binary) {
        put_varint(out, behind << 2 | (value == "1" ? 2 : 0));
      } else if (bits_[index] == 1) {
        put_varint(out, behind << 4 | std::string("xzhuwl-?").find(value) << 1 | 1);
      } else if (binary) {
        put_varint(out, behind << 1);
        Bytes packed((value.size() + 7) / 8);
        for (std::size_t i = 0; i < value.size(); ++i) {
          if (value[i] == '1') packed[i / 8] |= static_cast<std::uint8_t>(0x80 >> i % 8);
        }
        put(out, packed);
      } else {
        put_varint(out, behind << 1 | 1);
        out.insert(out.end(), value.begin(), value.end());
      }
    }
    return out;
  }

  Bytes values() const {
    Bytes out;
    put_u64(out, begin_time);
    put_u64(out, times_.empty() ? begin_time : times_.rbegin()->first);
    put_u64(out, 1 << 16);
    put_varint(out, frame.size());
    put_varint(out, frame.size());
    put_varint(out, bits_.size());
    put(out, frame);
    put_varint(out, bits_.size());
    out.push_back(static_cast<std::uint8_t>(packing_mark));
    Bytes index;
    std::int64_t step = 1;  // the mark
    for (std::size_t i = 0; i < bits_.size(); ++i) {
      if (const auto found = same_.find(i); found != same_.end()) {
        put_signed_varint(index, -static_cast<std::int64_t>(found->second + 1) * 2 + 1);
      } else if (changes_.count(i) == 0) {
        put_varint(index, 1 << 1);
      } else {
        put_signed_varint(index, step * 2 + 1);
        const Bytes plain = signal_changes(i);
        Bytes packed;
        put_varint(packed, pack_changes != nullptr ? plain.size() : 0);
        put(packed, pack_changes != nullptr ? pack_changes(plain) : plain);
        put(out, packed);
        step = static_cast<std::int64_t>(packed.size());
      }
    }
    put(out, index);
    put_u64(out, index.size());
    Bytes times;
    std::uint64_t last = 0;
    for (const auto& [time, at] : times_) {
      put_varint(times, time - last);
      last = time;
    }
    put(out, times);
    put_u64(out, times.size());
    put_u64(out, times.size());
    put_u64(out, times_.size());
    return out;
  }

  Bytes hierarchy_;
  std::vector<std::uint32_t> bits_;
  std::map<std::size_t, std::vector<std::pair<std::uint64_t, std::string>>> changes_;
  std::map<std::size_t, std::size_t> same_;
  std::map<std::uint64_t, std::uint64_t> times_;  ///< and their numbers
};

}  // namespace kpu::test
