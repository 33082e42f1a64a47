// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/bits.h"

namespace kpu::golden {

/// Most working memory a network may ask for; the chip itself has 6 MiB.
inline constexpr std::size_t kMaxMainMemory = 64 * 1024 * 1024;

/// Working memory of a running network, zero at the start. Addresses have been checked by the
/// loader. Floats are little endian and may lie at any byte.
class MainMemory {
 public:
  explicit MainMemory(std::size_t bytes) : bytes_(bytes) {}

  /// `count` elements (uint8_t or float) at byte `address`.
  template <class T>
  std::vector<T> load(std::size_t address, std::size_t count) const {
    std::vector<T> values(count);
    copy_bytes(values.data(), bytes_.data() + address, count * sizeof(T));
    return values;
  }

  template <class T>
  void store(std::size_t address, const std::vector<T>& values) {
    copy_bytes(bytes_.data() + address, values.data(), values.size() * sizeof(T));
  }

 private:
  std::vector<std::uint8_t> bytes_;
};

}  // namespace kpu::golden
