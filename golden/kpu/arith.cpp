// SPDX-License-Identifier: Apache-2.0
#include "golden/kpu/arith.h"

#include <algorithm>
#include <string>

#include "common/bits.h"
#include "common/error.h"

namespace kpu::golden {
namespace {

/// Throws Error unless `value` fits `width` bits, as a signed number or as one from 0 on.
void require_width(const char* what, const char* field, std::int64_t value, unsigned width,
                   bool is_signed) {
  const std::int64_t low = is_signed ? -(std::int64_t{1} << (width - 1)) : 0;
  const std::int64_t high = low + (std::int64_t{1} << width) - 1;
  if (value >= low && value <= high) return;
  throw Error(std::string(what) + " " + field + "=" + std::to_string(value) + ": expected " +
              std::to_string(low) + ".." + std::to_string(high));
}

}  // namespace

BatchNorm decode_batch_norm(std::uint64_t word) {
  return {.mul = static_cast<std::int32_t>(signed_bits(word, 0, 24)),
          .add = static_cast<std::int32_t>(signed_bits(word, 24, 32)),
          .shift = static_cast<std::uint32_t>(bits(word, 56, 4))};
}

std::uint64_t encode_batch_norm(const BatchNorm& bn) {
  require_width("batch norm", "mul", bn.mul, 24, true);
  require_width("batch norm", "shift", bn.shift, 4, false);
  return place_bits(static_cast<std::uint64_t>(bn.mul), 0, 24) |
         place_bits(static_cast<std::uint64_t>(bn.add), 24, 32) | place_bits(bn.shift, 56, 4);
}

ActTable decode_act_table(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < kActTableBytes) {
    throw Error("activation table: " + std::to_string(bytes.size()) + " bytes, expected 144");
  }
  ActTable table;
  for (std::size_t i = 0; i < kSegments; ++i) {
    const std::uint64_t word = load_le<std::uint64_t>(bytes, 8 * i);
    table[i] = {.x_start = signed_bits(word, 24, 36),
                .y_mul = static_cast<std::int32_t>(signed_bits(word, 8, 16)),
                .shift = static_cast<std::uint32_t>(bits(word, 0, 8)),
                .bias = bytes[8 * kSegments + i]};
  }
  return table;
}

std::array<std::uint8_t, kActTableBytes> encode_act_table(const ActTable& table) {
  std::array<std::uint8_t, kActTableBytes> bytes{};
  for (std::size_t i = 0; i < kSegments; ++i) {
    const Segment& segment = table[i];
    require_width("activation", "x_start", segment.x_start, 36, true);
    require_width("activation", "y_mul", segment.y_mul, 16, true);
    require_width("activation", "shift", segment.shift, 8, false);
    const std::uint64_t word = place_bits(segment.shift, 0, 8) |
                               place_bits(static_cast<std::uint64_t>(segment.y_mul), 8, 16) |
                               place_bits(static_cast<std::uint64_t>(segment.x_start), 24, 36);
    store_le(std::span(bytes), 8 * i, word);
    bytes[8 * kSegments + i] = segment.bias;
  }
  return bytes;
}

std::int64_t conv_value(const ConvSums& sums, const ConvArgs& args, std::uint32_t channels) {
  const std::int64_t pixel_term = wrap_mul(args.arg_x, sums.pixels) >> args.shr_x;
  const std::int64_t weight_term = wrap_mul(args.arg_w, sums.weights) >> args.shr_w;
  const std::int64_t constant_term = wrap_mul(args.arg_add, channels);
  return wrap_add(wrap_add(sums.products, pixel_term), wrap_add(weight_term, constant_term));
}

std::int64_t normalize(std::int64_t conv, const BatchNorm& bn) {
  return wrap_add(wrap_mul(conv, bn.mul) >> bn.shift, bn.add);
}

std::size_t find_segment(const ActTable& table, std::int64_t norm, SegmentRule rule) {
  for (std::size_t i = kSegments; i-- > 0;) {
    const std::int64_t start = table[i].x_start;
    if (rule == SegmentRule::kStrict ? start < norm : start <= norm) {
      return i;
    }
  }
  return 0;
}

std::int64_t round_shift(std::int64_t value, std::uint32_t shift, Rounding rounding) {
  if (shift == 0) {
    return value;
  }
  if (shift > 63) {
    if (value >= 0) {
      return 0;
    }
    shift = 63;
  }
  const std::int64_t quotient = value >> shift;
  const std::uint64_t remainder = bits(static_cast<std::uint64_t>(value), 0, shift);
  const std::uint64_t half = std::uint64_t{1} << (shift - 1);
  const bool odd = (quotient & 1) != 0;
  const bool step = remainder > half || (remainder == half && (rounding == Rounding::kV01 || odd));
  const std::int64_t sign = value < 0 ? -1 : 1;
  return step ? quotient + sign : quotient;
}

std::uint8_t activate(const ActTable& table, std::int64_t norm, const ArithOptions& options) {
  const Segment& segment = table[find_segment(table, norm, options.segment_rule)];
  const std::int64_t product = wrap_mul(wrap_sub(norm, segment.x_start), segment.y_mul);
  const std::int64_t y =
      wrap_add(round_shift(product, segment.shift, options.rounding), segment.bias);
  return static_cast<std::uint8_t>(std::clamp<std::int64_t>(y, 0, 255));
}

}  // namespace kpu::golden
