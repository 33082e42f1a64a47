// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/engine/run_report.h"

namespace kpu::sim {

/// Writes the run as JSON: "settings" (format, profile, golden path), "kpu_layers", "outputs",
/// "detections" or "classes", "configuration" (of the RTL or board that ran, else the one that this
/// program was built with), "cycles_total", "verdict", "wall_seconds" and the rates. Throws
/// kpu::Error if the file cannot be written.
void save_report_json(const std::string& path, const RunReport& report);

}  // namespace kpu::sim
