// SPDX-License-Identifier: Apache-2.0
//
// conv2d with the profile simulator-1.0: sums of fused multiply-adds in the orders that the
// vendor's simulator 1.0.0 was measured to have; other windows as in the later ones. Each value
// against the formula written out.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "golden/ops/tensor_ops.h"
#include "tests/support/catch2.h"

using namespace kpu::golden;

using Floats = std::vector<float>;

namespace {

struct Case {
  std::uint32_t channels = 1, groups = 1;
  std::int32_t size = 1, stride = 1;
};

/// One output pixel of one output channel a group over a whole image of the window's size.
Floats run(const Case& c, const Floats& in, const Floats& weights, const Floats& bias,
           FloatRule rule) {
  WindowShape window;
  window.filter_height = window.filter_width = c.size;
  window.stride_height = window.stride_width = c.stride;
  const auto side = static_cast<std::uint32_t>(c.size);
  const float inf = std::numeric_limits<float>::infinity();
  Floats out(c.groups);
  conv2d(in, {1, c.channels, side, side}, weights, bias, out, c.groups, c.groups, window,
         {-inf, inf}, rule);
  return out;
}

Floats random_floats(std::size_t count, std::mt19937& random) {
  std::uniform_real_distribution<float> values(-1, 1);
  Floats floats(count);
  for (float& value : floats) {
    value = values(random);
  }
  return floats;
}

}  // namespace

TEST_CASE("convolutions of the simulator 1.0.0 are fused") {
  std::mt19937 random(7);
  int differ = 0;
  for (int trial = 0; trial < 50; ++trial) {
    for (std::int32_t size : {3, 5, 7}) {
      const Case dense{.channels = 3, .groups = 1, .size = size, .stride = 2};
      const auto taps = static_cast<std::size_t>(size * size);
      const Floats in = random_floats(3 * taps, random);
      const Floats weights = random_floats(3 * taps, random);
      const Floats bias = random_floats(3, random);
      float sum = 0;
      for (std::size_t i = 0; i < in.size(); ++i) {
        sum = std::fma(in[i], weights[i], sum);
      }
      const float fused = run(dense, in, weights, bias, FloatRule::kSimulator10).at(0);
      CHECK(fused == sum + bias[0]);
      differ += fused != run(dense, in, weights, bias, FloatRule::kSimulator).at(0) ? 1 : 0;

      const Case depthwise{.channels = 3, .groups = 3, .size = size};
      const Floats each = run(depthwise, in, weights, bias, FloatRule::kSimulator10);
      for (std::size_t channel = 0; channel < 3; ++channel) {
        const float* x = &in[channel * taps];
        const float* w = &weights[channel * taps];
        float value = std::fma(x[0], w[0], x[1] * w[1]);
        for (std::size_t i = 2; i < taps; ++i) {
          value = std::fma(x[i], w[i], value);
        }
        CHECK(each[channel] == value + bias[channel]);
      }
    }
  }
  CHECK(differ > 0);
}

TEST_CASE("1x1 convolutions of a single pixel sum in eight lanes") {
  std::mt19937 random(9);
  for (std::uint32_t channels : {1u, 8u, 37u}) {
    const Floats in = random_floats(channels, random);
    const Floats weights = random_floats(channels, random);
    const Floats bias = random_floats(1, random);
    Floats lanes(8);
    for (std::size_t i = 0; i < channels; ++i) {
      lanes[i % 8] = std::fma(in[i], weights[i], lanes[i % 8]);
    }
    const auto half = [&](std::size_t i) { return lanes[i] + lanes[i + 4]; };
    const float sum = (half(0) + half(2)) + (half(1) + half(3));
    const Case c{.channels = channels, .groups = 1, .size = 1};
    CHECK(run(c, in, weights, bias, FloatRule::kSimulator10).at(0) == sum + bias[0]);
  }
  const Case depthwise{.channels = 2, .groups = 2, .size = 1};
  const Floats fused = run(depthwise, {0.1f, 0.2f}, {0.3f, 0.7f}, {1, 2}, FloatRule::kSimulator10);
  CHECK(fused == Floats{std::fma(0.1f, 0.3f, 1.0f), std::fma(0.2f, 0.7f, 2.0f)});
}

TEST_CASE("other convolutions of the simulator 1.0.0 are not") {
  std::mt19937 random(8);
  for (const Case& c : {Case{.channels = 3, .groups = 1, .size = 2}, Case{3, 1, 3, 3},
                        Case{.channels = 4, .groups = 2, .size = 3}}) {
    const auto count =
        static_cast<std::size_t>(c.channels) * static_cast<std::size_t>(c.size * c.size);
    const Floats in = random_floats(count, random);
    const Floats weights = random_floats(count, random);
    const Floats bias = random_floats(c.groups, random);
    CHECK(run(c, in, weights, bias, FloatRule::kSimulator10) ==
          run(c, in, weights, bias, FloatRule::kSimulator));
  }
}
