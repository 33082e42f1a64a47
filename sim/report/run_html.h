// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "sim/engine/run_report.h"
#include "sim/vision/image.h"

namespace kpu::sim {

/// A run as one HTML page that needs no other file: the verdict, the picture with what was found on
/// it, cycles of each layer by what they are spent on, the roofline, the layer table, the first
/// channels of each layer's output, and the report of report_json(). `picture` may be missing; so
/// are the parts about cycles in a run without the RTL.
std::string run_html(const RunReport& report, const std::optional<Image>& picture);

}  // namespace kpu::sim
