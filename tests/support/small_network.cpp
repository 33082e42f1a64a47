// SPDX-License-Identifier: Apache-2.0
#include "tests/support/small_network.h"

#include <random>

#include "golden/kmodel/kmodel_writer.h"
#include "golden/kpu/ai_ram.h"

namespace kpu::test {
namespace {

/// Sums of `summed` products of random bytes, scaled to spread over 0..255.
golden::WriterLayer random_layer(const golden::LayerShape& shape, std::mt19937& random) {
  golden::WriterLayer layer;
  layer.args = golden::make_layer_args(shape, true);
  layer.weights.resize(layer.args.channel_weights() * layer.args.out_channels);
  for (std::uint16_t& weight : layer.weights) weight = random() & 0xFF;
  const auto summed = static_cast<std::int32_t>(layer.args.channel_weights());
  layer.batch_norm.assign(layer.args.out_channels,
                          {.mul = (1 << 16) / summed, .add = -(1 << 18), .shift = 2});
  layer.act.fill({.x_start = 0, .y_mul = 1, .shift = 21, .bias = 1});
  return layer;
}

}  // namespace

std::vector<std::uint8_t> small_network() {
  std::mt19937 random(7);
  const auto middle = golden::ImageLayout::standard(0, 5, kSmallHeight / 2, kSmallWidth / 2);
  const auto at_end = static_cast<std::uint32_t>(kAiRamLines - middle.end_line());
  golden::KmodelWriter writer(true);
  writer.add_kpu(random_layer({.in_channels = kSmallChannels,
                               .out_channels = 5,
                               .height = kSmallHeight,
                               .width = kSmallWidth,
                               .kernel = 3,
                               .pool_type = golden::kPoolMax2,
                               .src_line = 0,
                               .dst_line = at_end},
                              random));
  writer.add_kpu(random_layer({.in_channels = 5,
                               .out_channels = 4,
                               .height = kSmallHeight / 2,
                               .width = kSmallWidth / 2,
                               .src_line = at_end,
                               .dst_line = 0},
                              random));
  return writer.finish();
}

std::vector<std::uint8_t> small_input() {
  std::mt19937 random(8);
  std::vector<std::uint8_t> input(kSmallChannels * kSmallHeight * kSmallWidth);
  for (std::uint8_t& pixel : input) pixel = random() & 0xFF;
  return input;
}

}  // namespace kpu::test
