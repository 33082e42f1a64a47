// SPDX-License-Identifier: Apache-2.0
//
// The layers of which `make energy` measures the energy: kpu_energy_layers FOLDER writes NAME.kmodel and NAME.bin of each. Layer 0
// is the one that is meant; where its output shall not leave for main memory, a small one follows.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <random>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/files.h"
#include "golden/kmodel/kmodel_writer.h"
#include "golden/kpu/ai_ram.h"
#include "golden/kpu/layer_args.h"

namespace {

using kpu::golden::LayerShape;
using kpu::golden::WriterLayer;
using Random = std::mt19937;

/// What the pixels are like.
enum class Pixels {
  kPicture,  ///< smooth, with a little noise
  kHalf,     ///< as behind a ReLU: half of them zero
  kSparse,   ///< nine of ten zero
  kNoise,    ///< any byte
  kFlat,     ///< all alike
};

struct Case {
  const char* name;
  LayerShape shape;
  Pixels pixels;
  bool streams = true;    ///< its output leaves for main memory
  bool eight_bit = true;  ///< weights
};

/// Sizes are small, so that each takes some thousand cycles with 16 lanes.
const std::array kCases{
    Case{"conv3x3", {.in_channels = 8, .out_channels = 16, .height = 16, .width = 32, .kernel = 3}, Pixels::kHalf, false},
    Case{"conv3x3-sparse", {.in_channels = 8, .out_channels = 16, .height = 16, .width = 32, .kernel = 3}, Pixels::kSparse, false},
    Case{"conv3x3-noise", {.in_channels = 6, .out_channels = 18, .height = 14, .width = 32, .kernel = 3}, Pixels::kNoise},
    Case{"conv3x3-flat", {.in_channels = 8, .out_channels = 12, .height = 12, .width = 32, .kernel = 3}, Pixels::kFlat, false},
    Case{"conv3x3-picture", {.in_channels = 3, .out_channels = 12, .height = 32, .width = 48, .kernel = 3}, Pixels::kPicture, false},
    Case{"conv3x3-pool", {.in_channels = 6, .out_channels = 12, .height = 24, .width = 32, .kernel = 3, .pool_type = kpu::golden::kPoolMax2}, Pixels::kHalf, false},
    Case{"conv3x3-edge", {.in_channels = 8, .out_channels = 12, .height = 16, .width = 17, .kernel = 3}, Pixels::kHalf},
    Case{"conv3x3-narrow", {.in_channels = 16, .out_channels = 16, .height = 12, .width = 5, .kernel = 3}, Pixels::kHalf, false},
    Case{"conv3x3-16bit", {.in_channels = 4, .out_channels = 12, .height = 16, .width = 32, .kernel = 3}, Pixels::kHalf, false, false},
    Case{"point", {.in_channels = 32, .out_channels = 32, .height = 16, .width = 32}, Pixels::kHalf, false},
    Case{"point-noise", {.in_channels = 24, .out_channels = 40, .height = 12, .width = 32}, Pixels::kNoise},
    Case{"point-few", {.in_channels = 64, .out_channels = 3, .height = 16, .width = 32}, Pixels::kHalf},
    Case{"point-pool", {.in_channels = 32, .out_channels = 24, .height = 16, .width = 32, .pool_type = kpu::golden::kPoolMean4}, Pixels::kHalf, false},
    Case{"point-weights", {.in_channels = 256, .out_channels = 80, .height = 1, .width = 12}, Pixels::kHalf},
    Case{"depthwise", {.in_channels = 24, .out_channels = 24, .height = 32, .width = 32, .kernel = 3, .depthwise = true}, Pixels::kHalf, false},
    Case{"depthwise-pool", {.in_channels = 20, .out_channels = 20, .height = 28, .width = 20, .kernel = 3, .depthwise = true, .pool_type = kpu::golden::kPoolMax2}, Pixels::kPicture},
};

/// Whole numbers about `middle`, most of them within `width` of it.
int bell(Random& random, int middle, int width) {
  int sum = 0;
  for (int i = 0; i < 4; ++i) sum += static_cast<int>(random() % 256);
  return middle + (sum - 510) * width / 300;
}

/// A layer with weights about zero, whose sums spread over 0..255; negative ones become zero.
WriterLayer make_layer(const LayerShape& shape, bool eight_bit, Random& random) {
  WriterLayer layer;
  layer.args = kpu::golden::make_layer_args(shape, eight_bit);
  const int zero = eight_bit ? 128 : 32768;
  layer.args.conv.arg_x = -zero;
  layer.weights.resize(layer.args.channel_weights() * layer.args.out_channels);
  for (std::uint16_t& weight : layer.weights) weight = static_cast<std::uint16_t>(bell(random, zero, zero / 4));
  // Tables as the compiler makes them: factors and slopes that fill their 22 and 15 bits.
  const double spread = std::sqrt(static_cast<double>(layer.args.channel_weights())) * zero / 4 * 80;
  const double deviation = std::ldexp(spread, 22 - 15);  // of what batch norm gives
  for (std::uint32_t channel = 0; channel < shape.out_channels; ++channel) {
    const auto mul = static_cast<std::int32_t>((1 << 21) + random() % (1 << 21));
    layer.batch_norm.push_back({.mul = mul, .add = static_cast<std::int32_t>(std::clamp(deviation / 4, 0., 1e9)) * bell(random, 0, 4) / 4, .shift = 15});
  }
  // Sixteen pieces, four for a deviation, which becomes 64 of 255; those below zero are flat.
  const auto piece = static_cast<std::int64_t>(deviation / 4);
  const int shift = std::ilogb(32767 * deviation / 64);
  const auto slope = static_cast<std::int32_t>(std::ldexp(64 / deviation, shift));
  for (std::size_t i = 0; i < layer.act.size(); ++i) {
    const auto rise = static_cast<std::int64_t>(i) - 1;
    layer.act[i] = {.x_start = rise * piece,
                    .y_mul = rise < 0 ? 0 : slope,
                    .shift = static_cast<std::uint32_t>(shift),
                    .bias = static_cast<std::uint8_t>(16 * std::max<std::int64_t>(0, rise))};
  }
  layer.act[0].x_start = -(std::int64_t{1} << 35);
  return layer;
}

std::vector<std::uint8_t> make_pixels(const LayerShape& shape, Pixels pixels, Random& random) {
  std::vector<std::uint8_t> image;
  for (std::uint32_t channel = 0; channel < shape.in_channels; ++channel) {
    const double phase = random() % 100;
    for (std::uint32_t y = 0; y < shape.height; ++y) {
      for (std::uint32_t x = 0; x < shape.width; ++x) {
        const double wave = std::sin(0.31 * x + phase) + std::cos(0.23 * y + 0.11 * x + phase);
        int value = 90;
        switch (pixels) {
          case Pixels::kPicture: value = bell(random, static_cast<int>(128 + 50 * wave), 4); break;
          case Pixels::kHalf: value = bell(random, static_cast<int>(60 * wave), 20); break;
          case Pixels::kSparse: value = random() % 10 == 0 ? static_cast<int>(1 + random() % 255) : 0; break;
          case Pixels::kNoise: value = static_cast<int>(random() % 256); break;
          case Pixels::kFlat: break;
        }
        image.push_back(static_cast<std::uint8_t>(std::clamp(value, 0, 255)));
      }
    }
  }
  return image;
}

void write_case(const std::string& folder, const Case& wanted) {
  Random random(static_cast<Random::result_type>(wanted.name[0] + 1000 * wanted.shape.in_channels + wanted.shape.width));
  LayerShape shape = wanted.shape;
  shape.dst_line = kpu::kAiRamLines / 2;
  const WriterLayer layer = make_layer(shape, wanted.eight_bit, random);
  kpu::golden::KmodelWriter writer(wanted.eight_bit);
  writer.add_kpu(layer);
  if (!wanted.streams) {
    writer.add_kpu(make_layer({.in_channels = shape.out_channels,
                               .out_channels = 1,
                               .height = layer.args.out_height,
                               .width = layer.args.out_width,
                               .src_line = shape.dst_line},
                              wanted.eight_bit, random));
  }
  const std::vector<std::uint8_t> model = writer.finish();
  const std::vector<std::uint8_t> image = make_pixels(shape, wanted.pixels, random);
  kpu::write_file(fmt::format("{}/{}.kmodel", folder, wanted.name), model.data(), model.size());
  kpu::write_file(fmt::format("{}/{}.bin", folder, wanted.name), image.data(), image.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: kpu_energy_layers FOLDER\n");
    return 2;
  }
  try {
    for (const Case& wanted : kCases) write_case(argv[1], wanted);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "kpu_energy_layers: {}\n", error.what());
    return 1;
  }
}
