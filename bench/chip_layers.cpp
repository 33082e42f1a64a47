// SPDX-License-Identifier: Apache-2.0
#include "bench/chip_layers.h"

#include <cmath>

#include "bench/cases.h"
#include "common/kpu_shape.h"
#include "golden/kmodel/kmodel_writer.h"
#include "golden/kpu/ai_ram.h"
#include "sim/model/cost_model.h"

namespace kpu::bench {

std::vector<std::uint8_t> chip_face_detector() {
  constexpr auto kHalf = static_cast<std::uint32_t>(kAiRamLines / 2);
  golden::KmodelWriter writer(true);
  bool upper = false;
  for (const sim::MeasuredPoint& point : sim::measured_face_detector()) {
    // Images lie in the two halves of AI RAM in turn.
    golden::LayerShape shape = point.shape;
    shape.src_line = upper ? kHalf : 0;
    shape.dst_line = upper ? 0 : kHalf;
    writer.add_kpu(random_layer(shape, point.eight_bit));
    upper = !upper;
  }
  return writer.finish();
}

bool fits_ai_ram(const sim::MeasuredPoint& point) {
  const golden::LayerShape& shape = point.shape;
  const auto lines =
      golden::ImageLayout::standard(0, shape.in_channels, shape.height, shape.width).end_line();
  return 2 * lines <= kAiRamLines;
}

std::vector<std::uint8_t> chip_layer(const sim::MeasuredPoint& point) {
  golden::LayerShape shape = point.shape;
  shape.dst_line = static_cast<std::uint32_t>(
      golden::ImageLayout::standard(0, shape.in_channels, shape.height, shape.width).end_line());
  golden::KmodelWriter writer(point.eight_bit);
  writer.add_kpu(random_layer(shape, point.eight_bit));
  return writer.finish();
}

std::uint32_t chip_bandwidth_percent(double clock_hz) {
  constexpr double kBusBytes = 8;
  return static_cast<std::uint32_t>(
      std::lround(100 * sim::kChipParameterBytesPerSecond / (kBusBytes * clock_hz)));
}

}  // namespace kpu::bench
