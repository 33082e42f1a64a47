// SPDX-License-Identifier: Apache-2.0
//
// Sixteen lines for any function. A segment's value at its start is a whole code, so lines start
// where the function crosses one; which of these crossings are used is found by dynamic
// programming over the weighted square error of the best slope, from sums over the samples.
#include "compiler/quant/act_fit.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "common/error.h"

namespace kpu::compiler {
namespace {

constexpr int kMostSegments = 15;  // the first of the sixteen is flat, for everything below
constexpr int kSamples = 2048;
constexpr double kNone = std::numeric_limits<double>::infinity();
constexpr double kEvenShare = 0.02;  ///< of the weight, spread evenly over the range
/// Halvings of a sample's width (an eighth of a code) that find where a code is crossed.
constexpr int kHalvings = 14;
/// The largest shift whose half the runtimes hold in 32 bits.
constexpr int kLargestShift = 31;

struct Sums {
  double w = 0, wx = 0, wxx = 0, wg = 0, wgg = 0, wxg = 0;

  void add(double weight, double x, double g) {
    w += weight;
    wx += weight * x;
    wxx += weight * x * x;
    wg += weight * g;
    wgg += weight * g * g;
    wxg += weight * x * g;
  }
  Sums operator-(const Sums& o) const {
    return {w - o.w, wx - o.wx, wxx - o.wxx, wg - o.wg, wgg - o.wgg, wxg - o.wxg};
  }
};

struct Candidate {
  double x;
  int code;
  int sample;  ///< first sample at or above x
};

struct Line {
  double slope;
  double error;  ///< weighted square
};

/// The best line through (x0, code) over the samples in `s`.
Line best_line(const Sums& s, double x0, double code) {
  const double xx = s.wxx - 2 * x0 * s.wx + x0 * x0 * s.w;
  const double xg = s.wxg - x0 * s.wg - code * s.wx + x0 * code * s.w;
  const double gg = std::max(0., s.wgg - 2 * code * s.wg + code * code * s.w);
  if (xx <= 0) return {0, gg};
  const double slope = xg / xx, error = std::max(0., gg - xg * slope);
  // A falling line is rounded the wrong way by up to a code.
  if (slope < 0 && error + s.w > gg) return {0, gg};
  return {slope, slope < 0 ? error + s.w : error};
}

class Fitter {
 public:
  Fitter(const std::function<double(double)>& codes, double low, double high,
         std::span<const float> seen)
      : codes_(codes), low_(low), step_((high - low) / kSamples) {
    std::vector<double> weights(kSamples, kEvenShare / kSamples);
    for (float x : seen) {
      const double at = std::clamp((x - low) / step_, 0., double{kSamples - 1});
      weights[static_cast<std::size_t>(at)] += (1 - kEvenShare) / static_cast<double>(seen.size());
    }
    prefix_.resize(kSamples + 1);
    for (int i = 0; i < kSamples; ++i) {
      values_.push_back(value(middle(i)));
      prefix_[i + 1] = prefix_[i];
      prefix_[i + 1].add(weights[i], middle(i) - low_, values_[i]);
    }
    find_candidates();
  }

  ActFit fit() const {
    const std::size_t count = candidates_.size();
    // best[k][j]: least error of everything below candidate j with k lines, the next starts at j.
    std::vector<std::vector<double>> best(kMostSegments + 1, std::vector<double>(count + 1, kNone));
    best[0][0] = 0;
    std::vector<double> errors(count + 1);
    for (std::size_t j = 1; j <= count; ++j) {
      for (std::size_t i = 0; i < j; ++i) errors[i] = line(i, j).error;
      for (int k = 0; k < kMostSegments; ++k) best[k + 1][j] = least_sum(best[k], errors, j);
    }
    int k = 1;
    for (int lines = 2; lines <= kMostSegments; ++lines) {
      // One more line has to be worth it.
      if (best[lines][count] < 0.999 * best[k][count] - 1e-12) k = lines;
    }
    ActFit fit;
    for (std::size_t j = count; k > 0; --k) {
      std::size_t i = 0;  // where the last of the k lines below j starts
      while (best[k - 1][i] + line(i, j).error != best[k][j]) ++i;
      const Line found = line(i, j);
      const int lift = found.slope < 0 ? 1 : 0;
      fit.segments.insert(fit.segments.begin(), {candidates_[i].x, found.slope,
                                                 std::clamp(candidates_[i].code + lift, 0, 255)});
      j = i;
    }
    for (int i = 0; i < kSamples; ++i) {
      fit.largest_error = std::max(fit.largest_error, std::fabs(at(fit, middle(i)) - values_[i]));
    }
    return fit;
  }

 private:
  double middle(int i) const { return low_ + (i + 0.5) * step_; }

  double value(double x) const {
    const double code = codes_(x);
    return code != code ? 0 : std::clamp(code, 0., 255.);
  }

  static double at(const ActFit& fit, double x) {
    double code = fit.segments.front().bias;
    for (const FitSegment& segment : fit.segments) {
      if (segment.start < x) code = segment.bias + segment.slope * (x - segment.start);
    }
    return std::clamp(code, 0., 255.);
  }

  /// The least of a[i] + b[i] for i < count; lane by lane, so that vectors can do it.
  static double least_sum(const std::vector<double>& a, const std::vector<double>& b,
                          std::size_t count) {
    constexpr std::size_t kLanes = 8;
    double least[kLanes];
    std::fill_n(least, kLanes, kNone);
    std::size_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        const double sum = a[i + lane] + b[i + lane];
        least[lane] = sum < least[lane] ? sum : least[lane];
      }
    }
    for (; i < count; ++i) least[0] = std::min(least[0], a[i] + b[i]);
    return *std::min_element(least, least + kLanes);
  }

  /// The line from candidate i up to candidate j, or to the right end.
  Line line(std::size_t i, std::size_t j) const {
    const Candidate& start = candidates_[i];
    const int end = j < candidates_.size() ? candidates_[j].sample : kSamples;
    return best_line(prefix_[end] - prefix_[start.sample], start.x - low_, start.code);
  }

  /// Where the function crosses whole codes, and the left end.
  void find_candidates() {
    candidates_.push_back({low_, static_cast<int>(std::lround(value(low_))), 0});
    for (int i = 0; i + 1 < kSamples; ++i) {
      const double a = values_[i], b = values_[i + 1];
      if (a == b) continue;
      // The level next to a in the direction of b, and the last one before b.
      const bool up = b > a;
      const double first = up ? std::ceil(a) : std::floor(a);
      const double last = up ? std::floor(b) : std::ceil(b);
      for (double level : {first, last}) {
        if (up ? level > b : level < b) continue;
        double inside = middle(i), outside = middle(i + 1);
        for (int step = 0; step < kHalvings; ++step) {
          const double x = (inside + outside) / 2;
          (up ? value(x) <= level : value(x) >= level) ? inside = x : outside = x;
        }
        if (inside > candidates_.back().x) {
          candidates_.push_back({inside, static_cast<int>(level), i + 1});
        }
        if (first == last) break;
      }
    }
  }

  const std::function<double(double)>& codes_;
  double low_, step_;
  std::vector<double> values_;
  std::vector<Sums> prefix_;
  std::vector<Candidate> candidates_;
};

}  // namespace

ActFit fit_activation(const std::function<double(double)>& codes, double low, double high,
                      std::span<const float> seen) {
  if (!(high > low)) high = low + 1;
  return Fitter(codes, low, high, seen).fit();
}

golden::ActTable act_table(const ActFit& fit, double units) {
  golden::ActTable table{};
  constexpr std::int64_t kLowest = -(std::int64_t{1} << 35);
  table.fill({.x_start = kLowest,
              .y_mul = 0,
              .shift = 0,
              .bias = static_cast<std::uint8_t>(fit.segments.front().bias)});
  // Behind the flat segment; unused ones stay equal to it in front.
  std::size_t i = golden::kSegments - fit.segments.size();
  for (const FitSegment& segment : fit.segments) {
    golden::Segment& entry = table[i++];
    const double start = std::floor(segment.start * units);
    if (!(std::fabs(start) < 3.4e10)) throw Error("activation: a segment starts beyond 36 bits");
    entry.x_start = static_cast<std::int64_t>(start);
    entry.bias = static_cast<std::uint8_t>(segment.bias);
    const double slope = segment.slope / units;
    int shift = kLargestShift;
    while (shift > 0 && std::fabs(slope) * std::ldexp(1., shift) > 32767) --shift;
    entry.shift = static_cast<std::uint32_t>(shift);
    entry.y_mul = static_cast<std::int32_t>(
        std::clamp(std::round(slope * std::ldexp(1., shift)), -32767., 32767.));
    if (entry.y_mul == 0) entry.shift = 0;
  }
  return table;
}

}  // namespace kpu::compiler
