// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sim/engine/run_report.h"

namespace kpu::sim {

/// Reads the values that an output is expected to have: a .npy file of any type, or raw values, as
/// many bytes as the output or as its values have as float32. Throws kpu::Error, naming the file,
/// for a count that is not the output's.
std::vector<float> read_expected(const std::string& path, const OutputReport& output);

/// Compares an output with what a file says. NaN equals NaN; other differences with NaN are
/// infinite. `tolerance` is the largest difference that passes, 0 or more.
Expectation compare_expected(const OutputReport& output, std::size_t index, const std::string& path,
                             double tolerance);

/// A line: largest difference and where, signal to noise, how many values are outside.
std::string expectation_text(const Expectation& expectation);

}  // namespace kpu::sim
