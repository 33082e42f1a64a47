// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tb/axi_memory.h"

namespace CLI {
class App;
}

namespace kpu::sim {

/// Adds the options that shape the memory of the simulated system: latencies, bandwidth, bursts
/// outstanding, random stalls and their seed. `timing` must outlive the command.
void add_memory_options(CLI::App& command, tb::MemoryTiming& timing);

}  // namespace kpu::sim
