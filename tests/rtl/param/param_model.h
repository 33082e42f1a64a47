// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <random>
#include <vector>

namespace kpu::test {

/// One job of the parameter path: the fields of the layer and of the fetch it looks at.
struct ParamJob {
  bool depthwise = false;
  bool kernel3 = false;
  bool load_act = true;
  bool eight_bit = true;
  bool half = false;
  std::uint32_t in_channels = 1;   ///< 1..1024
  std::uint32_t out_channels = 1;  ///< 1..1024; depthwise: equal to in_channels
  std::uint32_t grp_l2 = 0;        ///< 0..2
  std::uint32_t shr_w = 0;         ///< 0..15
  std::int32_t arg_w = 0;          ///< 24 bits signed
  std::int64_t arg_add_n = 0;      ///< 50 bits signed
  std::uint32_t act_addr = 0;
  std::uint32_t bn_addr = 0;
  std::uint32_t w_addr = 0;
  std::uint32_t load_bytes = 0;     ///< from one load to the next, 17 bits
  std::uint32_t load_channels = 1;  ///< output channels of a load
  std::uint32_t tile_channels = 1;  ///< output channels of a full tile, 1..32
  std::uint32_t burst_beats = 16;   ///< 1..16

  std::uint32_t kernel_weights() const { return kernel3 ? 9 : 1; }
  /// Channels that one output channel sums.
  std::uint32_t summed() const { return depthwise ? 1 : in_channels; }
  /// Bytes of one output channel's weights.
  std::uint32_t channel_bytes() const {
    return kernel_weights() * summed() * (eight_bit ? 1 : 2);
  }
  /// Output channels whose weights come before the tables, where any do.
  std::uint32_t first_channels() const {
    return depthwise ? 0 : std::min({tile_channels, load_channels, out_channels});
  }
  std::uint32_t loads() const { return (out_channels + load_channels - 1) / load_channels; }
};

/// Byte of memory at an address.
using Memory = std::function<std::uint8_t(std::uint32_t)>;

/// What a row of the weight ring must hold: slot j, byte t at [9*j + t]; -1: anything.
struct ExpectedRow {
  std::array<std::int16_t, 36> bytes;
  std::uint32_t channels_done = 0;  ///< output channels whose K is readable once this row counts
};

/// What a job must leave behind, written straight from the tables of docs/architecture.md.
struct ExpectedParams {
  std::vector<ExpectedRow> rows;
  std::vector<std::int64_t> k;    ///< per output channel
  std::vector<std::uint64_t> bn;  ///< 60 bits per output channel
  std::array<std::int64_t, 16> key, start;
  std::array<std::int16_t, 16> mul;
  std::array<std::uint8_t, 16> shift, bias;
};

ExpectedParams expected_params(const ParamJob& job, const Memory& memory);

/// A job with random shape, addresses of any alignment and, now and then, extreme arguments; up to
/// `max_bytes` bytes of weights.
ParamJob random_job(std::mt19937& random, std::uint32_t max_bytes);

}  // namespace kpu::test
