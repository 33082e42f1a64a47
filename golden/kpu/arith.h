// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace kpu::golden {

/// The arithmetic of one KPU output value, one small function per formula of
/// "K210 KPU arithmetic". All values are 64-bit two's complement and wrap like it; `>>` on a
/// negative value rounds toward minus infinity.

/// How the activation's product is rounded when it is shifted down.
enum class Rounding {
  kBankers,  ///< vendor simulators 0.2 and 1.x: ties to even (the default everywhere)
  kV01,      ///< vendor emulator 0.1: ties away, "v0.1 rounding"
};

/// Which segment a value that equals a segment's start belongs to.
enum class SegmentRule {
  kStrict,     ///< last segment with x_start < norm (the default everywhere)
  kAtOrAbove,  ///< last segment with x_start <= norm (emulator 0.1)
};

/// What load_time, the count of weight loads, means where the loads are too many for its six bits.
enum class LoadTime {
  kCounts,   ///< as in the chip: a layer that needs more than 64 loads cannot run
  kIgnored,  ///< as in the vendor's simulators: they take the weights that the layer needs
};

/// The choices that the public sources leave open.
struct ArithOptions {
  Rounding rounding = Rounding::kBankers;
  SegmentRule segment_rule = SegmentRule::kStrict;
  LoadTime load_time = LoadTime::kCounts;

  bool operator==(const ArithOptions&) const = default;
};

/// Constants of the convolution, the same for all output channels (layer words 9 and 10).
struct ConvArgs {
  std::int32_t arg_x = 0;    ///< signed 24 bits
  std::int32_t arg_w = 0;    ///< signed 24 bits
  std::uint32_t shr_x = 0;   ///< 0..15
  std::uint32_t shr_w = 0;   ///< 0..15
  std::int64_t arg_add = 0;  ///< signed 40 bits
};

/// The three sums over taps and input channels behind one output value.
struct ConvSums {
  std::int64_t products = 0;  ///< sum of pixel * weight
  std::int64_t pixels = 0;    ///< sum of pixels, padding included
  std::int64_t weights = 0;   ///< sum of weights
};

/// Batch norm of one output channel.
struct BatchNorm {
  std::int32_t mul = 0;     ///< signed 24 bits
  std::int32_t add = 0;     ///< signed 32 bits
  std::uint32_t shift = 0;  ///< 0..15
};

/// One of the sixteen pieces of the activation function.
struct Segment {
  std::int64_t x_start = 0;  ///< signed 36 bits
  std::int32_t y_mul = 0;    ///< signed 16 bits
  std::uint32_t shift = 0;   ///< 0..255
  std::uint8_t bias = 0;     ///< added after the shift
};

inline constexpr std::size_t kSegments = 16;
inline constexpr std::size_t kBatchNormBytes = 8;   ///< bytes of one channel's table entry
inline constexpr std::size_t kActTableBytes = 144;  ///< 16 words and 16 bias bytes
using ActTable = std::array<Segment, kSegments>;

/// Batch-norm table entry from its 64-bit word, and back. Throws Error for a field that does not
/// fit its width.
BatchNorm decode_batch_norm(std::uint64_t word);
std::uint64_t encode_batch_norm(const BatchNorm& bn);

/// Activation table from its 144 bytes, and back. Throws Error if `bytes` is shorter or a field
/// does not fit its width.
ActTable decode_act_table(std::span<const std::uint8_t> bytes);
std::array<std::uint8_t, kActTableBytes> encode_act_table(const ActTable& table);

/// conv = products + ((arg_x * pixels) >> shr_x) + ((arg_w * weights) >> shr_w)
///        + arg_add * channels, where `channels` is the number of input channels summed
/// (all of them, or 1 when depthwise).
std::int64_t conv_value(const ConvSums& sums, const ConvArgs& args, std::uint32_t channels);

/// norm = ((conv * mul) >> shift) + add.
std::int64_t normalize(std::int64_t conv, const BatchNorm& bn);

/// Index of the segment for `norm`: the highest that matches `rule`, 0 if none does. Segments need
/// not be sorted.
std::size_t find_segment(const ActTable& table, std::int64_t norm, SegmentRule rule);

/// `value` divided by 2^shift and rounded. Exact for every shift up to 63; from 64 on the result
/// is 0 for value >= 0 and that of shift 63 for value < 0.
///
/// kBankers: with q = value >> shift and f the remainder (0 .. 2^shift - 1), f below half gives q,
/// above half q + sign, half itself q + sign only if q is odd; sign is -1 for a negative value.
/// (Not symmetric for negative values: the fraction is counted from the floor, the step goes away
/// from zero. The simulators do exactly this.)
/// kV01: the same with half itself always giving q + sign.
std::int64_t round_shift(std::int64_t value, std::uint32_t shift, Rounding rounding);

/// y = clamp(round_shift((norm - x_start) * y_mul, shift) + bias, 0, 255).
std::uint8_t activate(const ActTable& table, std::int64_t norm, const ArithOptions& options);

/// Whether `value` fits the 36 signed bits that conv and norm are specified for.
constexpr bool fits_36_bits(std::int64_t value) {
  return value >= -(std::int64_t{1} << 35) && value < (std::int64_t{1} << 35);
}

}  // namespace kpu::golden
