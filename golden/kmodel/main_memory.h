// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/bits.h"
#include "golden/kmodel/element_type.h"

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
    const std::size_t size = values.size() * sizeof(T);
    copy_bytes(bytes_.data() + address, values.data(), size);
    if (on_store_) {
      const auto type = std::is_same_v<T, float> ? ElementType::kFloat32 : ElementType::kUint8;
      on_store_(type, std::span(bytes_).subspan(address, size));
    }
  }

  /// What is told about everything that is stored from here on.
  using OnStore = std::function<void(ElementType type, std::span<const std::uint8_t> bytes)>;
  void watch(OnStore on_store) { on_store_ = std::move(on_store); }

 private:
  std::vector<std::uint8_t> bytes_;
  OnStore on_store_;
};

}  // namespace kpu::golden
