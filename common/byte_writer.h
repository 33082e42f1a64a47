// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "common/bits.h"

namespace kpu {

/// A little-endian file while it grows. Alignment is of the position in the file.
class ByteWriter {
 public:
  template <class T>
  void put(T value) {
    bytes_.resize(bytes_.size() + sizeof(T));
    store_le(std::span(bytes_), bytes_.size() - sizeof(T), value);
  }

  /// Overwrites what was put at `offset`.
  template <class T>
  void put_at(std::size_t offset, T value) {
    store_le(std::span(bytes_), offset, value);
  }

  void put_bytes(std::span<const std::uint8_t> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }

  /// Zeros up to a multiple of `alignment`.
  void align(std::size_t alignment) {
    bytes_.resize((bytes_.size() + alignment - 1) / alignment * alignment);
  }

  std::size_t size() const { return bytes_.size(); }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

}  // namespace kpu
