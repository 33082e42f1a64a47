// SPDX-License-Identifier: Apache-2.0
//
// What the RTL's performance counters mean.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

namespace kpu::sim {

using Counters = std::map<std::string, std::uint64_t>;

/// A state that a cycle of a layer can be in; each cycle is in exactly one.
struct CycleState {
  const char* counter;  ///< name of its counter
  const char* meaning;  ///< as the limiter's name in a table
};

/// All states, the busy array first.
inline constexpr std::array<CycleState, 8> kCycleStates{{{"array_busy", "array"},
                                                         {"wait_weights", "weights"},
                                                         {"wait_reads", "AI RAM reads"},
                                                         {"wait_writeback", "write-back"},
                                                         {"wait_post", "post-processing"},
                                                         {"wait_stream", "output stream"},
                                                         {"startup", "start-up"},
                                                         {"drain", "drain"}}};

/// Value of a counter, 0 if it is not there.
std::uint64_t counter_value(const Counters& counters, const std::string& name);

/// What a layer spends its cycles on: the array if it is busy at least 90 % of them, else the state
/// that costs most besides it. "-" without the hardware's counters.
std::string limiter(const Counters& counters);

}  // namespace kpu::sim
