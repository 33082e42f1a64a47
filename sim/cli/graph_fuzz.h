// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace kpu::sim {

/// kpu fuzz --graphs: `count` random networks from `seed` on through the compiler, the golden model
/// and the RTL, in `jobs` threads. A failure is printed with its seed, and its network written to the folder `out`.
/// Returns the exit code.
int run_graph_fuzz(std::uint64_t count, std::uint64_t seed, unsigned jobs, const std::string& out);

}  // namespace kpu::sim
