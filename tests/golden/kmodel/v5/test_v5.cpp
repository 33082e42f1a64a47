// SPDX-License-Identifier: Apache-2.0
//
// kmodel v5: the numbering of tensor functions against the published table, the stack machine's
// scalar instructions, every tensor function with numbers worked out by hand, a call of the k210
// module, and what is said of functions that are not implemented. Numbering here is that
// of 1.0.0-rc1.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "common/bits.h"
#include "common/error.h"
#include "golden/kmodel/v5/isa.h"
#include "tests/golden/kmodel/v5/v5_conv_file.h"
#include "tests/golden/kmodel/v5/v5_file.h"
#include "tests/support/catch2.h"

using namespace kpu::golden;
using kpu::test::ByteList;
using kpu::test::contains_text;
using kpu::test::StackText;
using kpu::test::v5_conv_file;
using kpu::test::V5File;

using Bytes = std::vector<std::uint8_t>;
using Floats = std::vector<float>;

namespace {

constexpr std::uint8_t kU8 = V5File::kUint8, kF32 = V5File::kFloat;
constexpr int kBinary = 0x01, kBroadcast = 0x02, kConv2d = 0x05, kConvert = 0x07, kCopy = 0x08,
              kDequantize = 0x09, kLut1d = 0x0D, kPad = 0x10, kQuantize = 0x11, kReduce = 0x12,
              kReduceWindow = 0x13, kResize = 0x14, kSlice = 0x15, kTranspose = 0x19, kUnary = 0x1A;
constexpr int kRandomNormal = 0x14;  // of 1.1.0
const float kInf = std::numeric_limits<float>::infinity();

/// A program from `in` floats to `out` floats.
V5File floats_file(std::uint32_t in, std::uint32_t out, const StackText& text) {
  V5File file(kF32, 4 * in, kF32, 4 * out);
  return file.text(text);
}

V5File codes_file(std::uint32_t in, std::uint32_t out, const StackText& text) {
  V5File file(kU8, in, kU8, out);
  return file.text(text);
}

/// A program that stores one number at the output's start; `type` 0x12 integer, 0x15 float.
template <class Compute>
std::vector<std::uint8_t> stored(int opcode, Compute compute) {
  StackText text;
  text.buffer(1, 0);
  compute(text);
  text.op(opcode).op(0x59);
  return codes_file(4, 4, text).run_bytes(Bytes{1, 2, 0xF0, 0xFF});
}

template <class Compute>
std::int32_t integer(Compute compute) {
  return kpu::load_le<std::int32_t>(stored(0x12, compute), 0);
}

template <class Compute>
float real(Compute compute) {
  return kpu::load_le<float>(stored(0x15, compute), 0);
}

/// Two integers and an opcode.
std::int32_t arithmetic(std::int32_t a, std::int32_t b, int opcode) {
  return integer([&](StackText& t) { t.integer(a).integer(b).op(opcode); });
}

}  // namespace

TEST_CASE("tensor-function numbers of each release") {
  struct Expected {
    const char* release;
    std::size_t quantize, slice, unary, reduce, dequantize;
  };
  for (const Expected& e : {Expected{"1.0.0-beta2", 0x11, 0x15, 0x1A, 0x12, 0x09},
                            {"1.0.0-rc1", 0x11, 0x15, 0x1A, 0x12, 0x09},
                            {"1.0.0", 0x13, 0x18, 0x1D, 0x14, 0x0A},
                            {"1.1.0", 0x13, 0x1B, 0x21, 0x16, 0x0A},
                            {"1.2.0", 0x13, 0x1D, 0x25, 0x16, 0x0A},
                            {"1.3.0", 0x14, 0x1E, 0x26, 0x17, 0x0A},
                            {"1.4.0", 0x14, 0x1E, 0x26, 0x17, 0x0A},
                            {"1.6.0", 0x14, 0x1E, 0x26, 0x17, 0x0B},
                            {"1.8.0", 0x14, 0x1E, 0x26, 0x17, 0x0B},
                            {"1.9.0", 0x14, 0x1E, 0x26, 0x17, 0x0B}}) {
    INFO(e.release);
    const v5::Numbering* found = nullptr;
    for (const v5::Numbering& numbering : v5::Numbering::all()) {
      found = numbering.release() == e.release ? &numbering : found;
    }
    REQUIRE(found != nullptr);
    CHECK(found->function(static_cast<std::uint16_t>(e.quantize)) == "quantize");
    CHECK(found->function(static_cast<std::uint16_t>(e.slice)) == "slice");
    CHECK(found->function(static_cast<std::uint16_t>(e.unary)) == "unary");
    CHECK(found->function(static_cast<std::uint16_t>(e.reduce)) == "reduce");
    CHECK(found->function(static_cast<std::uint16_t>(e.dequantize)) == "dequantize");
  }
  const v5::Numbering& last = v5::Numbering::all().back();
  CHECK(last.function(0x04) == "compare");
  CHECK(last.function(0x2B) == "gather_elements");
  CHECK(last.function(0x2C).empty());
  CHECK(last.unary(9) == UnaryOp::kRound);
  CHECK(last.unary(11) == UnaryOp::kSign);
  CHECK(v5::Numbering::all().front().unary(1) == UnaryOp::kCeil);
  CHECK_THROWS_AS(last.unary(99), kpu::Error);
}

TEST_CASE("stack machine: integer arithmetic") {
  CHECK(arithmetic(7, 5, 0x34) == 12);
  CHECK(arithmetic(7, 5, 0x35) == 2);
  CHECK(arithmetic(-7, 5, 0x36) == -35);
  CHECK(arithmetic(-7, 5, 0x37) == -1);
  CHECK(arithmetic(-7, 5, 0x39) == -2);
  CHECK(arithmetic(7, 2, 0x38) == 3);
  CHECK(arithmetic(7, 2, 0x3A) == 1);
  CHECK(arithmetic(6, 3, 0x3B) == 2);
  CHECK(arithmetic(6, 3, 0x3C) == 7);
  CHECK(arithmetic(6, 3, 0x3D) == 5);
  CHECK(arithmetic(6, 3, 0x3F) == 48);
  CHECK(arithmetic(-8, 1, 0x40) == -4);
  CHECK(arithmetic(8, 1, 0x41) == 4);
  CHECK(integer([](StackText& t) { t.integer(5).op(0x33); }) == -5);
  CHECK(integer([](StackText& t) { t.integer(5).op(0x3E); }) == ~5);
  CHECK_THROWS_WITH(arithmetic(1, 0, 0x37), contains_text("division by zero"));
}

TEST_CASE("stack machine: comparisons, stack, conversions") {
  const int results[][4] = {{-1, 1, 0x42, 1}, {-1, 1, 0x43, 0}, {1, 1, 0x44, 1},  {-1, 1, 0x45, 0},
                            {1, 1, 0x46, 1},  {1, 1, 0x47, 1},  {-1, 1, 0x48, 1}, {-1, 1, 0x49, 0},
                            {-1, 1, 0x4A, 1}, {1, 1, 0x4B, 0}};
  for (const auto& [a, b, opcode, expected] : results) {
    CAPTURE(a, b, opcode);
    CHECK(arithmetic(a, b, opcode) == expected);
  }
  CHECK(integer([](StackText& t) { t.op(0x04).op(0x2F).op(0x34); }) == 2);
  CHECK(integer([](StackText& t) { t.op(0x03).op(0x04).op(0x30); }) == 0);
  CHECK(integer([](StackText& t) { t.integer(0x1FF).op(0x4C); }) == -1);
  CHECK(integer([](StackText& t) { t.integer(-1).op(0x50); }) == 255);
  CHECK(integer([](StackText& t) { t.real(-2.75f).op(0x4E); }) == -2);
  CHECK(real([](StackText& t) { t.integer(3).op(0x55).real(0.5f).op(0x36); }) == 1.5f);
  CHECK(real([](StackText& t) { t.real(1).real(4).op(0x37).op(0x33); }) == -0.25f);
  CHECK(real([](StackText& t) { t.real(1.00390625f).op(0x54); }) == 1.0f);
}

TEST_CASE("stack machine: loads and branches") {
  CHECK(integer([](StackText& t) { t.buffer(0, 2).op(0x06); }) == -16);
  CHECK(integer([](StackText& t) { t.buffer(0, 2).op(0x0A); }) == 0xF0);
  CHECK(integer([](StackText& t) { t.buffer(0, 0).op(0x0B); }) == 0x0201);
  CHECK(integer([](StackText& t) { t.buffer(0, 0).integer(1).op(0x19); }) == -16);
  // Branch over one of two stores.
  const auto branch = [](int opcode, int condition) {
    StackText t;
    t.buffer(1, 0).integer(1).op(0x12);
    t.integer(condition).op(opcode).raw(std::int32_t{7 + 5 + 1});
    t.buffer(1, 0).integer(2).op(0x12).op(0x59);
    return kpu::load_le<std::int32_t>(codes_file(4, 4, t).run_bytes(Bytes(4)), 0);
  };
  CHECK(branch(0x57, 1) == 1);
  CHECK(branch(0x57, 0) == 2);
  CHECK(branch(0x58, 0) == 1);
}

TEST_CASE("stack machine: what is not allowed is named with its place") {
  const auto error = [](const StackText& text) {
    try {
      codes_file(4, 4, text).run_bytes(Bytes(4));
    } catch (const kpu::Error& e) {
      return std::string(e.what());
    }
    return std::string("ran");
  };
  CHECK_THAT(error(StackText().op(0x30)), contains_text("offset 0: stack: empty"));
  CHECK_THAT(error(StackText().op(0x00).integer(5).op(0x06)), contains_text("offset 6: address"));
  CHECK_THAT(error(StackText().buffer(0, 1).op(0x08)), contains_text("4 bytes at offset 1"));
  CHECK_THAT(error(StackText().buffer(9, 1)), contains_text("location=9"));
  CHECK_THAT(error(StackText().op(0x5C)), contains_text("opcode 0x5c"));
  CHECK_THAT(error(StackText().op(0x56).raw(std::int32_t{99})), contains_text("branch to 104"));
  CHECK_THAT(error(StackText().op(0x56).raw(std::int32_t{-5})), contains_text("no end after"));
}

TEST_CASE("v5 quantize and dequantize by profile") {
  StackText text;
  text.shape(0, {3}).shape(1, {1});
  text.buffer(0, 0).buffer(1, 0).real(2).real(10).tensor(kQuantize, 9, 4, 0, 1, 1);
  V5File file(kF32, 12, kU8, 3);
  file.text(text);
  const auto input = ByteList().put_all(Floats{0.25f, 1, 0.25f});
  CHECK(file.run_bytes(input.bytes()) == Bytes{10, 12, 10});
  CHECK(file.run_bytes(input.bytes(), profile_by_name("device")) == Bytes{10, 12, 11});

  StackText back;
  back.shape(0, {2}).shape(1, {1});
  back.buffer(0, 0).buffer(1, 0).real(0.1f).real(-0.3f).tensor(kDequantize, 4, 9, 0, 1, 1);
  V5File codes(kU8, 2, kF32, 8);
  codes.text(back);
  CHECK(codes.run(Bytes{3, 0}) == Floats{3 * 0.1f - 0.3f, -0.3f});
  CHECK(codes.run(Bytes{3, 0}, profile_by_name("device")).at(0) == std::fma(3.0f, 0.1f, -0.3f));
}

TEST_CASE("v5 binary broadcasts from read-only data") {
  StackText text;
  text.shape(0, {2, 2}).shape(1, {2, 1}).shape(2, {2, 1}).shape(3, {1, 0});
  text.buffer(0, 0).buffer(2, 0).buffer(1, 0);
  text.tensor(kBinary, 9, 0, 1, 2, 3, 1, 1, -kInf, 100.0f);
  V5File file = floats_file(4, 4, text);
  file.rdata(ByteList(10.0f, -90.0f));
  CHECK(file.run(Floats{11, 12, 13, 14}) == Floats{1, 2, 100, 100});
}

TEST_CASE("v5 unary, with the operations as rc1 numbers them") {
  const auto run = [](int op, float x) {
    StackText text;
    text.shape(0, {1}).shape(1, {1});
    text.buffer(0, 0).buffer(1, 0).tensor(kUnary, 9, 0, 1, 1, op);
    return floats_file(1, 1, text).run(Floats{x}).at(0);
  };
  CHECK(run(0, -3) == 3);
  CHECK(run(1, 1) == 0);
  CHECK(run(2, 0) == 0);
  CHECK(run(9, 2.5f) == 2);
  CHECK(run(10, 4) == 0.5f);
  CHECK(run(12, 9) == 3);
  CHECK(run(13, 3) == 9);
  CHECK(run(14, 0) == 0);
}

TEST_CASE("v5 functions that move elements") {
  const auto run = [](const StackText& text, std::uint32_t in, std::uint32_t out) {
    Bytes input(in);
    for (std::size_t i = 0; i < in; ++i) {
      input[i] = static_cast<std::uint8_t>(i + 1);
    }
    return codes_file(in, out, text).run_bytes(input);
  };
  StackText copy;  // a column of a 2x3 tensor, to the other end of the output
  copy.shape(0, {2, 1}).shape(1, {3, 0}).shape(2, {2, 5});
  copy.buffer(0, 1).buffer(1, 0).tensor(kCopy, 4, 0, 1, 2);
  CHECK(run(copy, 6, 3) == Bytes{2, 0, 5});

  StackText transpose;
  transpose.shape(0, {2, 3}).shape(1, {3, 1}).shape(2, {2, 1}).shape(3, {1, 0});
  transpose.buffer(0, 0).buffer(1, 0).tensor(kTranspose, 4, 0, 1, 2, 3);
  CHECK(run(transpose, 6, 6) == Bytes{1, 4, 2, 5, 3, 6});

  StackText slice;
  slice.shape(0, {6}).shape(1, {1}).shape(2, {5}).shape(3, {0}).shape(4, {-2});
  slice.buffer(0, 0).buffer(1, 0).tensor(kSlice, 4, 0, 1, 1, 2, 3, 4);
  CHECK(run(slice, 6, 3) == Bytes{6, 4, 2});

  StackText broadcast;
  broadcast.shape(0, {2, 1}).shape(1, {1, 0}).shape(2, {2, 2}).shape(3, {2, 1});
  broadcast.buffer(0, 0).buffer(1, 0).tensor(kBroadcast, 4, 0, 1, 2, 3);
  CHECK(run(broadcast, 2, 4) == Bytes{1, 1, 2, 2});

  StackText pad;
  pad.shape(0, {2}).shape(1, {1}).integer(1).integer(2).paddings(5, 1);
  pad.buffer(0, 0).buffer(1, 0).integer(9).tensor(kPad, 4, 0, 1, 1, 5, 0);
  CHECK(run(pad, 2, 5) == Bytes{9, 1, 2, 9, 9});

  StackText resize;
  resize.shape(0, {1, 1, 1, 2}).shape(1, {2, 2, 2, 1}).shape(2, {4, 4, 4, 1});
  resize.integer(1).integer(4).buffer(0, 0).buffer(1, 0).tensor(kResize, 4, 0, 1, 2, 0, 0, 0);
  CHECK(run(resize, 2, 4) == Bytes{1, 2, 2, 2});  // 1.5 is rounded here
  StackText half;
  half.shape(0, {1, 1, 1, 4}).shape(1, {4, 4, 4, 1}).shape(2, {2, 2, 2, 1});
  half.integer(1).integer(2).buffer(0, 0).buffer(1, 0).tensor(kResize, 4, 0, 1, 2, 0, 1, 1);
  CHECK(run(half, 4, 2) == Bytes{2, 4});

  StackText lut;
  lut.shape(0, {2}).shape(1, {1});
  lut.buffer(0, 0).buffer(2, 0).buffer(1, 0).integer(0).integer(255);
  lut.tensor(kLut1d, 4, 0, 1, 1, std::uint16_t{256});
  ByteList table;
  for (int i = 0; i < 256; ++i) {
    table.put(static_cast<std::uint8_t>(2 * i));
  }
  V5File file = codes_file(2, 2, lut);
  file.rdata(table);
  CHECK(file.run_bytes(Bytes{3, 100}) == Bytes{6, 200});

  StackText convert;
  convert.shape(0, {2}).shape(1, {1});
  convert.buffer(0, 0).buffer(1, 0).tensor(kConvert, 4, 9, 0, 1, 1);
  V5File widened(kU8, 2, kF32, 8);
  CHECK(widened.text(convert).run(Bytes{0, 200}) == Floats{0, 200});
}

TEST_CASE("v5 reduce, with and without the reduced axes") {
  for (int keep : {0, 1}) {
    StackText text;
    text.shape(0, {2, 3}).shape(1, {3, 1}).shape(3, {-1});
    text.shape(2, keep ? std::vector<std::int32_t>{1, 0} : std::vector<std::int32_t>{1});
    text.buffer(0, 0).buffer(1, 0).real(0).tensor(kReduce, 9, 0, 1, 2, 3, 3, keep);
    CHECK(floats_file(6, 2, text).run(Floats{1, 2, 3, 4, 5, 6}) == Floats{6, 15});
  }
}

TEST_CASE("v5 conv2d and reduce_window2d") {
  const auto window = [](StackText& t) { t.integer(0).integer(0).integer(1).integer(0); };
  const std::uint16_t one = 1;
  StackText pool;
  pool.shape(0, {1, 1, 1, 3}).shape(1, {3, 3, 3, 1});
  pool.buffer(0, 0).real(-kInf).buffer(1, 0);
  window(pool);
  pool.tensor(kReduceWindow, 9, 2, 0, 1, 1, one, std::uint16_t{2}, one, one, one, one, -kInf, kInf);
  CHECK(floats_file(3, 3, pool).run(Floats{5, 1, 7}) == Floats{5, 5, 7});

  StackText conv;
  conv.shape(0, {1, 1, 1, 3}).shape(1, {3, 3, 3, 1}).shape(2, {1, 1, 1, 2}).shape(3, {2, 2, 2, 1});
  conv.shape(4, {1}).buffer(0, 0).buffer(2, 0).buffer(2, 8).buffer(1, 0);
  window(conv);
  conv.tensor(kConv2d, 9, 0, 1, 2, 3, 4, 1, one, one, one, one, one, -kInf, kInf);
  V5File file = floats_file(3, 3, conv);
  file.rdata(ByteList(1.0f, 10.0f, 0.5f));
  CHECK(file.run(Floats{1, 2, 3}) == Floats{10.5f, 21.5f, 32.5f});
}

TEST_CASE("v5 calls the k210 module") {
  // Upload, a 1x1 layer that doubles, download; once with the output also sent to main memory.
  for (bool to_main : {false, true}) {
    CAPTURE(to_main);
    const V5File file = v5_conv_file(to_main);
    CHECK(file.run_bytes(Bytes{1, 2, 3, 4, 5, 200}) == Bytes{2, 4, 6, 8, 10, 255});

    const auto model = load_model(file.bytes());
    CHECK(model->info().kpu_layer_count() == 1);
    CHECK_THAT(model->info().variant, contains_text("1.0.0-rc1"));
    CHECK(model->info().layers.at(0).type == "call");
    RunOptions options;
    options.max_kpu_layers = 0;
    GoldenBackend backend;
    CHECK(run_network(*model, {Bytes(6)}, backend, options).outputs.empty());
  }
}

TEST_CASE("v5 functions that are missing are named before anything runs") {
  // random_normal of 1.1.0, a function that nothing here computes.
  StackText text;
  text.shape(0, {1}).shape(1, {1}).buffer(1, 0);
  text.tensor(kRandomNormal, 9, 0, 3.0f, 0.5f, 1.0f);
  V5File file = floats_file(1, 1, text);
  file.release("1.1.0");
  LoadOptions options;
  options.v5_numbering = "1.1.0";
  const auto model = load_model(file.bytes(), options);
  CHECK(model->info().layers.at(0).type == "random_normal");
  CHECK_THAT(model->info().missing, contains_text("not implemented: random_normal datatype=9"));
  CHECK_THROWS_WITH(
      file.run_bytes(Bytes(4)),
      contains_text("network: not implemented: random_normal") && contains_text("mean=3"));

  // A function that is known, on a type that it is not implemented for: listed, too.
  StackText binary;
  binary.shape(0, {1}).shape(1, {1}).buffer(0, 0).buffer(0, 0).buffer(1, 0);
  binary.tensor(kBinary, 1, 0, 1, 0, 1, 1, 0, -kInf, kInf);
  const auto other = load_model(floats_file(1, 1, binary).bytes());
  CHECK(other->info().layers.at(0).type == "binary");
  CHECK_THAT(other->info().missing,
             contains_text("not implemented: binary for int16: binary datatype=1") &&
                 contains_text("at text offset"));
}

TEST_CASE("KPU layers are listed in full beside functions that are missing") {
  // random_normal of 1.1.0, a call of the k210 module, a call of a module that is not there.
  StackText text;
  text.tensor(kRandomNormal, 4, 0, 0.0f, 1.0f, 0.0f).tensor(0x03, 0u, std::uint16_t{1}, 1, 1);
  text.tensor(0x03, 0u, std::uint16_t{7}, 1, 1);
  LoadOptions options;
  options.v5_numbering = "1.1.0";
  const auto model = load_model(v5_conv_file(false).text(text).bytes(), options);
  CHECK_THAT(model->info().missing, contains_text("not implemented: random_normal"));
  std::vector<std::string> types;
  for (const LayerInfo& layer : model->info().layers) {
    CHECK(layer.index == types.size());
    types.push_back(layer.type);
  }
  CHECK(types == std::vector<std::string>{"random_normal", "call", "kpu_upload", "kpu_conv2d",
                                          "kpu_download", "call"});
  const LayerInfo& conv = model->info().layers.at(3);
  REQUIRE(conv.kpu);
  CHECK(conv.kpu->args.in_width == 3);
  CHECK(conv.in == "1x2x3");
  CHECK(model->info().kpu_layer_count() == 1);
}

TEST_CASE("v5 listings name operations and types") {
  const auto detail = [](const StackText& text) {
    return load_model(floats_file(4, 4, text).bytes())->info().layers.at(0).detail;
  };
  StackText binary;
  binary.shape(0, {4}).shape(1, {1}).buffer(0, 0).buffer(0, 0).buffer(1, 0);
  binary.tensor(kBinary, 9, 0, 1, 0, 1, 1, 3, -kInf, 6.0f);
  CHECK(detail(binary) == "float32 div fused_clamp_high=6");
  StackText quantize;
  quantize.shape(0, {4}).shape(1, {1}).buffer(0, 0).buffer(1, 0).real(1).real(0);
  quantize.tensor(kQuantize, 9, 4, 0, 1, 1);
  CHECK(detail(quantize) == "float32 to uint8");
  StackText resize;
  resize.shape(0, {1, 1, 2, 2}).shape(1, {4, 4, 2, 1}).integer(1).integer(4);
  resize.buffer(0, 0).buffer(1, 0).tensor(kResize, 9, 0, 1, 1, 0, 1, 1);
  CHECK(detail(resize) == "float32 half_pixel_centers=1 nearest");
}

TEST_CASE("v5 numbering can be forced") {
  StackText text;
  text.shape(0, {1}).shape(1, {1});
  text.buffer(0, 0).buffer(1, 0).tensor(kCopy, 4, 0, 1, 1);
  const Bytes file = codes_file(1, 1, text).bytes();
  LoadOptions options;
  options.v5_numbering = "1.4.0";
  CHECK_THAT(load_model(file, options)->info().variant, contains_text("as in 1.4.0"));
  options.v5_numbering = "1.9.0";
  CHECK_THROWS_WITH(load_model(file, options), contains_text("does not decode"));
  options.v5_numbering = "7";
  CHECK_THROWS_WITH(load_model(file, options), contains_text("expected a release from"));
}
