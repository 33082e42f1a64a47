// SPDX-License-Identifier: Apache-2.0
//
// Layer times that others measured on the chip, and what the public fit says to them.
#pragma once

#include <string>
#include <vector>

#include "golden/kpu/layer_args.h"

namespace kpu::sim {

/// A measured layer beside the fit.
struct MeasuredPoint {
  std::string name;
  golden::LayerShape shape;
  bool eight_bit = true;  ///< weights
  double measured_ms = 0;
  double fitted_ms = 0;

  double clock_hz = 400e6;  ///< of the chip when it was measured

  double measured_cycles() const { return measured_ms * 1e-3 * clock_hz; }
  double error_percent() const { return 100 * (fitted_ms / measured_ms - 1); }
};

/// The public sweep: 3x3, 128 to 128 channels, 16-bit weights, KPU at 300 MHz; names are the
/// image's width x height. (The largest does not fit AI RAM: its time was measured all the same.)
std::vector<MeasuredPoint> measured_sweep();

/// The public log of a face detector's 23 layers, at 400 MHz.
std::vector<MeasuredPoint> measured_face_detector();

}  // namespace kpu::sim
