// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/engine/run_report.h"

namespace kpu::sim {

/// Roofline of a run as SVG: for every KPU layer, multiplications a cycle over multiplications per
/// byte of parameters fetched, under the roofs of the array (576 a cycle with 64 lanes; 1x1 layers
/// use eight of nine multipliers) and of the parameter bus (8 bytes a cycle). Throws kpu::Error if
/// the run has no cycles.
std::string roofline_svg(const RunReport& report);

/// Cycles of every KPU layer as SVG bars on a logarithmic scale: the chip as measured (where a
/// published log has exactly these layers), the chip by the public fit, the RTL, the lane bound.
/// Throws kpu::Error if the run has no cycles.
std::string layer_plot_svg(const RunReport& report);

}  // namespace kpu::sim
