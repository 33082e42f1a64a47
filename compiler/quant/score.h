// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

namespace kpu::compiler {

/// How the codes of a value compare with the float network's, over the calibration pictures.
struct Score {
  double snr_db = 0;  ///< signal to noise; 200 for no noise
  double cosine = 1;
  double largest_error = 0;  ///< real units
  double saturated = 0;      ///< share of codes 0 and 255 that stand for values beyond the range
};

/// Adds up what a Score needs.
class ScoreSum {
 public:
  /// Takes in values; those outside low .. high count as saturated.
  void add(std::span<const float> wanted, std::span<const float> got, float low, float high);
  /// Takes in another sum.
  void add(const ScoreSum& other);
  Score score() const;

 private:
  double signal_ = 0, noise_ = 0, other_ = 0, product_ = 0, largest_ = 0;
  std::size_t count_ = 0, saturated_ = 0;
};

/// Signal to noise in dB and the rest, of `got` against `wanted`.
Score score(std::span<const float> wanted, std::span<const float> got);

}  // namespace kpu::compiler
