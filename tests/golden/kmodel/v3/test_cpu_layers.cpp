// SPDX-License-Identifier: Apache-2.0
//
// Every layer of kmodel v3 that runs on the CPU, each in a file of its own so that the body's
// layout is tested with the arithmetic; numbers worked out by hand, with the odd cases of the SDK:
// rounding of halves, softmax of negative numbers, ignored activations and corners, counts rounded
// up to eight, and the device's float rules where they differ.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "tests/golden/kmodel/v3/v3_file.h"
#include "tests/support/catch2.h"

using kpu::golden::FloatRule;
using kpu::golden::Profile;
using kpu::test::ByteList;
using kpu::test::V3File;

using Bytes = std::vector<std::uint8_t>;
using Floats = std::vector<float>;

namespace {

constexpr std::uint32_t kAdd = 1, kQuantizedAdd = 2, kGlobalAverage = 5, kQuantizedMaxPool = 8,
                        kAveragePool = 9, kQuantize = 11, kDequantize = 12, kRequantize = 13,
                        kL2 = 14, kSoftmax = 15, kConcat = 16, kFullyConnected = 18, kFlatten = 20,
                        kResize = 22, kQuantizedResize = 23, kChannelwise = 24, kLogistic = 25,
                        kAddPadding = 10241, kRemovePadding = 10242, kUpload = 10243;

const Profile kDevice{.kpu = {}, .float_rule = FloatRule::kDevice};

/// A file whose input arrives as codes at address 512: for layers that take uint8.
V3File with_codes(std::uint32_t count) {
  V3File file(count);
  file.layer(kQuantize, ByteList(0u, 512u, count, 1.0f, 0.0f));
  return file;
}

}  // namespace

TEST_CASE("add") {
  V3File file(4);
  file.layer(kAdd, ByteList(0u, 8u, 1024u, 2u)).output(1024, 8);
  CHECK(file.run_floats({1, 2, 30, 40}) == Floats{31, 42});
}

TEST_CASE("quantized_add: one floor for equal shifts, two for different ones") {
  // (3 + 1) * 1 and (5 - 2) * 1, halves: 7 >> 1 = 3, or (4 >> 1) + (3 >> 2) = 2; times 3, >> 1.
  const auto run = [](std::int32_t shift_b, std::int32_t out_off) {
    V3File file = with_codes(2);
    file.layer(kQuantizedAdd,
               ByteList(512u, 513u, 1024u, 1u, 1, 1, 1, -2, 1, shift_b, out_off, 3, 1));
    file.output(1024, 1);
    return file.run({3, 5}).at(0);
  };
  CHECK(run(1, 0) == 5);  // 9 / 2 = 4.5, ties away
  CHECK(run(2, 0) == 3);  // 6 / 2
  CHECK(run(1, -9) == 0);
  CHECK(run(1, 254) == 255);
}

TEST_CASE("quantized_add works on eight elements at a time") {
  V3File file = with_codes(8);
  file.layer(kQuantizedAdd, ByteList(512u, 512u, 1024u, 3u, 0, 1, 0, 0, 1, 0, 0, 1, 0));
  file.output(1024, 8);
  CHECK(file.run({1, 2, 3, 4, 5, 6, 7, 8}) == Bytes{2, 4, 6, 8, 10, 12, 14, 16});
}

TEST_CASE("global_average_pool2d") {
  V3File file(6);
  file.layer(kGlobalAverage, ByteList(0u, 1024u, 3u, 2u)).output(1024, 8);
  CHECK(file.run_floats({1, 2, 6, -1, -1, 3}) == Floats{3, 1.0f / 3.0f});
  CHECK(file.run_floats({1, 2, 6, 5, 0, 0}, kDevice).at(1) == (1.0f / 3.0f) * 5.0f);
}

TEST_CASE("pools clip their window to the image") {
  // 2 channels of 2x3; kernel 2x2, stride 2, one row and column of padding: output 2x2.
  const Floats in = {1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16};
  const ByteList shape(3u, 2u, 2u, 2u, 2u, 2u, 2u, 2u, 2u, 2u, 1u, 1u);

  V3File max_file = with_codes(12);
  ByteList max_body(512u, 1024u);
  max_file.layer(kQuantizedMaxPool, max_body.put_all(shape.bytes())).output(1024, 8);
  CHECK(max_file.run(in) == Bytes{1, 3, 4, 6, 11, 13, 14, 16});

  V3File mean_file(12);
  ByteList mean_body(0u, 1024u);
  mean_body.put_all(shape.bytes()).put(1u);  // a relu that nobody applies
  mean_file.layer(kAveragePool, mean_body).output(1024, 32);
  Floats negative = in;
  negative[0] = -8;
  CHECK(mean_file.run_floats(negative) == Floats{-8, 2.5f, 4, 5.5f, 11, 12.5f, 14, 15.5f});
}

TEST_CASE("a pool's window outside the image") {
  // One pixel, kernel 1, two columns of padding: the only window lies left of the image.
  const ByteList shape(1u, 1u, 1u, 1u, 1u, 1u, 1u, 1u, 1u, 1u, 2u, 0u);
  V3File max_file = with_codes(1);
  ByteList max_body(512u, 1024u);
  max_file.layer(kQuantizedMaxPool, max_body.put_all(shape.bytes())).output(1024, 1);
  CHECK(max_file.run({9}) == Bytes{0});
  V3File mean_file(1);
  ByteList mean_body(0u, 1024u);
  mean_file.layer(kAveragePool, mean_body.put_all(shape.bytes()).put(0u)).output(1024, 4);
  CHECK(std::isnan(mean_file.run_floats({9}).at(0)));
}

TEST_CASE("quantize rounds halves away from zero and clamps") {
  V3File file(6);
  file.layer(kQuantize, ByteList(0u, 512u, 6u, 0.5f, -1.0f)).output(512, 6);
  CHECK(file.run({-1, 0, -0.75f, 0.25f, -100, 1000}) == Bytes{0, 2, 1, 3, 0, 255});

  // What no int holds: INT_MIN on a PC, saturated on the device.
  const float nan = std::numeric_limits<float>::quiet_NaN();
  V3File wide(1);
  wide.layer(kQuantize, ByteList(0u, 512u, 1u, 1e-9f, 0.0f)).output(512, 1);
  CHECK(wide.run({1e9f}) == Bytes{0});
  CHECK(wide.run({1e9f}, kDevice) == Bytes{255});
  CHECK(wide.run({-1e9f}, kDevice) == Bytes{0});
  CHECK(wide.run({nan}) == Bytes{0});
  CHECK(wide.run({nan}, kDevice) == Bytes{255});
}

TEST_CASE("dequantize, whole or by channel") {
  V3File file = with_codes(4);
  file.layer(kDequantize, ByteList(512u, 1024u, 4u, 0.25f, -3.0f)).output(1024, 16);
  CHECK(file.run_floats({0, 12, 255, 1}) == Floats{-3, 0, 60.75f, -2.75f});

  V3File channels = with_codes(4);
  channels.layer(kChannelwise, ByteList(512u, 1024u, 2u, 2u, 1.0f, 0.0f, 2.0f, 1.0f));
  channels.output(1024, 16);
  CHECK(channels.run_floats({1, 2, 3, 4}) == Floats{1, 2, 7, 9});

  // 3 * 0.1 is rounded before the addition in the simulators only.
  V3File fused = with_codes(1);
  fused.layer(kDequantize, ByteList(512u, 1024u, 1u, 0.1f, -0.3f)).output(1024, 4);
  CHECK(fused.run_floats({3}).at(0) == 3 * 0.1f - 0.3f);
  CHECK(fused.run_floats({3}, kDevice).at(0) == std::fma(3.0f, 0.1f, -0.3f));
}

TEST_CASE("requantize looks codes up") {
  ByteList body(512u, 1024u, 3u);
  for (int i = 0; i < 256; ++i) {
    body.put(static_cast<std::uint8_t>(255 - i));
  }
  V3File file = with_codes(3);
  file.layer(kRequantize, body).output(1024, 3);
  CHECK(file.run({0, 7, 255}) == Bytes{255, 248, 0});
}

TEST_CASE("l2_normalization") {
  V3File file(2);
  file.layer(kL2, ByteList(0u, 1024u, 2u)).output(1024, 8);
  const Floats unit = file.run_floats({3, 4});
  CHECK(unit.at(0) == Approx(0.6));
  CHECK(unit.at(1) == Approx(0.8));
  // Tiny sums count as 1e-10.
  CHECK(file.run_floats({1e-6f, 0}).at(0) == Approx(0.1));
}

TEST_CASE("softmax subtracts the maximum only if one is positive") {
  V3File file(2);
  file.layer(kSoftmax, ByteList(0u, 1024u, 2u)).output(1024, 8);
  CHECK(file.run_floats({1, 2}).at(1) == Approx(1 / (1 + std::exp(-1.0))));
  CHECK(file.run_floats({100, 100}) == Floats{0.5f, 0.5f});
  // Both underflow to zero: nothing was subtracted.
  CHECK(std::isnan(file.run_floats({-200, -200}).at(0)));
  CHECK(file.run_floats({1, 2}, kDevice).at(1) == Approx(1 / (1 + std::exp(-1.0))));
}

TEST_CASE("concat copies slots, whatever they hold") {
  V3File file(4);
  file.layer(kConcat, ByteList(1024u, 2u, 8u, 8u, 0u, 4u)).output(1024, 12);
  CHECK(file.run_floats({1, 2, 3, 4}) == Floats{3, 4, 1});
}

TEST_CASE("fully_connected with its activations") {
  const auto run = [](std::uint32_t activation, const Floats& in, const Profile& profile) {
    V3File file(2);
    file.layer(kFullyConnected,
               ByteList(0u, 1024u, 2u, 2u, activation, 1.0f, 2.0f, -1.0f, 3.0f, 0.5f, -1.0f));
    file.output(1024, 8);
    return file.run_floats(in, profile);
  };
  for (const Profile& profile : {Profile{}, kDevice}) {
    CHECK(run(0, {4, 1}, profile) == Floats{6.5f, -2});
    CHECK(run(1, {4, 1}, profile) == Floats{6.5f, 0});
    CHECK(run(2, {4, 1}, profile) == Floats{6, 0});
  }
}

TEST_CASE("fully_connected on the device fuses and groups by eight") {
  const float a = 1.0f + std::ldexp(1.0f, -12);
  ByteList body(0u, 1024u, 8u, 1u, 0u);
  body.put_all(Floats{a, -1, 0, 0, 0, 0, 0, 0}).put(0.0f);
  V3File file(8);
  file.layer(kFullyConnected, body).output(1024, 4);
  const Floats in = {a, 1 + std::ldexp(1.0f, -11), 0, 0, 0, 0, 0, 0};
  // a * a = 1 + 2^-11 + 2^-24: the last term survives only in a fused multiplication.
  CHECK(file.run_floats(in).at(0) == 0);
  CHECK(file.run_floats(in, kDevice).at(0) == std::ldexp(1.0f, -24));
}

TEST_CASE("tensorflow_flatten goes from planes to pixels") {
  V3File file(8);
  file.layer(kFlatten, ByteList(0u, 1024u, 2u, 2u, 2u)).output(1024, 32);
  CHECK(file.run_floats({1, 2, 3, 4, 5, 6, 7, 8}) == Floats{1, 5, 2, 6, 3, 7, 4, 8});
}

TEST_CASE("resize_nearest_neighbor ignores align_corners") {
  const ByteList shape(2u, 1u, 2u, 3u, 2u, 1u);
  V3File file(4);
  ByteList body(0u, 1024u);
  file.layer(kResize, body.put_all(shape.bytes())).output(1024, 48);
  CHECK(file.run_floats({1, 2, 3, 4}) == Floats{1, 1, 2, 1, 1, 2, 3, 3, 4, 3, 3, 4});
  V3File codes = with_codes(4);
  ByteList code_body(512u, 1024u);
  codes.layer(kQuantizedResize, code_body.put_all(shape.bytes())).output(1024, 12);
  CHECK(codes.run({1, 2, 3, 4}) == Bytes{1, 1, 2, 1, 1, 2, 3, 3, 4, 3, 3, 4});
}

TEST_CASE("logistic") {
  V3File file(2);
  file.layer(kLogistic, ByteList(0u, 1024u, 2u)).output(1024, 8);
  CHECK(file.run_floats({0, 2}).at(0) == 0.5f);
  CHECK(file.run_floats({0, 2}).at(1) == Approx(1 / (1 + std::exp(-2.0))));
}

TEST_CASE("remove_padding keeps one of sixteen") {
  Floats in(48);
  for (std::size_t i = 0; i < in.size(); ++i) {
    in[i] = static_cast<float>(i);
  }
  V3File file(48);
  file.layer(kQuantize, ByteList(0u, 512u, 48u, 1.0f, 0.0f));
  file.layer(kRemovePadding, ByteList(512u, 1024u, 3u)).output(1024, 3);
  CHECK(file.run(in) == Bytes{0, 16, 32});
}

TEST_CASE("add_padding and upload write to AI RAM") {
  V3File file = with_codes(6);
  file.layer(kAddPadding, ByteList(512u, 100u, 6u));
  file.layer(kUpload, ByteList(512u, 200u, 3u, 1u, 2u)).output(512, 6);
  const auto model = kpu::golden::load_model(file.bytes());
  kpu::golden::GoldenBackend backend;
  const ByteList input(1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f);
  kpu::golden::run_network(*model, {input.bytes()}, backend);
  const auto byte_at = [&](std::size_t address) {
    Bytes byte(1);
    backend.read_ram(address, byte);
    return byte[0];
  };
  CHECK(byte_at(100 * 64) == 1);
  CHECK(byte_at(100 * 64 + 48) == 4);
  CHECK(byte_at(100 * 64 + 256) == 5);
  CHECK(byte_at(200 * 64 + 2) == 3);
  CHECK(byte_at(200 * 64 + 16) == 4);
}
