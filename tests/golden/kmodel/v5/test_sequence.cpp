// SPDX-License-Identifier: Apache-2.0
//
// The v5 tensor functions that work along an axis, and those that pick by 64-bit indices or by
// diagonal, with the numbering of 1.9.0: each against the formula written out, in the order of
// operations that the vendor's simulator was measured to have.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/golden/kmodel/v5/v5_file.h"
#include "tests/support/catch2.h"

using namespace kpu::golden;
using kpu::test::ByteList;
using kpu::test::contains_text;
using kpu::test::StackText;
using kpu::test::V5File;

using Floats = std::vector<float>;

namespace {

constexpr int kCumsum = 0x0A, kTrilu = 0x25, kGru = 0x27, kLayerNorm = 0x29, kGatherElements = 0x2B;

V5File floats_file(std::uint32_t in, std::uint32_t out, const StackText& text) {
  V5File file(V5File::kFloat, 4 * in, V5File::kFloat, 4 * out);
  return file.text(text).release("1.9.0");
}

float logistic(float x) { return 1.0f / (1.0f + std::exp(-x)); }

}  // namespace

TEST_CASE("v5 cumsum along an axis, exclusive, from the end") {
  const auto run = [](std::int32_t axis, int exclusive, int reverse) {
    StackText text;
    text.shape(0, {2, 3}).buffer(0, 0).buffer(1, 0);
    text.tensor(kCumsum, 9, 0, static_cast<std::uint32_t>(axis), exclusive, reverse);
    return floats_file(6, 6, text).run(Floats{1, 2, 3, 4, 5, 6});
  };
  CHECK(run(1, 0, 0) == Floats{1, 3, 6, 4, 9, 15});
  CHECK(run(0, 0, 0) == Floats{1, 2, 3, 5, 7, 9});
  CHECK(run(1, 1, 0) == Floats{0, 1, 3, 0, 4, 9});
  CHECK(run(1, 0, 1) == Floats{6, 5, 3, 15, 11, 6});
  CHECK(run(-1, 1, 1) == Floats{5, 3, 0, 11, 6, 0});
  CHECK_THROWS_WITH(run(2, 0, 0), contains_text("cumsum: axis 2, expected one of 2"));

  StackText integers;
  integers.shape(0, {3}).buffer(0, 0).buffer(1, 0);
  integers.tensor(kCumsum, 2, 0, 0u, 0, 0);
  V5File file(2, 12, 2, 12);
  file.text(integers).release("1.9.0");
  CHECK(file.run_bytes(ByteList(0x7FFFFFFF, 1, 5).bytes()) ==
        ByteList(0x7FFFFFFF, -0x7FFFFFFF - 1, -0x7FFFFFFF + 4).bytes());
}

TEST_CASE("v5 layer_normalization sums what is already divided") {
  StackText text;
  text.shape(0, {2, 3}).buffer(0, 0).buffer(2, 0).buffer(2, 12).buffer(1, 0);
  text.tensor(kLayerNorm, 9, 0, 1u, 1e-5f);
  V5File file = floats_file(6, 6, text);
  const Floats scale = {1, 2, 0.5f};
  const Floats bias = {0, 0.1f, -1};
  file.rdata(ByteList().put_all(scale).put_all(bias));
  const Floats in = {0.1f, 0.7f, 1.3f, -5, 3, 2.2f};
  const Floats out = file.run(in);
  for (std::size_t row = 0; row < 2; ++row) {
    const float* x = &in[3 * row];
    const float mean = x[0] / 3.0f + x[1] / 3.0f + x[2] / 3.0f;
    const Floats centred = {x[0] - mean, x[1] - mean, x[2] - mean};
    float variance = 0;
    for (float value : centred) {
      variance += value * value / 3.0f;
    }
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(out[3 * row + i] == centred[i] / std::sqrt(variance + 1e-5f) * scale[i] + bias[i]);
    }
  }
}

TEST_CASE("v5 gru in each direction, with the reset gate before or behind the product") {
  // Two steps of one input; one hidden value; gates update, reset, hidden.
  const Floats w = {0.5f, -1, 2, 0.25f, 1, -2};
  const Floats r = {1, 0.5f, -0.75f, -1, 2, 0.5f};
  const Floats bias = {0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, -0.1f, -0.2f, 0.3f, 0.9f, -0.6f};
  const auto step = [&](std::size_t d, float x, float h, bool linear) {
    const float* wd = &w[3 * d];
    const float* rd = &r[3 * d];
    const float* b = &bias[6 * d];
    const float update = logistic((x * wd[0] + b[0]) + (h * rd[0] + b[3]));
    const float reset = logistic((x * wd[1] + b[1]) + (h * rd[1] + b[4]));
    const float recurrent = (linear ? h : reset * h) * rd[2] + b[5];
    const float hidden = std::tanh((x * wd[2] + b[2]) + (linear ? reset * recurrent : recurrent));
    return (1.0f - update) * hidden + update * h;
  };
  // Output [2][directions][1][1], then the last state of each direction.
  const auto run = [&](int direction, int directions, int linear) {
    StackText text;
    text.shape(0, {2, 1, 1}).shape(1, {directions, 3, 1});
    text.buffer(0, 0).buffer(2, 0).buffer(2, 24).buffer(2, 48).buffer(2, 96);
    text.buffer(1, 0).buffer(1, static_cast<std::uint32_t>(8 * directions));
    text.tensor(kGru, 0, 1, direction, linear);
    V5File file = floats_file(2, static_cast<std::uint32_t>(3 * directions), text);
    file.rdata(ByteList().put_all(w).put_all(r).put_all(bias).put(0.5f).put(-0.25f));
    return file.run(Floats{1.5f, -0.5f});
  };
  for (bool linear : {false, true}) {
    CAPTURE(linear);
    const float first = step(0, 1.5f, 0.5f, linear);
    const float second = step(0, -0.5f, first, linear);
    CHECK(run(0, 1, linear) == Floats{first, second, second});
    const float late = step(0, -0.5f, 0.5f, linear);
    const float early = step(0, 1.5f, late, linear);
    CHECK(run(1, 1, linear) == Floats{early, late, early});
    const float back_late = step(1, -0.5f, -0.25f, linear);
    const float back_early = step(1, 1.5f, back_late, linear);
    CHECK(run(2, 2, linear) == Floats{first, back_early, second, back_late, second, back_early});
  }
  CHECK_THROWS_WITH(run(2, 1, 0),
                    contains_text("gru: weights 1x3x1") && contains_text("direction=2"));
}

TEST_CASE("v5 gather_elements takes negative indices from the end") {
  StackText text;
  text.shape(0, {2, 3}).shape(1, {2, 2});
  text.buffer(0, 0).buffer(2, 0).buffer(1, 0).tensor(kGatherElements, 0, 1, 1u);
  V5File file = floats_file(6, 4, text);
  file.rdata(ByteList(std::int64_t{2}, std::int64_t{0}, std::int64_t{-1}, std::int64_t{-3}));
  CHECK(file.run(Floats{1, 2, 3, 4, 5, 6}) == Floats{3, 1, 6, 4});
  file.rdata(ByteList(std::int64_t{3}, std::int64_t{0}, std::int64_t{0}, std::int64_t{0}));
  CHECK_THROWS_WITH(file.run(Floats{1, 2, 3, 4, 5, 6}), contains_text("index 3: expected 0 to 2"));
}

TEST_CASE("v5 trilu keeps what lies above or below a diagonal") {
  const auto run = [](int upper, std::int64_t k) {
    StackText text;
    text.shape(0, {2, 3}).buffer(0, 0).buffer(1, 0).tensor(kTrilu, 9, 0, upper, k);
    return floats_file(6, 6, text).run(Floats{1, 2, 3, 4, 5, 6});
  };
  CHECK(run(1, 0) == Floats{1, 2, 3, 0, 5, 6});
  CHECK(run(1, 1) == Floats{0, 2, 3, 0, 0, 6});
  CHECK(run(0, 0) == Floats{1, 0, 0, 4, 5, 0});
  CHECK(run(0, -1) == Floats{0, 0, 0, 4, 0, 0});
}
