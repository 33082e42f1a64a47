// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/bits.h"
#include "golden/kpu/kpu_backend.h"
#include "golden/kpu/kpu_layer.h"

namespace kpu::test {

/// A layer with its tables, to be changed by a test: batch norm and activation start as the
/// identity (clamped to 0..255), weights as zero.
struct LayerFixture {
  LayerFixture(const golden::LayerShape& shape, bool eight_bit)
      : args(golden::make_layer_args(shape, eight_bit)),
        weights(args.weight_bytes(eight_bit)),
        batch_norm(args.out_channels, golden::BatchNorm{.mul = 1, .add = 0, .shift = 0}) {
    options.eight_bit = eight_bit;
    for (golden::Segment& segment : act) {
      segment = {.x_start = 0, .y_mul = 1, .shift = 0, .bias = 0};
    }
  }

  golden::KpuLayerOutput run(std::span<const std::uint8_t> input) {
    return golden::run_kpu_layer(args, input, tables(), options);
  }

  /// A job for a backend; valid until the fixture changes.
  golden::KpuJob job() { return {.words = golden::encode(args), .tables = tables()}; }

  golden::LayerArgs args;
  std::vector<std::uint8_t> weights;
  std::vector<golden::BatchNorm> batch_norm;
  golden::ActTable act{};
  golden::LayerOptions options;

 private:
  golden::LayerTables tables() {
    batch_norm_bytes_.resize(batch_norm.size() * golden::kBatchNormBytes);
    for (std::size_t i = 0; i < batch_norm.size(); ++i) {
      store_le(std::span(batch_norm_bytes_), i * golden::kBatchNormBytes,
               golden::encode_batch_norm(batch_norm[i]));
    }
    act_bytes_ = golden::encode_act_table(act);
    return {.weights = weights, .batch_norm = batch_norm_bytes_, .act = act_bytes_};
  }

  std::vector<std::uint8_t> batch_norm_bytes_;
  std::array<std::uint8_t, golden::kActTableBytes> act_bytes_{};
};

}  // namespace kpu::test
