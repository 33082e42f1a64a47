// SPDX-License-Identifier: Apache-2.0
#include "compiler/quant/score.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kpu::compiler {
namespace {

constexpr double kMostSnr = 200;

}  // namespace

void ScoreSum::add(std::span<const float> wanted, std::span<const float> got, float low,
                   float high) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const double x = wanted[i], y = got[i], error = y - x;
    signal_ += x * x;
    noise_ += error * error;
    other_ += y * y;
    product_ += x * y;
    largest_ = std::max(largest_, std::fabs(error));
    saturated_ += wanted[i] < low || wanted[i] > high;
  }
  count_ += wanted.size();
}

void ScoreSum::add(const ScoreSum& other) {
  signal_ += other.signal_;
  noise_ += other.noise_;
  other_ += other.other_;
  product_ += other.product_;
  largest_ = std::max(largest_, other.largest_);
  count_ += other.count_;
  saturated_ += other.saturated_;
}

Score ScoreSum::score() const {
  Score result;
  result.snr_db = noise_ <= 0    ? kMostSnr
                  : signal_ <= 0 ? 0
                                 : std::min(kMostSnr, 10 * std::log10(signal_ / noise_));
  result.cosine = signal_ > 0 && other_ > 0 ? product_ / std::sqrt(signal_ * other_) : 1;
  result.largest_error = largest_;
  result.saturated = count_ > 0 ? double(saturated_) / double(count_) : 0;
  return result;
}

Score score(std::span<const float> wanted, std::span<const float> got) {
  constexpr float kNoEnd = std::numeric_limits<float>::infinity();
  ScoreSum sum;
  sum.add(wanted, got, -kNoEnd, kNoEnd);
  return sum.score();
}

}  // namespace kpu::compiler
