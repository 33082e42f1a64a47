// SPDX-License-Identifier: Apache-2.0
//
// Element types of tensors: sizes, names, and their values as floats, with the extremes of each.
#include "golden/kmodel/element_type.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "tests/golden/kmodel/v3/v3_file.h"
#include "tests/support/catch2.h"

using namespace kpu::golden;
using kpu::test::ByteList;

using Floats = std::vector<float>;

TEST_CASE("element types have their size, name and values") {
  const auto check = [](ElementType type, const char* name, std::size_t bytes, const ByteList& list,
                        const Floats& values) {
    INFO(name);
    CHECK(to_string(type) == std::string(name));
    CHECK(size_of(type) == bytes);
    CHECK(to_floats(list.bytes(), type) == values);
  };
  check(ElementType::kInt8, "int8", 1, ByteList(std::int8_t{-128}, std::int8_t{127}), {-128, 127});
  check(ElementType::kInt16, "int16", 2, ByteList(std::int16_t{-300}), {-300});
  check(ElementType::kInt32, "int32", 4, ByteList(std::int32_t{-70000}), {-70000});
  check(ElementType::kInt64, "int64", 8, ByteList(std::int64_t{-1} << 40), {-1099511627776.0f});
  check(ElementType::kUint8, "uint8", 1, ByteList(std::uint8_t{255}), {255});
  check(ElementType::kUint16, "uint16", 2, ByteList(std::uint16_t{65535}), {65535});
  check(ElementType::kUint32, "uint32", 4, ByteList(0x80000000u), {2147483648.0f});
  check(ElementType::kUint64, "uint64", 8, ByteList(std::uint64_t{1} << 63), {0x1p63f});
  check(ElementType::kFloat32, "float32", 4, ByteList(-1.5f), {-1.5f});
  check(ElementType::kFloat64, "float64", 8, ByteList(0.1), {0.1f});
  check(ElementType::kBfloat16, "bfloat16", 2, ByteList(std::uint16_t{0xC040}), {-3});
  // 1, -2, the largest, the smallest, infinity.
  check(ElementType::kFloat16, "float16", 2,
        ByteList(std::uint16_t{0x3C00}, std::uint16_t{0xC000}, std::uint16_t{0x7BFF},
                 std::uint16_t{0x0001}, std::uint16_t{0xFC00}),
        {1, -2, 65504, 0x1p-24f, -std::numeric_limits<float>::infinity()});
  CHECK(std::isnan(to_floats(ByteList(std::uint16_t{0x7E00}).bytes(), ElementType::kFloat16)[0]));
  CHECK(to_floats(std::vector<std::uint8_t>(7), ElementType::kFloat32).size() == 1);
}
