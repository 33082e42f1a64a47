// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "golden/kpu/arith.h"
#include "golden/kpu/layer_args.h"

namespace kpu::golden {

/// What the KPU fetches from memory for one layer.
struct LayerTables {
  std::span<const std::uint8_t> weights;     ///< LayerArgs::weight_bytes() or more
  std::span<const std::uint8_t> batch_norm;  ///< 8 bytes per output channel or more
  std::span<const std::uint8_t> act;         ///< 144 bytes or more; may be empty if !load_act
};

/// A position in a layer before pooling.
struct Position {
  std::uint32_t channel = 0;
  std::uint32_t row = 0;
  std::uint32_t column = 0;
};

/// Values that do not fit 36 signed bits. Only values count that some output depends on: what a
/// select-pool, first_stride or a dropped last row or column never looks at is not reported.
struct RangeReport {
  std::uint64_t conv_count = 0;  ///< conv values that do not fit
  std::uint64_t norm_count = 0;  ///< norm values that do not fit
  Position first;                ///< first of either kind, channel by channel, row by row

  bool ok() const { return conv_count == 0 && norm_count == 0; }
};

/// Sees the stages of a layer, one output channel after the other; for scoreboards and dumps.
class StageRecorder {
 public:
  virtual ~StageRecorder() = default;

  /// All positions of one output channel before pooling, row by row (in_height * in_width values
  /// each): conv, norm and the activation's output. Not called when load_act is 0.
  virtual void channel(std::uint32_t index, std::span<const std::int64_t> conv,
                       std::span<const std::int64_t> norm, std::span<const std::uint8_t> act) = 0;
};

struct LayerOptions {
  bool eight_bit = true;  ///< weights of 8 bits; else 16 bits, little endian
  ArithOptions arith;
  StageRecorder* recorder = nullptr;
};

struct KpuLayerOutput {
  std::vector<std::uint8_t> planar;  ///< out_channels x out_height x out_width
  /// With full_add, the sum over all positions of conv for each output channel; else empty.
  /// No public simulator models full_add: this is this project's reading of the driver, which
  /// reads out_channels 64-bit words from fifo_data_out after such a layer.
  std::vector<std::int64_t> channel_sums;
  RangeReport range;
};

/// The reference of one KPU layer (K210 KPU arithmetic): `input` is the planar image, in_channels
/// x in_height x in_width. Throws Error if `args` has a problem or a table is too short.
KpuLayerOutput run_kpu_layer(const LayerArgs& args, std::span<const std::uint8_t> input,
                             const LayerTables& tables, const LayerOptions& options);

/// Pooling of one channel (K210 KPU, pooling): `in` is height x width, the result
/// (height div stride) x (width div stride). Throws Error for a pool type above 9.
std::vector<std::uint8_t> pool_channel(std::span<const std::uint8_t> in, std::uint32_t height,
                                       std::uint32_t width, std::uint32_t pool_type);

/// What a layer puts into fifo_data_out: with full_add the channel sums, else with send_data_out
/// the planar output, else nothing; little-endian 64-bit words, the last one zero-filled.
std::vector<std::uint64_t> output_stream(const LayerArgs& args, const KpuLayerOutput& output);

}  // namespace kpu::golden
