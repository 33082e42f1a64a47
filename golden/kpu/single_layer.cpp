// SPDX-License-Identifier: Apache-2.0
#include "golden/kpu/single_layer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "common/bits.h"
#include "common/error.h"

namespace kpu::golden {
namespace {

void require_count(const char* field, std::size_t count, std::size_t expected) {
  if (count != expected) {
    throw Error(fmt::format("{}: {} values, expected {}", field, count, expected));
  }
}

std::vector<std::uint8_t> weight_table(const SingleLayer& layer) {
  if (layer.eight_bit) return {layer.weights.begin(), layer.weights.end()};
  std::vector<std::uint8_t> bytes(2 * layer.weights.size());
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    store_le(std::span(bytes), 2 * i, layer.weights[i]);
  }
  return bytes;
}

std::vector<std::uint8_t> batch_norm_table(const SingleLayer& layer) {
  std::vector<std::uint8_t> bytes(layer.args.bn_bytes());
  for (std::size_t i = 0; i < layer.batch_norm.size(); ++i) {
    store_le(std::span(bytes), i * kBatchNormBytes, encode_batch_norm(layer.batch_norm[i]));
  }
  return bytes;
}

}  // namespace

void require_valid(const SingleLayer& layer) {
  const LayerArgs& args = layer.args;
  require_valid(args, layer.eight_bit, "layer");
  require_count("weights", layer.weights.size(), args.channel_weights() * args.out_channels);
  require_count("batch norm", layer.batch_norm.size(), args.out_channels);
  const std::size_t packed =
      args.channel_weights() * args.load_channels * (layer.eight_bit ? 1 : 2);
  if (args.loads != 1 && args.load_bytes != packed) {
    throw Error(fmt::format("layer: para_size={}: expected {}", args.load_bytes, packed));
  }
  const std::uint16_t largest = *std::max_element(layer.weights.begin(), layer.weights.end());
  if (layer.eight_bit && largest > 255) {
    throw Error(fmt::format("weights={}: expected 0..255 with 8 bits", largest));
  }
}

KpuJobResult run_single_layer(KpuBackend& backend, const SingleLayer& layer,
                              std::span<const std::uint8_t> input) {
  require_valid(layer);
  const ImageLayout layout = layer.args.input_layout();
  require_count("input", input.size(), layout.planar_bytes());
  const std::vector<std::uint8_t> weights = weight_table(layer);
  const std::vector<std::uint8_t> batch_norm = batch_norm_table(layer);
  const std::array<std::uint8_t, kActTableBytes> act = encode_act_table(layer.act);
  backend.set_eight_bit_mode(layer.eight_bit);
  upload_image(backend, layout, input);
  const KpuJob job{.words = encode(layer.args),
                   .tables = {.weights = weights, .batch_norm = batch_norm, .act = act}};
  std::vector<KpuJobResult> results = backend.run_layers(std::span(&job, 1), {});
  return std::move(results.front());
}

}  // namespace kpu::golden
