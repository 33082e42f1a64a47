// SPDX-License-Identifier: Apache-2.0
//
// Binary operations and reductions of v5 on integers, and logical operations: every operation on
// numbers worked out by hand, at the ends of the range, too. Numbering is that of 1.9.0.
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "common/error.h"
#include "tests/golden/kmodel/v5/v5_file.h"
#include "tests/support/catch2.h"

using kpu::test::ByteList;
using kpu::test::contains_text;
using kpu::test::StackText;
using kpu::test::V5File;

namespace {

constexpr int kBinary = 0x01, kReduce = 0x17, kReduceProd = 0x19;
constexpr int kInt32 = 2, kInt64 = 3, kFloat32 = 9;
constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr std::int32_t kLeast = std::numeric_limits<std::int32_t>::min();

template <class T>
std::vector<T> run(const StackText& text, const std::vector<T>& input, std::size_t outputs,
                   const std::vector<T>& rdata = {}) {
  const auto bytes = ByteList().put_all(input).bytes();
  V5File file(V5File::kUint8, static_cast<std::uint32_t>(bytes.size()), V5File::kUint8,
              static_cast<std::uint32_t>(outputs * sizeof(T)));
  const auto raw =
      file.text(text).rdata(ByteList().put_all(rdata)).release("1.9.0").run_bytes(bytes);
  std::vector<T> values(outputs);
  std::memcpy(values.data(), raw.data(), raw.size());
  return values;
}

/// op(input, rdata) of three numbers each.
template <class T>
std::vector<T> binary(int type, int op, const std::vector<T>& a, const std::vector<T>& b) {
  StackText text;
  text.shape(0, {3}).shape(1, {1}).buffer(0, 0).buffer(2, 0).buffer(1, 0);
  text.tensor(kBinary, type, 0, 1, 0, 1, 0, 1, op, -kInf, kInf);
  return run<T>(text, a, 3, b);
}

/// A reduction of 2 x 3 numbers over the second axis.
template <class T>
std::vector<T> reduced(int type, int op, float start, const std::vector<T>& values) {
  StackText text;
  text.shape(0, {2, 3}).shape(1, {3, 1}).shape(2, {1}).shape(3, {1});
  text.buffer(0, 0).buffer(1, 0).real(start).tensor(kReduce, type, 0, 1, 2, op, 3, 0);
  return run<T>(text, values, 2);
}

}  // namespace

TEST_CASE("v5 binary of integers") {
  using Ints = std::vector<std::int32_t>;
  const Ints a{7, -7, kLeast}, b{2, 3, -1};
  CHECK(binary(kInt32, 0, a, b) == Ints{9, -4, std::numeric_limits<std::int32_t>::max()});
  CHECK(binary(kInt32, 1, a, b) == Ints{5, -10, kLeast + 1});
  CHECK(binary(kInt32, 2, a, b) == Ints{14, -21, kLeast});
  CHECK(binary(kInt32, 3, a, b) == Ints{3, -2, 0});  // the last would not fit
  CHECK(binary(kInt32, 3, a, Ints{0, 2, 2}) == Ints{0, -3, kLeast / 2});
  CHECK(binary(kInt32, 4, a, b) == Ints{2, -7, kLeast});
  CHECK(binary(kInt32, 5, a, b) == Ints{7, 3, -1});
  CHECK(binary(kInt32, 9, a, b) == Ints{2, 1, kLeast});
  CHECK(binary(kInt32, 10, a, b) == Ints{7, -5, -1});
  CHECK(binary(kInt32, 11, a, b) == Ints{5, -6, ~kLeast});
  CHECK(binary(kInt32, 12, Ints{7, 0, 0}, Ints{2, 2, 0}) == Ints{1, 0, 0});
  CHECK_THROWS_WITH(binary(kInt32, 6, a, b), contains_text("this binary_op of int32"));
  using Longs = std::vector<std::int64_t>;
  CHECK(binary(kInt64, 2, Longs{1ll << 40, -3, 0}, Longs{4, 5, 6}) == Longs{1ll << 42, -15, 0});
}

TEST_CASE("v5 logical operations of floats") {
  using Floats = std::vector<float>;
  const Floats a{1, 0, 0}, b{0.5f, 2, 0};
  CHECK(binary(kFloat32, 12, a, b) == Floats{1, 0, 0});
  CHECK(binary(kFloat32, 13, a, b) == Floats{1, 1, 0});
  CHECK(binary(kFloat32, 14, a, b) == Floats{0, 1, 0});
  CHECK_THROWS_WITH(binary(kFloat32, 9, a, b), contains_text("this binary_op"));
}

TEST_CASE("v5 reductions of integers") {
  using Ints = std::vector<std::int32_t>;
  const Ints values{1, 2, 5, -1, -2, -5};
  CHECK(reduced(kInt32, 0, 0, values) == Ints{2, -2});
  CHECK(reduced(kInt32, 1, std::numeric_limits<float>::max(), values) == Ints{1, -5});
  CHECK(reduced(kInt32, 2, -std::numeric_limits<float>::max(), values) == Ints{5, -1});
  CHECK(reduced(kInt32, 3, 0, values) == Ints{8, -8});
  StackText text;
  text.shape(0, {2, 3}).shape(1, {3, 1}).shape(2, {1}).shape(3, {1}).buffer(0, 0).buffer(1, 0);
  text.tensor(kReduceProd, kInt32, 0, 1, 2, 3, 0);
  CHECK(run<std::int32_t>(text, values, 2) == Ints{10, -10});
}

TEST_CASE("v5 roi_align: means of bilinear samples, and images that do not exist") {
  // A plane of 4 x 4 whose value is 10 times the row plus the column: linear, so a mean of samples
  // is the value at their middle.
  std::vector<float> plane;
  for (int i = 0; i < 16; ++i) plane.push_back(static_cast<float>(10 * (i / 4) + i % 4));
  const auto aligned = [&](std::int64_t image, int mode) {
    const std::vector<std::int32_t> dims{1, 1, 4, 4}, cells{1, 1, 1, 2};
    StackText text;
    text.shape(0, dims).shape(1, cells).buffer(0, 0).buffer(2, 0).buffer(2, 16).buffer(1, 0);
    text.tensor(0x1C, kFloat32, 0, 1, mode, 1.0f, std::int64_t{2});
    const auto bytes = ByteList().put_all(plane).bytes();
    V5File file(V5File::kUint8, 64, V5File::kUint8, 8);
    const auto raw = file.text(text)
                         .rdata(ByteList(0.0f, 1.0f, 2.0f, 3.0f, image))
                         .release("1.9.0")
                         .run_bytes(bytes);
    std::vector<float> values(2);
    std::memcpy(values.data(), raw.data(), raw.size());
    return values;
  };
  // Columns 0..1 and 1..2 of rows 1..3.
  CHECK(aligned(0, 0) == std::vector<float>{20.5f, 21.5f});
  // Of samples at row 2.5, the pixel below counts half.
  CHECK(aligned(0, 1)[0] == Approx(0.5 * 0.75 * 31));
  CHECK_THROWS_WITH(aligned(1, 0), contains_text("image 1, expected 0 to 0"));
}
