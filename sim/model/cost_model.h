// SPDX-License-Identifier: Apache-2.0
//
// Cycles of a layer without simulation: what the array needs at least, and what the chip takes.
#pragma once

#include <cstdint>

#include "golden/kpu/layer_args.h"

namespace kpu::sim {

/// Taps of a multiplier lane, and the lanes of the chip.
inline constexpr std::uint32_t kTaps = 9;
inline constexpr std::uint32_t kChipLanes = 64;

/// What the chip's memory gives a layer's parameters: by measured layers that wait for nothing else.
inline constexpr double kChipParameterBytesPerSecond = 0.87e9;

/// Bytes of weights, batch-norm table and activation table a layer fetches from memory.
std::uint64_t parameter_bytes(const golden::LayerArgs& args, bool eight_bit);

/// Cycles an array of `lanes` x 9 multipliers needs for the products alone: 3x3 one line of one
/// channel group a cycle, 1x1 eight channel groups a cycle, depthwise one line a cycle; rows that
/// no output depends on (dropped by a select-pool or first_stride, left over at the bottom) are not
/// computed; 16-bit weights take two passes.
std::uint64_t lane_bound(const golden::LayerArgs& args, bool eight_bit, std::uint32_t lanes);

/// Cycles the K210 takes by the public fit to its measured layer times. With g channels a line,
/// r lines a row and s = ceil(ic/g) * r * oc: 3x3 s*(h+7) + 7.5 k, 1x1 s*(h+3.15) + 13.4 k,
/// depthwise 2.3 a line + 13.1 a channel + 2.5 k; never faster than its weights arrive
/// (0.87 GB/s, with the KPU at `clock_hz`).
double k210_cycles(const golden::LayerArgs& args, bool eight_bit, double clock_hz);

}  // namespace kpu::sim
