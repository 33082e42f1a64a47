// SPDX-License-Identifier: Apache-2.0
//
// Forms of instructions that the vendor's compiler emits and where its simulator does something of
// its own: pads with gaps and those that repeat, int8 codes, means, half-pixel resizing, copies
// from a view. Small programs with the numbering of 1.9.0; the values are worked out by hand from
// what the simulator was measured to do.
#include <cmath>
#include <cstdint>
#include <vector>

#include "golden/kmodel/network.h"
#include "tests/golden/kmodel/v5/v5_file.h"
#include "tests/support/catch2.h"

using namespace kpu::golden;
using kpu::test::ByteList;
using kpu::test::contains_text;
using kpu::test::StackText;
using kpu::test::V5File;

using Bytes = std::vector<std::uint8_t>;
using Floats = std::vector<float>;

namespace {

constexpr std::uint8_t kI8 = 0, kU8 = V5File::kUint8, kF32 = V5File::kFloat;
constexpr int kDequantize = 0x0B, kPad = 0x13, kQuantize = 0x14, kReduce = 0x17, kResize = 0x1B;

/// A program of 1.9.0 from `in` to `out` elements.
V5File file_of(std::uint8_t in_type, std::uint32_t in, std::uint8_t out_type, std::uint32_t out,
               const StackText& text) {
  const auto bytes = [](std::uint8_t type, std::uint32_t count) {
    return type == kF32 ? 4 * count : count;
  };
  V5File file(in_type, bytes(in_type, in), out_type, bytes(out_type, out));
  return file.text(text).release("1.9.0");
}

/// A pad of a 1 x width tensor of codes: {before, after, gap} of the row.
V5File padded_row(std::uint32_t width, std::uint32_t out, std::vector<std::int32_t> padding,
                  int mode) {
  const auto size = [](std::uint32_t value) { return static_cast<std::int32_t>(value); };
  StackText text;
  text.shape(0, {1, size(width)}).shape(1, {size(width), 1}).shape(2, {size(out), 1});
  text.integer(0).integer(0).integer(0);
  for (std::int32_t value : padding) {
    text.integer(value);
  }
  text.paddings(5, 2);
  text.buffer(0, 0).buffer(1, 0).integer(9).tensor(kPad, 4, 0, 1, 2, 5, mode);
  return file_of(kU8, width, kU8, out, text);
}

}  // namespace

TEST_CASE("v5 pad puts constants between elements, then around them") {
  CHECK(padded_row(3, 9, {1, 1, 2}, 0).run_bytes({1, 2, 3}) == Bytes{9, 1, 9, 9, 2, 9, 9, 3, 9});
  // Cut at both ends, as a transposed convolution with padding is made.
  CHECK(padded_row(3, 3, {-1, -1, 1}, 0).run_bytes({1, 2, 3}) == Bytes{9, 2, 9});
  CHECK_THROWS_WITH(padded_row(3, 9, {1, 1, -1}, 0).run_bytes({1, 2, 3}),
                    contains_text("gap of -1 between elements"));
  CHECK_THROWS_WITH(padded_row(3, 9, {0, 0, 1}, 1).run_bytes({1, 2, 3}),
                    contains_text("not implemented: pad but for a constant between elements"));
}

TEST_CASE("v5 pad repeats what is beside the border") {
  const auto run = [](int mode, std::int32_t before, std::int32_t after) {
    const auto out = static_cast<std::uint32_t>(3 + before + after);
    return padded_row(3, out, {before, after, 0}, mode).run_bytes({1, 2, 3});
  };
  CHECK(run(1, 2, 1) == Bytes{3, 2, 1, 2, 3, 2});
  CHECK(run(2, 3, 2) == Bytes{3, 2, 1, 1, 2, 3, 3, 2});
  CHECK(run(3, 2, 4) == Bytes{1, 1, 1, 2, 3, 3, 3, 3, 3});
  CHECK(run(1, -1, 2) == Bytes{2, 3, 2, 1});
  CHECK_THROWS_WITH(run(1, 3, 0), contains_text("pad: 3,0 on axis 1 of 3 elements"));
  CHECK_THROWS_WITH(run(2, 0, 4), contains_text("pad: 0,4 on axis 1 of 3 elements"));
}

TEST_CASE("v5 codes of type int8") {
  StackText from;
  from.shape(0, {3}).shape(1, {1});
  from.buffer(0, 0).buffer(1, 0).real(0.5f).real(64).tensor(kDequantize, 0, 9, 0, 1, 1);
  CHECK(file_of(kI8, 3, kF32, 3, from).run(Bytes{0x80, 0xFF, 0x7F}) == Floats{0, 63.5f, 127.5f});

  StackText to;
  to.shape(0, {4}).shape(1, {1});
  to.buffer(0, 0).buffer(1, 0).real(2).real(-1).tensor(kQuantize, 9, 0, 0, 1, 1);
  const ByteList values = ByteList().put_all(Floats{-100, 0.25f, 1.25f, 100});
  CHECK(file_of(kF32, 4, kI8, 4, to).run_bytes(values.bytes()) == Bytes{0x80, 0, 2, 0x7F});
  const auto model = load_model(file_of(kF32, 4, kI8, 4, to).bytes(), {"1.9.0", ""});
  CHECK(model->info().outputs.at(0).type == ElementType::kInt8);
}

TEST_CASE("v5 mean is the sum divided, not multiplied") {
  // 7 * (1 / 7 rounded) is 1.0000000, but 5.6 / 7 and 5.6 * (1 / 7) differ in the last bit.
  StackText text;
  text.shape(0, {1, 7}).shape(1, {7, 1}).shape(2, {1, 1}).shape(3, {1});
  text.buffer(0, 0).buffer(1, 0).real(0).tensor(kReduce, 9, 0, 1, 2, 0, 3, 1);
  const V5File file = file_of(kF32, 7, kF32, 1, text);
  int different = 0;
  for (int i = 1; i < 50; ++i) {
    const auto sum = static_cast<float>(i);
    const float divided = file.run(Floats{sum, 0, 0, 0, 0, 0, 0}).at(0);
    CHECK(divided == sum / 7.0f);
    const float on_device =
        file.run(Floats{sum, 0, 0, 0, 0, 0, 0}, profile_by_name("device")).at(0);
    CHECK(on_device == sum * (1.0f / 7.0f));
    different += divided != on_device ? 1 : 0;
  }
  CHECK(different > 0);
}

TEST_CASE("v5 half-pixel resizing does not clamp the source position at the first pixel") {
  // Twice as wide: positions -0.25, 0.25, 0.75, 1.25. The first is 1.25 * a - 0.25 * a.
  StackText text;
  text.shape(0, {1, 1, 1, 2}).shape(1, {2, 2, 2, 1}).shape(2, {4, 4, 4, 1});
  text.integer(1).integer(4).buffer(0, 0).buffer(1, 0).tensor(kResize, 9, 0, 1, 2, 0, 1, 0);
  const V5File file = file_of(kF32, 2, kF32, 4, text);
  int rounded = 0;
  for (int i = 1; i < 50; ++i) {
    const float a = static_cast<float>(i) / 7.0f;
    const Floats out = file.run(Floats{a, 2 * a});
    CHECK(out[0] == 1.25f * a + -0.25f * a);
    CHECK(out[3] == 0.75f * (2 * a) + 0.25f * (2 * a));
    rounded += out[0] != a ? 1 : 0;
  }
  CHECK(rounded > 0);  // else clamping would give the same
}

TEST_CASE("v5 copies in the k210 module reach as far as their strides do") {
  // Every fourth of 16 codes: the compiler states a range of the four codes that are copied.
  const auto range = [](int location, std::uint32_t start, std::uint32_t size) {
    return ByteList(static_cast<std::uint8_t>(location), kU8, std::uint16_t{0}, start, size)
        .bytes();
  };
  const auto copy = [&](std::uint32_t last_stride) {
    ByteList text(3u);
    text.put_all(range(0, 0, 4)).put_all(range(1, 0, 4));
    text.put_all(std::vector<std::uint32_t>{1, 4, 1, 1, 16, last_stride, 1, 1, 4, 1, 1, 1});
    StackText program;
    program.shape(0, {16}).shape(1, {1}).shape(2, {4});
    program.buffer(0, 0).integer(4).integer(0).integer(1);
    program.buffer(1, 0).integer(4).integer(2).integer(1);
    program.tensor(0x03, 0u, std::uint16_t{1}, 1, 1);
    V5File file(kU8, 16, kU8, 4);
    return file.text(program).k210({}, text.bytes(), 16, 4);
  };
  CHECK(copy(4).run_bytes({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}) ==
        Bytes{0, 4, 8, 12});
  CHECK_THROWS_WITH(load_model(copy(6).bytes()),
                    contains_text("input=19: expected strides that stay in the 16 bytes"));
}
