// SPDX-License-Identifier: Apache-2.0
#include "examples/edge_network.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>

#include "golden/kmodel/kmodel_writer.h"
#include "golden/kpu/ai_ram.h"
#include "golden/kpu/arith.h"
#include "golden/kpu/layer_args.h"

namespace kpu::examples {
namespace {

using golden::ActTable;
using golden::BatchNorm;
using golden::LayerShape;
using golden::WriterLayer;

using Kernel = std::array<int, 9>;  // row by row

constexpr Kernel kSmooth{1, 2, 1, 2, 4, 2, 1, 2, 1};
constexpr Kernel kPoint{0, 0, 0, 0, 1, 0, 0, 0, 0};

/// Brightness changes from left to right, top to bottom, and along the two diagonals.
constexpr std::array<Kernel, 4> kGradients{{{-1, 0, 1, -2, 0, 2, -1, 0, 1},
                                            {-1, -2, -1, 0, 0, 0, 1, 2, 1},
                                            {-2, -1, 0, -1, 0, 1, 0, 1, 2},
                                            {0, -1, -2, 1, 0, -1, 2, 1, 0}}};

/// Smoothing along the edges that these find.
constexpr std::array<Kernel, 4> kAlong{{{0, 3, 0, 0, 4, 0, 0, 3, 0},
                                        {0, 0, 0, 3, 4, 3, 0, 0, 0},
                                        {0, 0, 3, 0, 4, 0, 3, 0, 0},
                                        {3, 0, 0, 0, 4, 0, 0, 0, 3}}};

/// Feature maps behind batch norm count in 1/256.
constexpr int kNormShift = 8;

/// Weights are unsigned in the KPU: a signed w is stored as w + 128, and arg_x = -128 takes
/// 128 * sum(X) off again.
constexpr int kWeightZero = 128;

void add_kernel(WriterLayer& layer, const Kernel& kernel, int factor) {
  for (int tap : kernel) {
    layer.weights.push_back(static_cast<std::uint16_t>(kWeightZero + tap * factor));
  }
}

/// Batch norm that turns a convolution of gain `gain` (response to a full-scale input of 1) into
/// `scale` times the feature plus `offset`, in 1/256.
BatchNorm scaling(double gain, double scale, double offset) {
  constexpr std::uint32_t kShift = 15;
  return {static_cast<std::int32_t>(std::lround(scale / gain * (1 << (kNormShift + kShift)))),
          static_cast<std::int32_t>(std::lround(offset * (1 << kNormShift))), kShift};
}

/// Sixteen straight pieces for `curve` over features from..to, at equal distances; below `from` the
/// curve's first value. The curve gives 0..255.
ActTable pieces(double from, double to, const std::function<double(double)>& curve) {
  ActTable table{};
  table[0] = {-(std::int64_t{1} << 35), 0, 0, static_cast<std::uint8_t>(std::lround(curve(from)))};
  const double step = (to - from) / 15;
  for (std::size_t i = 1; i < table.size(); ++i) {
    const double low = from + static_cast<double>(i - 1) * step;
    const double slope = (curve(low + step) - curve(low)) / step;  // per unit of the feature
    constexpr std::uint32_t kShift = 12;
    table[i] = {std::lround(low * (1 << kNormShift)),
                static_cast<std::int32_t>(std::lround(slope * (1 << kShift))), kShift + kNormShift,
                static_cast<std::uint8_t>(std::lround(curve(low)))};
  }
  return table;
}

WriterLayer make_layer(const LayerShape& shape) {
  WriterLayer layer;
  layer.args = golden::make_layer_args(shape, true);
  layer.args.conv.arg_x = -kWeightZero;
  layer.args.pad_type = 1;  // nearest pixel: the picture's border is no edge
  return layer;
}

ActTable identity() {
  return pieces(0, 255, [](double x) { return x; });
}

/// Layer 0: brightness and colour.
WriterLayer colour_layer(const LayerShape& shape) {
  WriterLayer layer = make_layer(shape);
  struct Mix {
    const Kernel& kernel;
    std::array<int, 3> rgb;
    double scale;
    double offset;
  };
  const std::array<Mix, 4> mixes{{{kSmooth, {9, 18, 4}, 1, 0},
                                  {kSmooth, {16, -16, 0}, 0.5, 128},
                                  {kSmooth, {-8, -8, 16}, 0.5, 128},
                                  {kPoint, {36, 72, 16}, 1, 0}}};
  for (const Mix& mix : mixes) {
    int gain = 0;
    for (int factor : mix.rgb) {
      add_kernel(layer, mix.kernel, factor);
      for (int tap : mix.kernel) gain += std::max(0, tap * factor);
    }
    layer.batch_norm.push_back(scaling(gain, mix.scale, mix.offset));
  }
  layer.act = identity();
  return layer;
}

/// Layer 1: channels 2d and 2d+1 are direction d and its opposite.
WriterLayer gradient_layer(const LayerShape& shape) {
  WriterLayer layer = make_layer(shape);
  // Mostly brightness; colour differences let edges between equally bright colours appear.
  constexpr std::array<int, 4> kInputs{20, 24, 24, 8};
  // Response of the kernels to a step of 1 in brightness.
  constexpr double kStep = 4.0 * (20 + 8);
  for (const Kernel& kernel : kGradients) {
    for (int sign : {1, -1}) {
      for (int factor : kInputs) add_kernel(layer, kernel, sign * factor);
      layer.batch_norm.push_back(scaling(kStep, 1, 0));
    }
  }
  // Steps below 8 of 255 are noise; from there the square root evens out weak and strong edges.
  layer.act = pieces(8, 160, [](double x) { return 255 * std::sqrt(std::max(0.0, x - 8) / 152); });
  return layer;
}

/// Layer 2.
WriterLayer along_layer(const LayerShape& shape) {
  WriterLayer layer = make_layer(shape);
  for (const Kernel& kernel : kAlong) {
    for (int side = 0; side < 2; ++side) {
      add_kernel(layer, kernel, 1);
      layer.batch_norm.push_back(scaling(10, 1, 0));
    }
  }
  layer.act = identity();
  return layer;
}

/// Weights of one output channel of a 1x1 layer.
void add_point(WriterLayer& layer, const std::vector<int>& weights) {
  for (int weight : weights) {
    layer.weights.push_back(static_cast<std::uint16_t>(kWeightZero + weight));
  }
}

/// Layer 3: opposite senses of a direction join, the perpendicular direction is taken off.
WriterLayer compete_layer(const LayerShape& shape) {
  WriterLayer layer = make_layer(shape);
  constexpr int kWin = 60;
  constexpr int kLose = -66;
  add_point(layer, {kWin, kWin, kLose, kLose, 0, 0, 0, 0});
  add_point(layer, {kLose, kLose, kWin, kWin, 0, 0, 0, 0});
  add_point(layer, {0, 0, 0, 0, kWin, kWin, kLose, kLose});
  add_point(layer, {0, 0, 0, 0, kLose, kLose, kWin, kWin});
  layer.batch_norm.assign(4, scaling(kWin, 1, 0));
  layer.act = identity();
  return layer;
}

/// Layer 4: the two diagonals join; an S-shaped curve raises the contrast.
WriterLayer contrast_layer(const LayerShape& shape) {
  WriterLayer layer = make_layer(shape);
  constexpr int kPass = 100;
  add_point(layer, {kPass, 0, 0, 0});
  add_point(layer, {0, kPass, 0, 0});
  add_point(layer, {0, 0, kPass, kPass});
  layer.batch_norm.assign(3, scaling(kPass, 1, 0));
  layer.act = pieces(10, 160, [](double x) {
    const double t = std::clamp((x - 10) / 150, 0.0, 1.0);
    return 255 * t * t * (3 - 2 * t);
  });
  return layer;
}

}  // namespace

std::vector<std::uint8_t> make_edge_network() {
  const auto shape = [](std::uint32_t in, std::uint32_t out, std::uint32_t kernel) {
    LayerShape s;
    s.in_channels = in;
    s.out_channels = out;
    s.height = kEdgeInputHeight;
    s.width = kEdgeInputWidth;
    s.kernel = kernel;
    return s;
  };
  std::array<LayerShape, 5> shapes{shape(3, 4, 3), shape(4, 8, 3), shape(8, 8, 3), shape(8, 4, 1),
                                   shape(4, 3, 1)};
  shapes[2].depthwise = true;
  shapes[3].pool_type = golden::kPoolMax2;
  shapes[4].height /= 2;
  shapes[4].width /= 2;
  // Images alternate between the bottom of AI RAM and its middle: each half holds the largest.
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    constexpr std::uint32_t kMiddle = kAiRamLines / 2;
    shapes[i].src_line = i % 2 == 0 ? 0 : kMiddle;
    shapes[i].dst_line = i % 2 == 0 ? kMiddle : 0;
  }

  golden::KmodelWriter writer(true);
  writer.add_kpu(colour_layer(shapes[0]));
  writer.add_kpu(gradient_layer(shapes[1]));
  writer.add_kpu(along_layer(shapes[2]));
  writer.add_kpu(compete_layer(shapes[3]));
  writer.add_kpu(contrast_layer(shapes[4]));
  return writer.finish();
}

}  // namespace kpu::examples
