// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace kpu::golden {

/// Types of a tensor's elements; the values are their numbers in a kmodel v5 file.
enum class ElementType : std::uint8_t {
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kFloat16,
  kFloat32,
  kFloat64,
  kBfloat16
};
inline constexpr std::size_t kElementTypes = 12;

/// Bytes of an element: 1, 2, 4 or 8.
std::size_t size_of(ElementType type);

/// "int8", "float32", ..
const char* to_string(ElementType type);

/// The elements that lie in `bytes`, little endian, as the nearest floats; bytes of an element that
/// is cut at the end are left out.
std::vector<float> to_floats(std::span<const std::uint8_t> bytes, ElementType type);

}  // namespace kpu::golden
