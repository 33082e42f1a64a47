// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/cli_memory.h"

#include <cstdint>

#include <CLI/CLI.hpp>
#include <cstdint>

#include "sim/cli/option_checks.h"

namespace kpu::sim {

void add_memory_options(CLI::App& command, tb::MemoryTiming& timing) {
  constexpr const char* kGroup = "Memory of the RTL";
  const auto add = [&](const char* name, std::uint32_t& value, const char* text, std::uint32_t low,
                       std::uint32_t high) {
    command.add_option(name, value, text)
        ->check(whole_number(low, high))
        ->capture_default_str()
        ->group(kGroup);
  };
  add("--mem-latency", timing.read_latency, "Cycles from a read's address to its data", 1,
      1'000'000);
  add("--mem-write-latency", timing.write_latency, "Cycles from a write's data to its answer", 1,
      1'000'000);
  add("--mem-bandwidth", timing.bandwidth_percent, "Cycles with data, in percent", 1, 100);
  add("--mem-outstanding", timing.max_outstanding, "Bursts outstanding in each direction", 1, 32);
  add("--mem-stall", timing.stall_percent, "Probability of a stall in a cycle, in percent", 0, 99);
  command.add_option("--mem-seed", timing.seed, "Seed of the stalls")
      ->check(whole_number(0))
      ->capture_default_str()
      ->group(kGroup);
}

}  // namespace kpu::sim
