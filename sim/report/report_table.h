// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/engine/run_report.h"

namespace kpu::sim {

/// The layer table of a run, the totals and what the output means, for a terminal.
std::string report_table(const RunReport& report);

/// One line: where the engines first differ, and in which stage.
std::string describe(const Difference& difference);

/// The same as two lines for a terminal, each with its end.
std::string difference_text(const Difference& difference);

}  // namespace kpu::sim
