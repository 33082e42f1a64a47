// SPDX-License-Identifier: Apache-2.0
//
// Every formula of the KPU arithmetic against numbers worked out by hand or by exact integer
// arithmetic. Enough, because each function is pure and small: ties, signs and both ends of the
// shift range are where it can go wrong, and all of them are here.
#include "golden/kpu/arith.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "common/error.h"
#include "tests/support/catch2.h"

using namespace kpu::golden;

namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

std::int64_t bankers(std::int64_t value, std::uint32_t shift) {
  return round_shift(value, shift, Rounding::kBankers);
}

std::int64_t v01(std::int64_t value, std::uint32_t shift) {
  return round_shift(value, shift, Rounding::kV01);
}

ActTable flat_table(std::int64_t start) {
  ActTable table{};
  for (Segment& segment : table) {
    segment.x_start = start;
  }
  return table;
}

}  // namespace

TEST_CASE("round_shift by 2 gives the simulators' values") {
  const std::vector<std::int64_t> even = {-4, -4, -2, -2, -2, -3, -1, -1, -2, -2, 0,
                                          0,  0,  1,  1,  1,  2,  2,  2,  2,  2};
  const std::vector<std::int64_t> away = {-4, -4, -2, -2, -3, -3, -1, -1, -2, -2, 0,
                                          0,  1,  1,  1,  1,  2,  2,  2,  2,  3};
  for (int value = -10; value <= 10; ++value) {
    CAPTURE(value);
    CHECK(bankers(value, 2) == even[value + 10]);
    CHECK(v01(value, 2) == away[value + 10]);
  }
}

TEST_CASE("round_shift is exact at both ends of the shift") {
  CHECK(bankers(kMin, 0) == kMin);
  CHECK(bankers(kMax, 0) == kMax);
  // 2^62 is the half of 2^63: a tie with an even quotient stays.
  CHECK(bankers(std::int64_t{1} << 62, 63) == 0);
  CHECK(v01(std::int64_t{1} << 62, 63) == 1);
  CHECK(bankers((std::int64_t{1} << 62) + 1, 63) == 1);
  CHECK(bankers(kMax, 63) == 1);
  // -1: quotient -1, remainder 2^63 - 1 above the half, step away from zero.
  CHECK(bankers(-1, 63) == -2);
  CHECK(bankers(kMin, 63) == -1);
  CHECK(bankers(kMin + 1, 63) == -1);
  // The half of 2^32 needs more than an int.
  CHECK(bankers(3ll << 31, 32) == 2);
  CHECK(bankers(1ll << 31, 32) == 0);
  for (std::uint32_t shift : {64u, 100u, 255u}) {
    CHECK(bankers(kMax, shift) == 0);
    CHECK(bankers(0, shift) == 0);
    CHECK(bankers(-1, shift) == -2);
    CHECK(bankers(kMin, shift) == -1);
  }
}

TEST_CASE("conv terms are shifted as whole sums, toward minus infinity") {
  const ConvSums sums{.products = 23330, .pixels = 137, .weights = 290};
  const ConvArgs args{.arg_x = -128, .arg_w = -12, .shr_x = 0, .shr_w = 0, .arg_add = 1536};
  CHECK(conv_value(sums, args, 2) == 5386);

  // First layer of a yolo network, all pixels 128, a corner.
  const ConvSums corner{.products = 207104, .pixels = 1536, .weights = 3621};
  const ConvArgs scaled{.arg_x = -4390912, .arg_w = 0, .shr_x = 15, .shr_w = 0, .arg_add = 0};
  CHECK(conv_value(corner, scaled, 3) == 1280);

  const ConvArgs both{.arg_x = -1, .arg_w = -1, .shr_x = 4, .shr_w = 2, .arg_add = -1};
  CHECK(conv_value({.products = 0, .pixels = 1, .weights = 5}, both, 3) == -1 - 2 - 3);
}

TEST_CASE("normalize multiplies, shifts down, adds") {
  CHECK(normalize(5386, {.mul = 57131, .add = 15787, .shift = 15}) == 25177);
  CHECK(normalize(1280, {.mul = 26740, .add = 39792, .shift = 15}) == 40836);
  CHECK(normalize(-864, {.mul = 1453162, .add = -16460594, .shift = 7}) == -26269438);
  CHECK(normalize(-1, {.mul = 1, .add = 0, .shift = 15}) == -1);
}

TEST_CASE("find_segment takes the highest that matches, sorted or not") {
  ActTable table = flat_table(1000);
  table[0].x_start = -(std::int64_t{1} << 35);
  table[3].x_start = 10;
  table[7].x_start = 10;
  table[9].x_start = -50;
  CHECK(find_segment(table, 11, SegmentRule::kStrict) == 9);
  table[9].x_start = 12;
  CHECK(find_segment(table, 11, SegmentRule::kStrict) == 7);
  CHECK(find_segment(table, 10, SegmentRule::kStrict) == 0);
  CHECK(find_segment(table, 10, SegmentRule::kAtOrAbove) == 7);
  CHECK(find_segment(table, 1001, SegmentRule::kStrict) == 15);
  // Below every start: segment 0 by this project's choice.
  CHECK(find_segment(flat_table(5), -7, SegmentRule::kStrict) == 0);
  CHECK(find_segment(flat_table(5), -7, SegmentRule::kAtOrAbove) == 0);
}

TEST_CASE("activate") {
  const ArithOptions current;
  const ArithOptions old{.rounding = Rounding::kV01, .segment_rule = SegmentRule::kAtOrAbove};

  ActTable table = flat_table(0);
  for (Segment& segment : table) {
    segment.y_mul = 1024;
    segment.shift = 20;
  }
  CHECK(activate(table, 25177, current) == 25);

  for (Segment& segment : table) {
    segment.x_start = 16384;
    segment.bias = 16;
  }
  CHECK(activate(table, 40836, current) == 40);
  CHECK(activate(table, 40105, current) == 39);
  // The tie: 12.5 goes to the even 12, or up to 13.
  CHECK(activate(table, 29184, current) == 28);
  CHECK(activate(table, 29184, old) == 29);

  // A falling segment: -0.451 is counted from the floor -1 and steps on to -2.
  for (Segment& segment : table) {
    segment = {.x_start = -74280376, .y_mul = -20659, .shift = 41, .bias = 1};
  }
  CHECK(activate(table, -26269438, current) == 0);

  for (Segment& segment : table) {
    segment = {.x_start = 0, .y_mul = 1, .shift = 0, .bias = 200};
  }
  CHECK(activate(table, 55, current) == 255);
  CHECK(activate(table, 1000000, current) == 255);
  CHECK(activate(table, -201, current) == 0);
}

TEST_CASE("tables survive encoding, at the ends of every field") {
  for (const BatchNorm& bn : {BatchNorm{-8388608, -2147483647 - 1, 15},
                              BatchNorm{8388607, 2147483647, 0}, BatchNorm{-1, -1, 7}}) {
    const BatchNorm back = decode_batch_norm(encode_batch_norm(bn));
    CHECK(back.mul == bn.mul);
    CHECK(back.add == bn.add);
    CHECK(back.shift == bn.shift);
  }
  // Bits 63:60 are not part of the entry.
  CHECK(decode_batch_norm(0xF000000000000000ull).shift == 0);

  ActTable table = flat_table(-(std::int64_t{1} << 35));
  table[0] = {.x_start = (std::int64_t{1} << 35) - 1, .y_mul = -32768, .shift = 255, .bias = 255};
  table[15] = {.x_start = -1, .y_mul = 32767, .shift = 1, .bias = 7};
  const ActTable back = decode_act_table(encode_act_table(table));
  for (std::size_t i = 0; i < kSegments; ++i) {
    CAPTURE(i);
    CHECK(back[i].x_start == table[i].x_start);
    CHECK(back[i].y_mul == table[i].y_mul);
    CHECK(back[i].shift == table[i].shift);
    CHECK(back[i].bias == table[i].bias);
  }
  CHECK_THROWS_AS(decode_act_table(std::vector<std::uint8_t>(143)), kpu::Error);
}

TEST_CASE("36 signed bits") {
  const std::int64_t limit = std::int64_t{1} << 35;
  CHECK(fits_36_bits(limit - 1));
  CHECK_FALSE(fits_36_bits(limit));
  CHECK(fits_36_bits(-limit));
  CHECK_FALSE(fits_36_bits(-limit - 1));
}
