// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "sim/cli/batch.h"

namespace kpu::sim {

/// First line of the CSV file: input, verdict, outputs (checksums between spaces), top_class,
/// probability, objects, boxes, golden_ms, hardware_ms, cycles, note (the error, or where the
/// engines first differ). Cells as in RFC 4180; what does not apply is empty.
std::string csv_header();

/// The line of one input, with its newline.
std::string csv_line(const BatchRow& row);

/// A row for each input; with `only_bad`, for those that failed or differ. Empty without rows.
std::string batch_table(std::span<const BatchRow> rows, bool only_bad);

/// How many inputs matched, differ and failed, the time and the cycles they took, and what was
/// found in them.
std::string batch_summary(std::span<const BatchRow> rows, double clock_hz);

}  // namespace kpu::sim
