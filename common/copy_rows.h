// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace kpu {

/// Copies `rows` rows of `width` bytes, whose starts lie `from_stride` and `to_stride` bytes apart;
/// source and destination do not overlap. Quick for short rows, which images of a few dozen columns
/// have by the thousand: each is two moves of a size that the compiler knows, its first bytes and
/// its last.
inline void copy_rows(const std::uint8_t* from, std::size_t from_stride, std::uint8_t* to,
                      std::size_t to_stride, std::size_t width, std::size_t rows) {
  const auto copy_ends = [&]<std::size_t kSize>() {
    for (; rows > 0; --rows, from += from_stride, to += to_stride) {
      std::uint8_t first[kSize], last[kSize];
      std::memcpy(first, from, kSize);
      std::memcpy(last, from + width - kSize, kSize);
      std::memcpy(to, first, kSize);
      std::memcpy(to + width - kSize, last, kSize);
    }
  };
  if (width > 64 || width < 4) {
    for (; rows > 0; --rows, from += from_stride, to += to_stride) {
      std::memcpy(to, from, width);
    }
  } else if (width >= 32) {
    copy_ends.template operator()<32>();
  } else if (width >= 16) {
    copy_ends.template operator()<16>();
  } else if (width >= 8) {
    copy_ends.template operator()<8>();
  } else {
    copy_ends.template operator()<4>();
  }
}

}  // namespace kpu
