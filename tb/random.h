// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace kpu::tb {

/// A small fast random generator (xorshift64*): the same numbers from the same seed everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u + 1) {
    if (state_ == 0) state_ = 1;
  }

  std::uint64_t next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545F4914F6CDD1Du;
  }
  /// 0 .. n-1, for n below 2^31.
  std::uint32_t below(std::uint32_t n) {
    return static_cast<std::uint32_t>(((next() >> 32) * n) >> 32);
  }
  /// True with a probability of `percent` in 100.
  bool chance(std::uint32_t percent) { return percent != 0 && below(100) < percent; }

 private:
  std::uint64_t state_;
};

}  // namespace kpu::tb
