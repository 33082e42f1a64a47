// SPDX-License-Identifier: Apache-2.0
#include "sim/model/k210_measured.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "golden/kpu/layer_args.h"
#include "sim/model/cost_model.h"

namespace kpu::sim {
namespace {

golden::LayerShape make_shape(std::uint32_t in, std::uint32_t out, std::uint32_t height,
                              std::uint32_t width, std::uint32_t kernel, bool depthwise,
                              std::uint32_t pool_type) {
  golden::LayerShape shape;
  shape.in_channels = in;
  shape.out_channels = out;
  shape.height = height;
  shape.width = width;
  shape.kernel = kernel;
  shape.depthwise = depthwise;
  shape.pool_type = pool_type;
  return shape;
}

MeasuredPoint make_point(std::string name, double measured_ms, const golden::LayerShape& shape,
                         bool eight_bit, double clock_hz) {
  const golden::LayerArgs args = golden::make_layer_args(shape, eight_bit);
  const double fitted_ms = k210_cycles(args, eight_bit, clock_hz) / clock_hz * 1e3;
  return {std::move(name), shape, eight_bit, measured_ms, fitted_ms, clock_hz};
}

}  // namespace

std::vector<MeasuredPoint> measured_sweep() {
  struct Row {
    std::uint32_t width;
    std::uint32_t height;
    double ms;
  };
  constexpr std::array<Row, 10> kRows{{{4, 4, 0.339},
                                       {16, 4, 0.339},
                                       {16, 16, 0.417},
                                       {32, 16, 0.692},
                                       {32, 32, 1.138},
                                       {64, 32, 2.125},
                                       {64, 64, 3.891},
                                       {128, 64, 7.709},
                                       {128, 128, 14.778},
                                       {256, 256, 57.756}}};
  std::vector<MeasuredPoint> points;
  for (const Row& row : kRows) {
    points.push_back(
        make_point(fmt::format("{}x{}", row.width, row.height), row.ms,
                   make_shape(128, 128, row.height, row.width, 3, false, golden::kPoolBypass),
                   false, 300e6));
  }
  return points;
}

std::vector<MeasuredPoint> measured_face_detector() {
  struct Row {
    std::uint32_t in;
    std::uint32_t out;
    std::uint32_t height;
    std::uint32_t width;
    std::uint32_t kernel;
    bool depthwise;
    double ms;
  };
  constexpr std::array<Row, 23> kRows{
      {{3, 16, 240, 320, 3, false, 0.206},  {16, 16, 120, 160, 3, true, 0.039},
       {16, 32, 120, 160, 1, false, 0.514}, {32, 32, 60, 80, 3, true, 0.029},
       {32, 64, 60, 80, 1, false, 0.680},   {64, 64, 60, 80, 3, true, 0.053},
       {64, 64, 60, 80, 1, false, 1.328},   {64, 64, 30, 40, 3, true, 0.020},
       {64, 128, 30, 40, 1, false, 0.704},  {128, 128, 30, 40, 3, true, 0.034},
       {128, 128, 30, 40, 1, false, 1.385}, {128, 128, 15, 20, 3, true, 0.016},
       {128, 256, 15, 20, 1, false, 0.781}, {256, 256, 15, 20, 3, true, 0.025},
       {256, 256, 15, 20, 1, false, 1.521}, {256, 256, 15, 20, 3, true, 0.025},
       {256, 256, 15, 20, 1, false, 1.521}, {256, 256, 15, 20, 3, true, 0.025},
       {256, 256, 15, 20, 1, false, 1.521}, {256, 256, 15, 20, 3, true, 0.025},
       {256, 256, 15, 20, 1, false, 1.521}, {256, 256, 15, 20, 3, true, 0.025},
       {256, 30, 15, 20, 1, false, 0.326}}};
  std::vector<MeasuredPoint> points;
  for (const Row& row : kRows) {
    // Where the next layer's image is smaller, this one pools.
    const std::size_t next = points.size() + 1;
    const bool pools = next < kRows.size() && kRows[next].height < row.height;
    points.push_back(make_point(
        fmt::format("{}", points.size()), row.ms,
        make_shape(row.in, row.out, row.height, row.width, row.kernel, row.depthwise,
                   pools ? golden::kPoolMax2 : golden::kPoolBypass),
        true, 400e6));
  }
  return points;
}

}  // namespace kpu::sim
