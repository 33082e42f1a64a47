// SPDX-License-Identifier: Apache-2.0
//
// Every opcode of the v4 runtime, each in a file of its own so that the body's layout is tested
// with the arithmetic; numbers worked out by hand, with what is odd about the runtime: halves up in
// integer scaling, a transposed convolution without its bias, copies of whole floats, ignored
// corners. The KPU nodes are in test_networks.cpp.
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "common/error.h"
#include "golden/ops/quantized_ops.h"
#include "tests/golden/kmodel/v4/v4_file.h"
#include "tests/support/catch2.h"

using namespace kpu::golden;
using kpu::test::ByteList;
using kpu::test::V4File;

using Bytes = std::vector<std::uint8_t>;
using Floats = std::vector<float>;

namespace {

constexpr std::uint32_t kF = V4File::kFloat, kC = V4File::kCode;
const float kInf = std::numeric_limits<float>::infinity();
const ByteList kNoClamp(-kInf, kInf);
const Profile kDeviceFloats{.kpu = {}, .float_rule = FloatRule::kDevice};

/// Ends the file with `count` elements at byte 1024 as its output.
V4File& finish(V4File& file, std::uint32_t type, std::uint32_t count) {
  return file.output(V4File::range(type, 1024, count));
}

ByteList in(std::uint32_t type, std::uint32_t count) { return V4File::range(type, 0, count); }
ByteList out(std::uint32_t type, std::uint32_t count) { return V4File::range(type, 1024, count); }
ByteList shape(int n, int c, int h, int w) { return ByteList(n, c, h, w); }

}  // namespace

TEST_CASE("v4 quantize and dequantize by profile") {
  V4File q(kF, 3);
  q.node(0x06, in(kF, 3), out(kC, 3), ByteList(10, 2.0f));
  finish(q, kC, 3);
  CHECK(q.run_bytes(Floats{0.25f, 1, -9}) == Bytes{11, 12, 0});
  // 10.5 to the even 10 in a pair, away from zero as the odd one at the end.
  CHECK(q.run_bytes(Floats{0.25f, 1, 0.25f}, kDeviceFloats) == Bytes{10, 12, 11});

  V4File d(kC, 2);
  d.node(0x03, in(kC, 2), out(kF, 2), ByteList(3, 10.0f));
  finish(d, kF, 2);
  CHECK(d.run(Bytes{3, 13}) == Floats{0, 10 * 0.1f});
  const float factor = 1.0f / 10.0f;
  CHECK(d.run(Bytes{3, 13}, kDeviceFloats).at(0) == std::fma(3.0f, factor, -3.0f * factor));
}

TEST_CASE("v4 binary broadcasts and clamps") {
  const auto run = [](int op, const ByteList& clamp) {
    V4File file(kF, 6);
    file.node(0x00, V4File::range(kF, 0, 4), V4File::range(kF, 16, 2), out(kF, 4), ByteList(op),
              shape(1, 1, 2, 2), shape(1, 1, 1, 2), shape(1, 1, 2, 2), clamp);
    finish(file, kF, 4);
    return file.run(Floats{1, 2, 3, 4, 10, 20});
  };
  CHECK(run(0, kNoClamp) == Floats{11, 22, 13, 24});
  CHECK(run(1, kNoClamp) == Floats{-9, -18, -7, -16});
  CHECK(run(2, kNoClamp) == Floats{10, 40, 30, 80});
  CHECK(run(3, kNoClamp) == Floats{0.1f, 0.1f, 3 / 10.0f, 0.2f});
  CHECK(run(4, kNoClamp) == Floats{1, 2, 3, 4});
  CHECK(run(5, kNoClamp) == Floats{10, 20, 10, 20});
  CHECK(run(0, ByteList(12.0f, 20.0f)) == Floats{12, 20, 13, 20});
}

TEST_CASE("v4 integer scaling rounds halves up") {
  const Requantization half{.mul = 1, .shift = 1, .offset = 0};
  CHECK(half.scale(3) == 2);
  CHECK(half.scale(-3) == -1);
  CHECK(half.scale(1) == 1);
  const Requantization wide{.mul = 1 << 30, .shift = 32, .offset = 5};
  CHECK(wide.scale(2) == 1);
  CHECK(wide.scale(-2) == 0);
  CHECK(wide.code(2) == 6);
  CHECK(wide.code(10000) == 255);
  CHECK(Requantization{.mul = 3, .shift = 0}.scale(-7) == -21);
}

TEST_CASE("v4 quantized_binary") {
  const auto run = [](int op, const Bytes& input) {
    V4File file(kC, 2);
    // a + 1 times 2, b - 1 times 1, the result halved, plus 3.
    file.node(0x11, V4File::range(kC, 0, 1), V4File::range(kC, 1, 1), out(kC, 1), ByteList(op),
              shape(1, 1, 1, 1), shape(1, 1, 1, 1), shape(1, 1, 1, 1),
              ByteList(1, 2, 0, -1, 1, 0, 3, 1, 1));
    finish(file, kC, 1);
    return file.run_bytes(input).at(0);
  };
  CHECK(run(0, {4, 8}) == 12);  // (10 + 7) / 2 = 8.5, up to 9, + 3
  CHECK(run(1, {4, 8}) == 5);   // 3 / 2 = 1.5, up
  CHECK(run(2, {4, 8}) == 38);  // 70 / 2
  CHECK(run(3, {4, 8}) == 4);   // (10 + 3) / 7 = 1, 0.5 up
  CHECK(run(3, {4, 1}) == 3);   // a divisor of 0 gives -1: -0.5 up is 0
  CHECK(run(4, {4, 8}) == 7);   // 7 / 2 up
  CHECK(run(5, {4, 8}) == 8);
}

TEST_CASE("v4 concat joins blocks") {
  V4File file(kC, 6);
  // Two outer blocks: 2 x 1 of the first input, 2 x 2 of the second.
  file.node(0x01, out(kC, 6), ByteList(1u, 2u, 2u), V4File::range(kC, 0, 2),
            V4File::range(kC, 2, 4), ByteList(1, 2));
  finish(file, kC, 6);
  CHECK(file.run_bytes(Bytes{1, 2, 3, 4, 5, 6}) == Bytes{1, 3, 4, 2, 5, 6});
}

TEST_CASE("v4 conv2d clips its window and starts at the bias") {
  V4File file(kF, 6);
  // 2 channels of 1x3, in 2 groups; kernel 1x2 dilated by 2, one column of padding each side.
  file.node(0x02, in(kF, 6), out(kF, 6), shape(1, 2, 1, 3), ByteList(2, 2), ByteList(0, 0),
            ByteList(1, 1), ByteList(1, 2, 1, 1, 1, 2), ByteList(0.0f, 30.0f),
            ByteList(1.0f, 10.0f, -1.0f, 2.0f), ByteList(0.5f, 1.0f));
  finish(file, kF, 6);
  // Taps at x - 1 and x + 1: 0.5 + x[-1] + 10 x[1] and 1 - x[-1] + 2 x[1].
  CHECK(file.run(Floats{1, 2, 3, 4, 5, 6}) == Floats{20.5f, 30, 2.5f, 11, 9, 0});
}

TEST_CASE("v4 conv2d_transpose scatters and forgets its bias") {
  V4File file(kF, 2);
  file.node(0x13, in(kF, 2), out(kF, 4), shape(1, 1, 1, 2), shape(1, 1, 1, 4), ByteList(1),
            ByteList(0, 0), ByteList(0, 0), ByteList(1, 3, 1, 1, 1, 1), kNoClamp,
            ByteList(1.0f, 10.0f, 100.0f), ByteList(777.0f));
  finish(file, kF, 4);
  CHECK(file.run(Floats{1, 2}) == Floats{1, 12, 120, 200});
}

TEST_CASE("v4 quantized_conv2d: bias first, offsets added, padding counts nothing") {
  V4File file(kC, 3);
  file.node(0x0F, in(kC, 3), out(kC, 3), shape(1, 1, 1, 3), ByteList(1, 1), ByteList(0, 0),
            ByteList(1, 0), ByteList(1, 2, 1, 1, 1, 1), ByteList(-1, 2, 1, 1, 4), ByteList(10),
            ByteList(std::uint8_t{0}, std::uint8_t{1}));
  finish(file, kC, 3);
  // Weights 2 and 3 on x - 1: (10 + 3 x0), (10 + 2 x0 + 3 x1), ..; halved up, plus 4.
  CHECK(file.run_bytes(Bytes{1, 2, 6}) == Bytes{9, 11, 18});
}

TEST_CASE("v4 matmul and quantized_matmul") {
  V4File file(kF, 6);
  file.node(0x04, V4File::range(kF, 0, 2), V4File::range(kF, 8, 4), out(kF, 2), ByteList(1, 2, 2),
            ByteList(-kInf, 100.0f), ByteList(1.0f, 2.0f));
  finish(file, kF, 2);
  CHECK(file.run(Floats{1, 2, 3, 4, 5, 60}) == Floats{14, 100});

  V4File codes(kC, 3);
  codes.node(0x10, V4File::range(kC, 0, 1), V4File::range(kC, 1, 2), out(kC, 2), ByteList(1, 1, 2),
             ByteList(-1, 1, 1, 1, 0), ByteList(5, -100));
  finish(codes, kC, 2);
  CHECK(codes.run_bytes(Bytes{3, 4, 9}) == Bytes{8, 0});
}

TEST_CASE("v4 pad crops and fills") {
  V4File file(kC, 4);
  file.node(0x05, in(kC, 4), out(kC, 6), shape(1, 1, 2, 2), ByteList(0, 0, 0, 0, 1, 0, 1, -1),
            ByteList(0u, std::uint8_t{7}, std::uint8_t{0}, std::uint8_t{0}, std::uint8_t{0}));
  finish(file, kC, 6);
  CHECK(file.run_bytes(Bytes{1, 2, 3, 4}) == Bytes{7, 7, 7, 1, 7, 3});
}

TEST_CASE("v4 reduce and reduce_window2d") {
  const auto reduced = [](int op, float init) {
    V4File file(kF, 6);
    file.node(0x07, in(kF, 6), out(kF, 2), ByteList(op), shape(1, 1, 2, 3), shape(1, 1, 2, 1),
              ByteList(init));
    finish(file, kF, 2);
    return file.run(Floats{1, 2, 6, -1, -2, -6});
  };
  CHECK(reduced(0, 0) == Floats{9 * (2 / 6.0f), -9 * (2 / 6.0f)});
  CHECK(reduced(1, 100) == Floats{1, -6});
  CHECK(reduced(2, -100) == Floats{6, -1});
  CHECK(reduced(3, 1) == Floats{10, -8});

  const auto pooled = [](int op, float init) {
    V4File file(kF, 4);
    file.node(0x08, in(kF, 4), out(kF, 2), ByteList(op), shape(1, 1, 1, 4), ByteList(0, 0),
              ByteList(1, 0), ByteList(1, 2, 1, 2, 1, 1), ByteList(init), ByteList(-5.0f, 3.0f));
    finish(file, kF, 2);
    return file.run(Floats{1, 2, 3, 9});
  };
  CHECK(pooled(0, 0) == Floats{1, 2.5f});
  CHECK(pooled(2, -kInf) == Floats{1, 3});
  CHECK(pooled(3, 0) == Floats{1, 3});
}

TEST_CASE("v4 memory_copy copies whole floats only") {
  V4File file(kC, 7);
  file.node(0x09, in(kC, 7), out(kC, 7));
  finish(file, kC, 7);
  CHECK(file.run_bytes(Bytes{1, 2, 3, 4, 5, 6, 7}) == Bytes{1, 2, 3, 4, 0, 0, 0});
}

TEST_CASE("v4 resize_image") {
  const auto run = [](int mode, std::uint8_t align) {
    V4File file(kF, 2);
    file.node(0x0A, in(kF, 2), out(kF, 4), shape(1, 1, 1, 2), ByteList(1, 4, mode),
              ByteList(align, std::uint8_t{0}, std::uint8_t{0}, std::uint8_t{0}));
    finish(file, kF, 4);
    return file.run(Floats{0, 3});
  };
  CHECK(run(1, 0) == Floats{0, 0, 3, 3});
  CHECK(run(1, 1) == Floats{0, 0, 3, 3});
  CHECK(run(0, 0) == Floats{0, 1.5f, 3, 3});
  CHECK(run(0, 1).at(1) == Approx(1));
  CHECK(run(0, 1).at(3) == Approx(3));

  V4File codes(kC, 2);
  codes.node(0x0A, in(kC, 2), out(kC, 4), shape(1, 1, 1, 2), ByteList(1, 4, 0), ByteList(0));
  finish(codes, kC, 4);
  CHECK(codes.run_bytes(Bytes{0, 3}) == Bytes{0, 1, 3, 3});
}

TEST_CASE("v4 softmax, transpose, strided_slice") {
  V4File softmax(kF, 4);
  softmax.node(0x0B, in(kF, 4), out(kF, 4), ByteList(2, 2, 2.0f));
  finish(softmax, kF, 4);
  const Floats shares = softmax.run(Floats{-300, -299, 5, 5});
  CHECK(shares.at(1) == Approx(1 / (1 + std::exp(-2.0))));
  CHECK(shares.at(2) == 0.5f);

  V4File moved(kC, 6);
  moved.node(0x0C, in(kC, 6), out(kC, 6), shape(1, 1, 2, 3), ByteList(0, 1, 3, 2));
  finish(moved, kC, 6);
  CHECK(moved.run_bytes(Bytes{1, 2, 3, 4, 5, 6}) == Bytes{1, 4, 2, 5, 3, 6});

  V4File sliced(kC, 6);
  sliced.node(0x0D, in(kC, 6), out(kC, 4), shape(1, 1, 2, 3), shape(0, 0, 0, 2), shape(1, 1, 2, -1),
              shape(1, 1, 1, -2), ByteList(0, 0, 0, 0, 0));
  finish(sliced, kC, 4);
  CHECK(sliced.run_bytes(Bytes{1, 2, 3, 4, 5, 6}) == Bytes{3, 1, 6, 4});
}

TEST_CASE("v4 unary") {
  const auto run = [](int op, float x) {
    V4File file(kF, 1);
    file.node(0x0E, in(kF, 1), out(kF, 1), ByteList(op));
    finish(file, kF, 1);
    return file.run(Floats{x}).at(0);
  };
  CHECK(run(0, -2) == 2);
  CHECK(run(1, 1.2f) == 2);
  CHECK(run(2, 1) == Approx(std::cos(1.0)));
  CHECK(run(3, 1) == Approx(std::exp(1.0)));
  CHECK(run(4, -1.2f) == -2);
  CHECK(run(5, 2) == Approx(std::log(2.0)));
  CHECK(run(6, 2) == -2);
  CHECK(run(7, 4) == 0.5f);
  CHECK(run(8, 1) == Approx(std::sin(1.0)));
  CHECK(run(9, 3) == 9);
}

TEST_CASE("v4 table_lookup1d takes its table from the constants") {
  ByteList table;
  for (int i = 0; i < 256; ++i) {
    table.put(static_cast<std::uint8_t>(i ^ 0xFF));
  }
  V4File file(kC, 2);
  file.constants(table);
  file.node(0x12, in(kC, 2), V4File::constant(kC, 0, 256), out(kC, 2));
  finish(file, kC, 2);
  CHECK(file.run_bytes(Bytes{0, 200}) == Bytes{255, 55});
}

TEST_CASE("v4 nnil_unary_method runs its byte code") {
  const auto run = [](const ByteList& code, float x) {
    V4File file(kF, 1);
    file.node(0x14, in(kF, 1), out(kF, 1), code);
    finish(file, kF, 1);
    return file.run(Floats{x}).at(0);
  };
  const auto op = [](int code) { return static_cast<std::uint8_t>(code); };
  // x * x - 2.5, clamped to 0 .. 1
  const ByteList polynomial(op(0x00), op(0x03), op(0x01), op(0x42), op(0x06), 2.5f, op(0x41),
                            op(0x04), op(0x05), op(0x80), op(0xA0));
  CHECK(run(polynomial, 1.75f) == 0.5625f);
  CHECK(run(polynomial, 1) == 0);
  CHECK(run(polynomial, 9) == 1);
  // exp(0) / (1 + x), with a value dropped on the way
  const ByteList quotient(op(0x04), op(0x23), op(0x05), op(0x03), op(0x40), op(0x05), op(0x02),
                          op(0x43), op(0xA0));
  CHECK(run(quotient, 3) == 0.25f);

  CHECK_THROWS_AS(run(ByteList(op(0x40), op(0xA0)), 1), kpu::Error);
  CHECK_THROWS_AS(run(ByteList(op(0x03), op(0x99), op(0xA0)), 1), kpu::Error);
  CHECK_THROWS_AS(run(ByteList(op(0x03)), 1), kpu::Error);
  CHECK_THROWS_AS(run(ByteList(op(0x06), op(0x00)), 1), kpu::Error);
}

TEST_CASE("v4 NHWC opcodes") {
  // One row of two pixels with two channels.
  const Floats pixels = {1, 2, 3, 4};
  V4File conv(kF, 4);
  conv.node(0x1001, in(kF, 4), out(kF, 2), shape(1, 1, 2, 2), ByteList(1), ByteList(0, 0),
            ByteList(0, 0), ByteList(1, 1, 1, 1, 1, 1), kNoClamp, ByteList(10.0f, 1.0f),
            ByteList(0.5f));
  finish(conv, kF, 2);
  CHECK(conv.run(pixels) == Floats{12.5f, 34.5f});

  V4File depthwise(kF, 4);
  depthwise.node(0x1002, in(kF, 4), out(kF, 2), shape(1, 1, 2, 2), ByteList(0, 0), ByteList(0, 0),
                 ByteList(1, 2, 1, 1, 1, 1), kNoClamp, ByteList(1.0f, 10.0f, 2.0f, 20.0f),
                 ByteList(0.0f, 1.0f));
  finish(depthwise, kF, 2);
  CHECK(depthwise.run(pixels) == Floats{31, 85});

  V4File pool(kF, 4);
  pool.node(0x1003, in(kF, 4), out(kF, 2), ByteList(0), shape(1, 1, 2, 2), ByteList(0, 0),
            ByteList(0, 0), ByteList(1, 2, 1, 1, 1, 1), ByteList(0.0f), kNoClamp);
  finish(pool, kF, 2);
  CHECK(pool.run(pixels) == Floats{2, 3});

  // The offsets are subtracted: (x - 1) * (w - 2).
  const auto byte = [](int value) { return static_cast<std::uint8_t>(value); };
  V4File codes(kC, 4);
  codes.node(0x1004, in(kC, 4), out(kC, 2), shape(1, 1, 2, 2), ByteList(1), ByteList(0, 0),
             ByteList(0, 0), ByteList(1, 1, 1, 1, 1, 1), ByteList(1, 2, 1, 0, 0),
             ByteList(byte(12), byte(3)), ByteList(7));
  finish(codes, kC, 2);
  CHECK(codes.run_bytes(Bytes{1, 2, 3, 4}) == Bytes{8, 30});

  V4File depthwise_codes(kC, 2);
  depthwise_codes.node(0x1005, in(kC, 2), out(kC, 2), shape(1, 1, 1, 2), ByteList(0, 0),
                       ByteList(0, 0), ByteList(1, 1, 1, 1, 1, 1), ByteList(1, 2, 1, 0, 0),
                       ByteList(byte(12), byte(3)), ByteList(7, 100));
  finish(depthwise_codes, kC, 2);
  CHECK(depthwise_codes.run_bytes(Bytes{2, 9}) == Bytes{17, 108});
}
