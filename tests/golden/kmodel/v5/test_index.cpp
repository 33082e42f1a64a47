// SPDX-License-Identifier: Apache-2.0
//
// The v5 tensor functions that pick by index, look for one, compare, choose, move blocks and
// convert, each with numbers worked out by hand, and what is said of indices and shapes that do not
// fit. Numbering here is that of 1.9.0 unless a test says otherwise.
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "common/error.h"
#include "tests/golden/kmodel/v5/v5_file.h"
#include "tests/support/catch2.h"

using namespace kpu::golden;
using kpu::test::ByteList;
using kpu::test::contains_text;
using kpu::test::StackText;
using kpu::test::V5File;

using Bytes = std::vector<std::uint8_t>;
using Floats = std::vector<float>;
using Ints = std::vector<std::int32_t>;

namespace {

constexpr std::uint8_t kU8 = V5File::kUint8;
constexpr int kBatchToSpace = 0x00, kCompare = 0x04, kConvert = 0x08, kGather = 0x0C,
              kGatherNd = 0x0D, kHardmax = 0x0E, kMatmul = 0x11, kOnehot = 0x12, kReduceArg = 0x18,
              kReduceProd = 0x19, kSigmoid = 0x1D, kSoftmax = 0x1F, kSpaceToBatch = 0x20,
              kTernary = 0x22, kTopk = 0x23;
const float kInf = std::numeric_limits<float>::infinity();

/// Runs a program on the bytes of `input`; gives its output as numbers.
template <class Out, class In>
std::vector<Out> run(const StackText& text, const std::vector<In>& input, std::size_t outputs,
                     const Bytes& rdata = {}, const char* release = "1.9.0") {
  const Bytes bytes = ByteList().put_all(input).bytes();
  V5File file(kU8, static_cast<std::uint32_t>(bytes.size()), kU8,
              static_cast<std::uint32_t>(outputs * sizeof(Out)));
  const Bytes raw =
      file.text(text).rdata(ByteList().put_all(rdata)).release(release).run_bytes(bytes);
  std::vector<Out> values(outputs);
  std::memcpy(values.data(), raw.data(), raw.size());
  return values;
}

/// gather on axis 1 of a 2x3 tensor with indices of the given shape.
Bytes gather_columns(const Ints& indices, const Ints& shape, const Ints& out_shape) {
  StackText text;
  text.shape(0, {2, 3}).shape(1, out_shape).shape(2, {3, 1}).shape(4, shape);
  Ints strides(out_shape.size(), 1);
  for (std::size_t i = strides.size(); i-- > 1;) {
    strides[i - 1] = strides[i] * out_shape[i];
  }
  text.shape(3, strides).buffer(0, 0).buffer(1, 0).buffer(2, 0);
  text.tensor(kGather, 4, 0, 1, 2, 3, 4, 1);
  return run<std::uint8_t>(text, Bytes{1, 2, 3, 4, 5, 6}, 2 * indices.size(),
                           ByteList().put_all(indices).bytes());
}

}  // namespace

TEST_CASE("v5 gather") {
  CHECK(gather_columns({2, 0}, {2}, {2, 2}) == Bytes{3, 1, 6, 4});
  CHECK(gather_columns({1, 1, 0, 2}, {2, 2}, {2, 2, 2}) == Bytes{2, 2, 1, 3, 5, 5, 4, 6});
  CHECK_THROWS_WITH(gather_columns({3}, {1}, {2, 1}), contains_text("index 3: expected 0 to 2"));
  CHECK_THROWS_WITH(gather_columns({-1}, {1}, {2, 1}), contains_text("index -1"));
  CHECK_THROWS_WITH(gather_columns({0}, {1}, {1, 2}),
                    contains_text("gather: output of shape 1x2, expected 2x1"));
}

TEST_CASE("v5 gather_nd, with and without batches") {
  const auto nd = [](int batch_dims, const Ints& indices, const Ints& shape, const Ints& out,
                     std::size_t count) {
    StackText text;
    text.shape(0, {2, 3}).shape(1, out).shape(2, {3, 1}).shape(4, shape);
    text.shape(3, out.size() == 1 ? Ints{1} : Ints{out[1], 1});
    text.buffer(0, 0).buffer(1, 0).buffer(2, 0);
    text.tensor(kGatherNd, 4, 0, 1, 2, 3, 4, batch_dims);
    return run<std::uint8_t>(text, Bytes{1, 2, 3, 4, 5, 6}, count,
                             ByteList().put_all(indices).bytes());
  };
  CHECK(nd(0, {1, 2, 0, 1}, {2, 2}, {2}, 2) == Bytes{6, 2});
  CHECK(nd(0, {1}, {1, 1}, {1, 3}, 3) == Bytes{4, 5, 6});
  CHECK(nd(1, {2, 0}, {2, 1}, {2}, 2) == Bytes{3, 4});
  CHECK(nd(0, {1, 1}, {2}, {1}, 1) == Bytes{5});
  CHECK_THROWS_WITH(nd(2, {0}, {1}, {1}, 1), contains_text("batch_dims=2"));
  CHECK_THROWS_WITH(nd(0, {2, 0}, {1, 2}, {1}, 1), contains_text("index 2"));
}

TEST_CASE("v5 onehot") {
  const auto hot = [](const Ints& indices, int axis, int mode) {
    StackText text;
    text.shape(0, {2}).shape(1, axis == 0 ? Ints{3, 2} : Ints{2, 3});
    text.shape(2, axis == 0 ? Ints{2, 1} : Ints{3, 1});
    text.buffer(2, 0).buffer(2, 8).buffer(2, 9).buffer(2, 10).buffer(1, 0);
    text.tensor(kOnehot, 4, 0, 1, 2, axis, mode);
    ByteList rdata;
    rdata.put_all(indices).put(std::uint8_t{3}).put(std::uint8_t{7}).put(std::uint8_t{1});
    return run<std::uint8_t>(text, Bytes(1), 6, rdata.bytes());
  };
  CHECK(hot({2, 0}, 1, 0) == Bytes{1, 1, 7, 7, 1, 1});
  CHECK(hot({2, 0}, 0, 0) == Bytes{1, 7, 1, 1, 7, 1});
  CHECK(hot({-1, 5}, 1, 0) == Bytes{1, 1, 1, 1, 1, 1});
  CHECK(hot({-1, 5}, 1, 1) == Bytes{1, 1, 7, 1, 1, 1});
}

TEST_CASE("v5 topk: order, ties, axis") {
  const auto top = [](const Floats& in, int k, bool largest, int sorted = 1) {
    StackText text;
    text.shape(0, {static_cast<std::int32_t>(in.size())}).shape(1, {1}).shape(2, {k});
    text.buffer(0, 0).buffer(1, 0).buffer(1, 16);
    text.tensor(kTopk, 9, 0, 1, 2, 1, 2, 1, std::int64_t{k}, 0xFFFFFFFFu, largest, sorted);
    const Bytes out = run<std::uint8_t>(text, in, 16 + 8 * static_cast<std::size_t>(k));
    Floats values(static_cast<std::size_t>(k));
    std::memcpy(values.data(), out.data(), 4 * values.size());
    for (int i = 0; i < k; ++i) {
      values.push_back(out[16 + 8 * static_cast<std::size_t>(i)]);
    }
    return values;
  };
  CHECK(top({3, 9, 1, 5}, 2, true) == Floats{9, 5, 1, 3});
  CHECK(top({3, 9, 1, 5}, 3, false) == Floats{1, 3, 5, 2, 0, 3});
  // Equal values: larger indices first when looking for the largest; one that is as good as the
  // worst kept does not replace it, but a better one replaces the smallest index of the worst.
  CHECK(top({5, 5, 5}, 2, true) == Floats{5, 5, 1, 0});
  CHECK(top({5, 5, 6}, 2, true) == Floats{6, 5, 2, 1});
  CHECK(top({5, 5, 5}, 2, false) == Floats{5, 5, 0, 1});
  CHECK_THROWS_WITH(top({1, 2}, 3, true), contains_text("topk: k=3, expected 1 to 2"));
  CHECK_THROWS_WITH(top({1, 2}, 1, true, 0),
                    contains_text("not implemented: topk without sorting"));
}

TEST_CASE("v5 reduce_arg and hardmax") {
  const auto arg = [](const Floats& in, int op, int last) {
    StackText text;
    text.shape(0, {2, 3}).shape(1, {3, 1}).shape(2, {1}).shape(3, {1});
    text.buffer(0, 0).buffer(1, 0).tensor(kReduceArg, 9, 0, 1, 2, 2, op, 3, 0, last);
    return run<std::int32_t>(text, in, 2);
  };
  CHECK(arg({1, 7, 7, 4, 0, -1}, 1, 0) == Ints{1, 0});
  CHECK(arg({1, 7, 7, 4, 0, -1}, 1, 1) == Ints{2, 0});
  CHECK(arg({1, 7, 7, 4, 0, -1}, 0, 0) == Ints{0, 2});
  // Less than a millionth apart counts as equal.
  CHECK(arg({0.5f, 0.50000006f, 0, 0.50000006f, 0.5f, 0}, 1, 1) == Ints{1, 1});

  StackText hard;
  hard.shape(0, {2, 2}).shape(1, {2, 1}).buffer(0, 0).buffer(1, 0);
  hard.tensor(kHardmax, 9, 0, 1, 1u);
  CHECK(run<float>(hard, Floats{1, 3, -1, -2}, 4) == Floats{0, 1, 0, 0});
}

TEST_CASE("v5 comparisons and ternary broadcast") {
  for (const auto& [op, expected] : {std::pair{0, Bytes{0, 1, 0}},
                                     {1, Bytes{1, 0, 1}},
                                     {2, Bytes{0, 0, 1}},
                                     {3, Bytes{0, 1, 1}},
                                     {4, Bytes{1, 0, 0}},
                                     {5, Bytes{1, 1, 0}}}) {
    CAPTURE(op);
    StackText text;
    text.shape(0, {3}).shape(1, {1}).shape(2, {1}).shape(3, {0});
    text.buffer(0, 0).buffer(0, 12).buffer(1, 0);
    text.tensor(kCompare, 9, 0, 1, 2, 3, 0, 1, op);
    CHECK(run<std::uint8_t>(text, Floats{1, 2, 3, 2}, 3) == expected);
  }
  StackText equal;  // the function of 1.3 to 1.5
  equal.shape(0, {2}).shape(1, {1}).buffer(0, 0).buffer(0, 2).buffer(1, 0);
  equal.tensor(0x0B, 4, 0, 1, 0, 1, 1);
  CHECK(run<std::uint8_t>(equal, Bytes{4, 5, 4, 6}, 2, {}, "1.4.0") == Bytes{1, 0});

  StackText text;
  text.shape(0, {2, 1}).shape(1, {1, 0}).shape(2, {2}).shape(3, {1}).shape(4, {1}).shape(5, {0});
  text.shape(6, {2, 1}).buffer(0, 0).buffer(0, 8).buffer(0, 16).buffer(1, 0);
  text.tensor(kTernary, 9, 0, 1, 2, 3, 4, 5, 6);
  CHECK(run<float>(text, Floats{1, 0, 10, 20, 5}, 4) == Floats{10, 20, 5, 5});
}

TEST_CASE("v5 space_to_batch and back") {
  // A 2x3 image, one column of zeros in front: blocks of 1x2 make two batches of 2x2.
  StackText there;
  there.shape(0, {1, 1, 2, 3}).shape(1, {6, 6, 3, 1}).shape(2, {4, 4, 2, 1}).shape(3, {1, 2});
  there.integer(0).integer(0).integer(0).integer(1).integer(0).integer(0).paddings(4, 2);
  there.buffer(0, 0).buffer(1, 0).tensor(kSpaceToBatch, 4, 0, 1, 2, 3, 4);
  const Bytes image{1, 2, 3, 4, 5, 6};
  const Bytes blocks{0, 2, 0, 5, 1, 3, 4, 6};
  CHECK(run<std::uint8_t>(there, image, 8) == blocks);

  StackText back;
  back.shape(0, {2, 1, 2, 2}).shape(1, {4, 4, 2, 1}).shape(2, {6, 6, 3, 1}).shape(3, {1, 2});
  back.integer(0).integer(0).integer(0).integer(1).integer(0).integer(0).paddings(4, 2);
  back.buffer(0, 0).buffer(1, 0).tensor(kBatchToSpace, 4, 0, 1, 2, 3, 4);
  CHECK(run<std::uint8_t>(back, blocks, 6) == image);
}

TEST_CASE("v5 convert between number types") {
  const auto convert = [](int from, int to) {
    StackText text;
    text.shape(0, {3}).shape(1, {1}).buffer(0, 0).buffer(1, 0);
    return text.tensor(kConvert, from, to, 0, 1, 1);
  };
  constexpr int kInt8 = 0, kInt32 = 2, kInt64 = 3, kUint8 = 4, kFloat = 9, kHalf = 8;
  CHECK(run<std::int32_t>(convert(kFloat, kInt32), Floats{1.9f, -1.9f, 300}, 3) ==
        Ints{1, -1, 300});
  CHECK(run<std::uint8_t>(convert(kFloat, kUint8), Floats{300, NAN, -1}, 3) == Bytes{44, 0, 255});
  CHECK(run<float>(convert(kInt64, kFloat), std::vector<std::int64_t>{-5, 1 << 20, 0}, 3) ==
        Floats{-5, 1048576, 0});
  CHECK(run<std::int32_t>(convert(kInt8, kInt32), Bytes{255, 1, 128}, 3) == Ints{-1, 1, -128});
  CHECK_THROWS_WITH(run<float>(convert(kHalf, kFloat), Bytes(6), 3),
                    contains_text("not implemented: convert from float16 to float32"));
}

TEST_CASE("v5 softmax over any axis, sigmoid and reduce_prod of every release") {
  StackText text;
  text.shape(0, {2, 2}).shape(1, {2, 1}).buffer(0, 0).buffer(1, 0);
  text.tensor(kSoftmax, 9, 0, 1, 1, 0u, 1.0f);
  const Floats soft = run<float>(text, Floats{0, 1, 0, 1}, 4);
  CHECK(soft == Floats{0.5f, 0.5f, 0.5f, 0.5f});

  StackText sigmoid;
  sigmoid.shape(0, {1}).shape(1, {1}).buffer(0, 0).buffer(1, 0);
  StackText old = sigmoid;
  CHECK(run<float>(sigmoid.tensor(kSigmoid, 9, 0, 1, 1), Floats{0}, 1) == Floats{0.5f});
  CHECK(run<float>(old.tensor(0x1C, 9, 0, 1), Floats{0}, 1, {}, "1.2.0") == Floats{0.5f});

  StackText product;
  product.shape(0, {2, 2}).shape(1, {2, 1}).shape(2, {1}).shape(3, {1}).buffer(0, 0).buffer(1, 0);
  StackText untyped = product;
  const Floats in{2, 3, 4, 5};
  CHECK(run<float>(product.tensor(kReduceProd, 9, 0, 1, 2, 3, 0), in, 2) == Floats{6, 20});
  CHECK(run<float>(untyped.tensor(0x18, 0, 1, 2, 3, 0), in, 2, {}, "1.2.0") == Floats{6, 20});
}

TEST_CASE("v5 matmul: batches, and the layout of 1.3") {
  StackText text;  // two 1x2 matrices by one 2x1
  text.shape(0, {2, 1, 2}).shape(1, {2, 2, 1}).shape(2, {2, 1}).shape(3, {1, 1});
  text.shape(4, {2, 1, 1}).shape(5, {1, 1, 1});
  text.buffer(0, 0).buffer(0, 16).buffer(0, 24).buffer(1, 0);
  text.tensor(kMatmul, 0, 1, 2, 3, 4, 5, -kInf, 50.0f);
  CHECK(run<float>(text, Floats{1, 2, 3, 4, 10, 1, 0.5f}, 2) == Floats{12.5f, 34.5f});

  StackText old;
  old.shape(0, {1, 2}).shape(1, {2, 1}).buffer(0, 0).buffer(0, 8).buffer(0, 16).buffer(1, 0);
  old.tensor(0x11, 0, 1, -kInf, kInf);
  CHECK(run<float>(old, Floats{1, 2, 10, 1, 0.5f}, 1, {}, "1.3.0") == Floats{12.5f});
}
