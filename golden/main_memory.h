// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace kpu::golden {

/// Most working memory a network may ask for; the chip itself has 6 MiB.
inline constexpr std::size_t kMaxMainMemory = 64 * 1024 * 1024;

/// Working memory of a running network, zero at the start. Addresses have been checked by the
/// loader. Floats are little endian and may lie at any byte.
class MainMemory {
 public:
  explicit MainMemory(std::size_t bytes) : bytes_(bytes) {}

  std::span<std::uint8_t> bytes(std::size_t address, std::size_t count) {
    return std::span(bytes_).subspan(address, count);
  }

  std::vector<std::uint8_t> copy(std::size_t address, std::size_t count) const {
    return {bytes_.begin() + address, bytes_.begin() + address + count};
  }

  std::vector<float> floats(std::size_t address, std::size_t count) const {
    std::vector<float> values(count);
    std::memcpy(values.data(), bytes_.data() + address, count * sizeof(float));
    return values;
  }

  void store(std::size_t address, std::span<const std::uint8_t> bytes) {
    std::copy(bytes.begin(), bytes.end(), bytes_.begin() + address);
  }

  void store(std::size_t address, std::span<const float> values) {
    std::memcpy(bytes_.data() + address, values.data(), values.size_bytes());
  }

 private:
  std::vector<std::uint8_t> bytes_;
};

}  // namespace kpu::golden
