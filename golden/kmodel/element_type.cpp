// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/element_type.h"

#include <array>
#include <bit>
#include <cmath>

#include "common/bits.h"

namespace kpu::golden {
namespace {

struct TypeFacts {
  const char* name;
  std::size_t bytes;
};

constexpr std::array<TypeFacts, kElementTypes> kTypes = {{{"int8", 1},
                                                          {"int16", 2},
                                                          {"int32", 4},
                                                          {"int64", 8},
                                                          {"uint8", 1},
                                                          {"uint16", 2},
                                                          {"uint32", 4},
                                                          {"uint64", 8},
                                                          {"float16", 2},
                                                          {"float32", 4},
                                                          {"float64", 8},
                                                          {"bfloat16", 2}}};

/// IEEE 754 binary16.
float from_half(std::uint16_t half) {
  const float sign = (half & 0x8000) != 0 ? -1.0f : 1.0f;
  const int exponent = (half >> 10) & 0x1F;
  const int fraction = half & 0x3FF;
  if (exponent == 0x1F) {
    return fraction == 0 ? sign * INFINITY : NAN;
  }
  return exponent == 0 ? sign * std::ldexp(static_cast<float>(fraction), -24)
                       : sign * std::ldexp(static_cast<float>(fraction + 0x400), exponent - 25);
}

/// Elements of type T, each made a float by `convert`.
template <class T, class Convert>
std::vector<float> each(std::span<const std::uint8_t> bytes, Convert convert) {
  std::vector<float> values(bytes.size() / sizeof(T));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = convert(load_le<T>(bytes, i * sizeof(T)));
  }
  return values;
}

template <class T>
std::vector<float> each(std::span<const std::uint8_t> bytes) {
  return each<T>(bytes, [](T value) { return static_cast<float>(value); });
}

}  // namespace

std::size_t size_of(ElementType type) { return kTypes[static_cast<std::size_t>(type)].bytes; }

const char* to_string(ElementType type) { return kTypes[static_cast<std::size_t>(type)].name; }

std::vector<float> to_floats(std::span<const std::uint8_t> bytes, ElementType type) {
  switch (type) {
    case ElementType::kInt8:
      return each<std::int8_t>(bytes);
    case ElementType::kInt16:
      return each<std::int16_t>(bytes);
    case ElementType::kInt32:
      return each<std::int32_t>(bytes);
    case ElementType::kInt64:
      return each<std::int64_t>(bytes);
    case ElementType::kUint8:
      return each<std::uint8_t>(bytes);
    case ElementType::kUint16:
      return each<std::uint16_t>(bytes);
    case ElementType::kUint32:
      return each<std::uint32_t>(bytes);
    case ElementType::kUint64:
      return each<std::uint64_t>(bytes);
    case ElementType::kFloat16:
      return each<std::uint16_t>(bytes, from_half);
    case ElementType::kFloat64:
      return each<double>(bytes);
    case ElementType::kBfloat16:
      return each<std::uint16_t>(bytes, [](std::uint16_t value) {
        return std::bit_cast<float>(std::uint32_t{value} << 16);
      });
    default:
      return each<float>(bytes);
  }
}

}  // namespace kpu::golden
