// SPDX-License-Identifier: Apache-2.0
//
// Quantised convolutions as KPU layers. The proof compares steps; here small layers are compared at
// every accumulator there is, and whole outputs of random layers of all kinds with the reference on
// the golden model: equal where the proof says so, and no further apart than it says. How many
// fraction bits are enough is measured as the documents state it.
#include "golden/quantised/kpu_mapping.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <vector>

#include "common/error.h"
#include "golden/kpu/golden_backend.h"
#include "golden/quantised/proof.h"
#include "tests/support/catch2.h"

namespace {

using namespace kpu::golden;
using namespace kpu::golden::quantised;
using kpu::test::contains_text;

std::vector<std::int16_t> random_codes(std::mt19937& random, std::size_t count, CodeType type) {
  std::uniform_int_distribution<int> any(lowest_code(type), highest_code(type));
  std::vector<std::int16_t> codes(count);
  for (std::int16_t& code : codes) code = static_cast<std::int16_t>(any(random));
  return codes;
}

int pick(std::mt19937& random, int low, int high) {
  return std::uniform_int_distribution<int>(low, high)(random);
}

/// A valid layer of any kind, small.
QuantisedConv random_conv(std::mt19937& random) {
  QuantisedConv conv;
  conv.kernel = pick(random, 0, 2) == 0 ? 1 : 3;
  conv.depthwise = pick(random, 0, 2) == 0;
  conv.in_channels = static_cast<std::uint32_t>(pick(random, 1, 9));
  conv.out_channels =
      conv.depthwise ? conv.in_channels : static_cast<std::uint32_t>(pick(random, 1, 9));
  conv.height = static_cast<std::uint32_t>(pick(random, 3, 20));
  conv.width = static_cast<std::uint32_t>(pick(random, 3, 70));
  conv.stride = static_cast<std::uint32_t>(pick(random, 1, 2));
  for (std::uint32_t* pad : {&conv.pad_top, &conv.pad_left, &conv.pad_bottom, &conv.pad_right}) {
    *pad = conv.kernel == 3 ? static_cast<std::uint32_t>(pick(random, 0, 1)) : 0;
  }
  conv.x_type = pick(random, 0, 1) == 0 ? CodeType::kUint8 : CodeType::kInt8;
  conv.w_type = pick(random, 0, 1) == 0 ? CodeType::kUint8 : CodeType::kInt8;
  conv.y_type = conv.x_type;
  const auto any_zero = [&](CodeType type) {
    return pick(random, lowest_code(type), highest_code(type));
  };
  conv.x_zero = any_zero(conv.x_type);
  conv.y_zero = any_zero(conv.y_type);
  const std::size_t zeros = pick(random, 0, 3) == 0 ? conv.out_channels : 1;
  conv.w_zero.clear();
  for (std::size_t i = 0; i < zeros; ++i) conv.w_zero.push_back(any_zero(conv.w_type));
  conv.w = random_codes(random, conv.out_channels * conv.channel_weights(), conv.w_type);
  std::uniform_real_distribution<float> scale(0.001F, 0.1F);
  conv.x_scale = scale(random);
  conv.w_scale = {scale(random)};
  conv.y_scale = conv.x_scale * conv.w_scale[0] * static_cast<float>(pick(random, 20, 2000));
  for (std::uint32_t i = 0; i < conv.out_channels; ++i)
    conv.bias.push_back(pick(random, -9999, 9999));
  constexpr Rule kRules[] = {Rule::kExact,         Rule::kOnnxRuntime,     Rule::kOnnxReference,
                             Rule::kLiteRtBuiltin, Rule::kLiteRtReference, Rule::kK210};
  conv.rule = kRules[pick(random, 0, 5)];
  constexpr const char* kActivations[] = {"none", "relu", "relu6"};
  set_activation(conv, kActivations[pick(random, 0, 2)]);
  return conv;
}

/// A 1x1 layer of one weight: its accumulators are the input's codes.
QuantisedConv unit_conv(float ratio) {
  QuantisedConv conv;
  conv.w = {1};
  conv.x_scale = ratio;
  return conv;
}

}  // namespace

TEST_CASE("kpu mapping: random layers are as near to the reference as the proof says") {
  constexpr std::uint32_t kSeed = 71;
  CAPTURE(kSeed);
  std::mt19937 random(kSeed);
  GoldenBackend kpu;
  for (int i = 0; i < 300; ++i) {
    const QuantisedConv conv = random_conv(random);
    CAPTURE(i, to_string(conv.rule), conv.kernel, conv.depthwise, conv.stride);
    const MappedConv mapped = map_to_kpu(conv);
    const Proof proof = prove(conv, mapped);
    const auto x =
        random_codes(random, std::size_t{conv.in_channels} * conv.height * conv.width, conv.x_type);
    const KpuJobResult result = run_single_layer(kpu, mapped.layer, kpu_input(conv, mapped, x));
    REQUIRE(result.range.ok());
    const std::vector<std::int16_t> got = codes_from_kpu(conv, mapped, result.output);
    const std::vector<std::int16_t> expected = run_reference(conv, x);
    REQUIRE(got.size() == expected.size());
    int largest = 0;
    for (std::size_t j = 0; j < got.size(); ++j) {
      largest = std::max(largest, std::abs(got[j] - expected[j]));
    }
    REQUIRE(largest <= proof.largest());
    REQUIRE(proof.largest() <= 1);
  }
}

TEST_CASE("kpu mapping: the proof counts every accumulator that differs") {
  std::mt19937 random(5);
  for (int i = 0; i < 12; ++i) {
    QuantisedConv conv = random_conv(random);
    // Few bits, so that there is something to count.
    const MappedConv mapped = map_to_kpu(conv, {2, 22});
    const Proof proof = prove(conv, mapped);
    for (std::uint32_t channel = 0; channel < conv.out_channels; ++channel) {
      const ChannelProof& found = proof.channels[channel];
      const Requantiser rule = requantiser_of(conv, channel);
      std::int64_t differing = 0;
      int largest = 0;
      std::int64_t first = 0;
      for (std::int64_t a = found.accumulators.first; a <= found.accumulators.last; ++a) {
        const std::int64_t norm =
            normalize(a - conv.bias_of(channel), mapped.layer.batch_norm[channel]);
        const int kpu = activate(mapped.layer.act, norm, {}) - mapped.y_offset;
        const int difference = std::abs(kpu - rule(static_cast<std::int32_t>(a)));
        if (difference != 0 && differing++ == 0) first = a;
        largest = std::max(largest, difference);
      }
      CAPTURE(i, channel, to_string(conv.rule));
      REQUIRE(found.differing == differing);
      REQUIRE(found.largest == largest);
      REQUIRE((differing == 0 || found.first == first));
      REQUIRE((differing == 0) == (found.cause == Cause::kNone));
    }
  }
}

TEST_CASE("kpu mapping: more fraction bits come nearer to exact arithmetic") {
  std::mt19937 random(11);
  std::int64_t differing[3] = {0, 0, 0};
  for (int i = 0; i < 40; ++i) {
    QuantisedConv conv = random_conv(random);
    conv.rule = Rule::kExact;
    constexpr std::uint32_t kBits[] = {4, 12, 16};
    for (int j = 0; j < 3; ++j) {
      differing[j] += prove(conv, map_to_kpu(conv, {kBits[j], 22})).differing();
    }
  }
  CAPTURE(differing[0], differing[1], differing[2]);
  CHECK(differing[0] > 10 * differing[1]);
  CHECK(differing[1] > differing[2]);
}

TEST_CASE("kpu mapping: ties of a scale of one half, for every rule") {
  for (const Rule rule : {Rule::kExact, Rule::kOnnxRuntime, Rule::kOnnxReference, Rule::kLiteRt,
                          Rule::kLiteRtBuiltin, Rule::kLiteRtReference, Rule::kTfliteMicro}) {
    for (const int zero : {0, 7, 254}) {
      QuantisedConv conv = unit_conv(0.25F);
      conv.x_zero = 128;
      conv.y_zero = zero;
      conv.rule = rule;
      const Proof proof = prove(conv, map_to_kpu(conv));
      CAPTURE(to_string(rule), zero);
      CHECK(proof.summary() == "exact for all 256 accumulators of 1 channels");
    }
  }
}

TEST_CASE("kpu mapping: the words say what the header's equation does") {
  QuantisedConv conv = unit_conv(1);
  conv.kernel = 3;
  conv.height = conv.width = 4;
  conv.w.assign(9, -3);
  conv.x_type = CodeType::kInt8;
  conv.x_zero = 5;
  const MappedConv mapped = map_to_kpu(conv);
  CHECK(mapped.layer.args.conv.arg_x == -128);
  CHECK(mapped.layer.args.conv.arg_w == -133);
  CHECK(mapped.layer.args.conv.arg_add == 133 * 128 * 9);
  CHECK(mapped.layer.args.pad_value == 133);
  CHECK(mapped.layer.weights == std::vector<std::uint16_t>(9, 125));
}

TEST_CASE("kpu mapping: what cannot be is refused") {
  const auto refused = [](auto change) {
    QuantisedConv conv = unit_conv(1);
    change(conv);
    return map_to_kpu(conv);
  };
  CHECK_THROWS_WITH(refused([](auto& c) { c.kernel = 5; }),
                    contains_text("kernel=5: expected 1 or 3"));
  CHECK_THROWS_WITH(refused([](auto& c) { c.w.push_back(1); }),
                    contains_text("w=2: expected 1 values"));
  CHECK_THROWS_WITH(refused([](auto& c) { c.w[0] = 200; }),
                    contains_text("w=200: expected -128..127"));
  CHECK_THROWS_WITH(refused([](auto& c) { c.x_zero = -1; }), contains_text("x_zero=-1"));
  CHECK_THROWS_WITH(refused([](auto& c) { c.y_scale = 0; }), contains_text("y_scale=0"));
  CHECK_THROWS_WITH(refused([](auto& c) { c.pad_top = 1; }),
                    contains_text("pad_top=1: expected 0..0"));
  CHECK_THROWS_WITH(refused([](auto& c) { c.bias = {2147483647}; }), contains_text("fit 32 bits"));
  CHECK_THROWS_WITH(refused([](auto& c) { c.w_scale = {1, 1}; }), contains_text("w_scale=2"));
  CHECK_THROWS_WITH(refused([](auto& c) {
                      c.bias = {2000000000};
                      c.x_scale = 1000;
                    }),
                    contains_text("does not fit the KPU"));
  CHECK_THROWS_WITH(map_to_kpu(unit_conv(1), {27, 22}),
                    contains_text("fraction_bits=27: expected 0.."));
  CHECK_THROWS_WITH(map_to_kpu(unit_conv(1), {{}, 24}), contains_text("multiplier_bits=24"));
}
