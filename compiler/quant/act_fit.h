// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "golden/kpu/arith.h"

namespace kpu::compiler {

/// A line of the fit: code = bias + slope * (x - start), for start < x up to the next start.
struct FitSegment {
  double start = 0;
  double slope = 0;
  int bias = 0;
};

struct ActFit {
  std::vector<FitSegment> segments;  ///< at most 15, sorted by start; flat below the first
  double largest_error = 0;          ///< codes, over low .. high, before rounding
};

/// Lines for the function `codes` (real x to real code; clamped to 0..255 here) over low .. high.
/// `seen` are values of x as they occur. Minimises the mean square error weighted by how often
/// values occur, where every part of the range keeps some weight.
ActFit fit_activation(const std::function<double(double)>& codes, double low, double high,
                      std::span<const float> seen);

/// The table for x scaled to integers: norm = x * units. Throws Error if a start does not fit.
golden::ActTable act_table(const ActFit& fit, double units);

}  // namespace kpu::compiler
