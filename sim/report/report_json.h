// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "sim/engine/run_report.h"

namespace kpu::sim {

/// The run as JSON: "settings" (format, profile, golden path), "kpu_layers", "outputs",
/// "detections" or "classes", "configuration" (of the RTL or board that ran, else the one that this
/// program was built with), "cycles_total", "verdict", "wall_seconds" and the rates.
nlohmann::ordered_json report_json(const RunReport& report);

/// Writes report_json(). Throws kpu::Error if the file cannot be written.
void save_report_json(const std::string& path, const RunReport& report);

}  // namespace kpu::sim
