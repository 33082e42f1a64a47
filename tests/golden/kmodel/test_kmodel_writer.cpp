// SPDX-License-Identifier: Apache-2.0
//
// What the writer writes, the loader reads back and runs to numbers worked out by hand: several
// layers, several loads, both weight sizes, with and without floats behind.
#include "golden/kmodel/kmodel_writer.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/network.h"
#include "golden/kpu/golden_backend.h"
#include "tests/support/catch2.h"

using namespace kpu::golden;
using kpu::test::contains_text;

namespace {

/// A layer that passes sums through unchanged, its weights counting from 1.
WriterLayer plain_layer(const LayerShape& shape, bool eight_bit) {
  WriterLayer layer;
  layer.args = make_layer_args(shape, eight_bit);
  layer.weights.resize(layer.args.channel_weights() * layer.args.out_channels);
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    layer.weights[i] = static_cast<std::uint16_t>(i + 1);
  }
  layer.batch_norm.assign(layer.args.out_channels, {.mul = 1, .add = 0, .shift = 0});
  for (Segment& segment : layer.act) {
    segment = {.x_start = 0, .y_mul = 1, .shift = 0, .bias = 0};
  }
  return layer;
}

std::vector<std::uint8_t> run_output(std::vector<std::uint8_t> file,
                                     const std::vector<std::uint8_t>& input) {
  const auto model = load_model(std::move(file));
  GoldenBackend backend;
  return run_network(*model, {input}, backend).outputs.at(0);
}

const LayerShape kFirst{
    .in_channels = 2, .out_channels = 3, .height = 1, .width = 2, .src_line = 4, .dst_line = 10};
const LayerShape kSecond{.in_channels = 3,
                         .out_channels = 3,
                         .height = 1,
                         .width = 2,
                         .depthwise = true,
                         .src_line = 10,
                         .dst_line = 20};

}  // namespace

TEST_CASE("a written chain runs") {
  // Loads that follow each other, and loads with a gap between them.
  for (const auto& [eight_bit, load_bytes] : {std::pair{true, 4U}, {true, 7U}, {false, 8U}, {false, 18U}}) {
    CAPTURE(eight_bit, load_bytes);
    KmodelWriter writer(eight_bit);
    WriterLayer first = plain_layer(kFirst, eight_bit);
    first.args.load_channels = 2;
    first.args.loads = 2;
    first.args.load_bytes = load_bytes;
    writer.add_kpu(first);
    writer.add_kpu(plain_layer(kSecond, eight_bit));
    const std::vector<std::uint8_t> file = writer.finish();

    const auto model = load_model(file);
    CHECK(model->info().eight_bit == eight_bit);
    CHECK(model->info().layers.size() == 2);
    CHECK(model->info().kpu_layer_count() == 2);
    CHECK(model->info().layers[0].kpu->args == first.args);
    CHECK(model->info().inputs.at(0).dims == std::vector<std::uint32_t>{2, 1, 2});
    CHECK(model->info().outputs.at(0).type == ElementType::kUint8);
    CHECK(model->info().outputs.at(0).dims == std::vector<std::uint32_t>{3, 1, 2});

    // Columns (1, 10) and (2, 20): sums x + 2y, 3x + 4y, 5x + 6y, then times 1, 2, 3.
    const std::vector<std::uint8_t> expected = {21, 42, 86, 172, 195, 255};
    CHECK(run_output(file, {1, 2, 10, 20}) == expected);
  }
}

TEST_CASE("floats behind the KPU layers") {
  KmodelWriter writer(true);
  writer.add_kpu(plain_layer({.height = 1, .width = 3}, true));
  writer.add_dequantize(0.5f, -1.0f);
  const auto as_floats = [](const std::vector<std::uint8_t>& bytes) {
    std::vector<float> values(bytes.size() / sizeof(float));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  };
  CHECK(as_floats(run_output(writer.finish(), {0, 2, 5})) == std::vector<float>{-1, 0, 1.5f});

  writer.add_softmax();
  const std::vector<float> shares = as_floats(run_output(writer.finish(), {0, 2, 5}));
  const double sum = std::exp(-1.0) + 1 + std::exp(1.5);
  CHECK(shares.at(2) == Approx(std::exp(1.5) / sum));
  CHECK(shares.at(0) + shares.at(1) + shares.at(2) == Approx(1));
}

TEST_CASE("the writer refuses what would not run") {
  KmodelWriter writer(true);
  CHECK_THROWS_WITH(writer.finish(), contains_text("no KPU layer"));
  CHECK_THROWS_AS(writer.add_dequantize(1, 0), kpu::Error);
  CHECK_THROWS_AS(writer.add_softmax(), kpu::Error);

  WriterLayer layer = plain_layer(kFirst, true);
  layer.weights.pop_back();
  CHECK_THROWS_WITH(writer.add_kpu(layer), contains_text("5 weights, expected 6"));
  layer = plain_layer(kFirst, true);
  layer.weights[3] = 256;
  CHECK_THROWS_WITH(writer.add_kpu(layer), contains_text("256"));
  layer = plain_layer(kFirst, true);
  layer.batch_norm.clear();
  CHECK_THROWS_WITH(writer.add_kpu(layer), contains_text("batch-norm"));
  layer = plain_layer(kFirst, true);
  layer.args.kernel_type = 5;
  CHECK_THROWS_WITH(writer.add_kpu(layer), contains_text("kernel_type=5"));

  const auto refused = [&](const auto& spoil, const std::string& message) {
    WriterLayer spoiled = plain_layer(kFirst, true);
    spoil(spoiled);
    CHECK_THROWS_WITH(writer.add_kpu(spoiled), contains_text("KPU layer 0: " + message));
  };
  refused([](WriterLayer& l) { l.batch_norm[1].mul = (1 << 24) + 5; },
          "batch norm mul=16777221: expected -8388608..8388607");
  refused([](WriterLayer& l) { l.batch_norm[0].shift = 16; },
          "batch norm shift=16: expected 0..15");
  refused([](WriterLayer& l) { l.act[3].y_mul = 70000; },
          "activation y_mul=70000: expected -32768..32767");
  refused([](WriterLayer& l) { l.act[15].shift = 300; }, "activation shift=300: expected 0..255");
  refused([](WriterLayer& l) { l.act[0].x_start = std::int64_t{1} << 35; },
          "activation x_start=34359738368: expected -34359738368..34359738367");
  refused([](WriterLayer& l) { l.args.conv.arg_x = 1 << 23; }, "layer argument");

  writer.add_kpu(plain_layer(kFirst, true));
  layer = plain_layer(kSecond, true);
  layer.args.src_line = 11;
  CHECK_THROWS_WITH(writer.add_kpu(layer), contains_text("KPU layer 1: 11"));
}
