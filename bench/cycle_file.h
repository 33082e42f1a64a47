// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace kpu::bench {

/// Cycles of every KPU layer, by name of the case.
using CycleTable = std::map<std::string, std::vector<std::uint64_t>>;

/// Reads the file that keeps the cycle counts in the repository; empty if there is none. Throws
/// kpu::Error if it cannot be understood.
CycleTable read_cycles(const std::string& path);

/// Writes it, one case a line, so that a change shows in a diff. Throws kpu::Error.
void write_cycles(const std::string& path, const CycleTable& table);

/// What is wrong with a case's new counts, one line each: a layer or the total that takes over 1 %
/// (and over 2 cycles) more than the kept count, or a total that has improved, which the file
/// should then say. Empty if nothing is.
std::vector<std::string> compare_cycles(const std::string& name,
                                        const std::vector<std::uint64_t>& kept,
                                        const std::vector<std::uint64_t>& now);

}  // namespace kpu::bench
