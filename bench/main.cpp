// SPDX-License-Identifier: Apache-2.0
//
// kpu_bench: cycles of every case on the RTL, the speed of the simulation, and whether the counts
// that the repository keeps still hold.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/cases.h"
#include "bench/cycle_file.h"
#include "bench/run_case.h"
#include "sim/model/configuration.h"
#include "sim/text/layer_text.h"
#include "sim/text/text_table.h"

namespace {

namespace bench = kpu::bench;
namespace sim = kpu::sim;

struct Options {
  std::string source_dir = ".";
  std::string cycles_path;
  bool check = false;
  bool update = false;
};

/// The goal of the machine that was built; 0: none.
std::uint64_t goal_here(const bench::BenchCase& bench_case) {
  const sim::Configuration& rtl = sim::built_configuration();
  if (rtl.lanes != bench::kGoalLanes) return 0;
  return rtl.pack_rows == 1 ? bench_case.packed_goal : bench_case.goal;
}

std::vector<std::string> table_row(const bench::BenchCase& bench_case, const bench::CaseResult& result) {
  const std::uint64_t cycles = result.total();
  const auto per_cycle = [&](double value) { return value / static_cast<double>(cycles); };
  const std::uint64_t goal = goal_here(bench_case);
  return {bench_case.name,
          fmt::format("{:.1f}", result.macs / 1e6),
          sim::grouped(cycles),
          sim::grouped(result.lane_bound),
          goal > 0 ? sim::grouped(goal) : "-",
          goal == 0 ? "" : cycles <= goal ? "holds" : "MISSED",
          fmt::format("{:.1f}", per_cycle(result.macs)),
          fmt::format("{:.0f}", result.k210_cycles / 1e3),
          fmt::format("{:.1f}", per_cycle(result.k210_cycles)),
          fmt::format("{:.0f}", result.rate())};
}

/// Runs every case and prints a row for each. Returns the exit code: 1 when a kept count is broken.
int run(const Options& options) {
  using Align = sim::TextTable::Align;
  sim::TextTable table({{"network", Align::kLeft},
                        {"MMAC"},
                        {"cycles"},
                        {"lane bound"},
                        {"goal"},
                        {"", Align::kLeft},
                        {"MAC/cycle"},
                        {"K210 kcycles"},
                        {"x faster"},
                        {"kcycles/s"}});
  bench::CycleTable kept = bench::read_cycles(options.cycles_path);
  std::vector<std::string> complaints;
  for (const bench::BenchCase& bench_case :
       bench::bench_cases(options.source_dir, bench::shared_folder(options.source_dir))) {
    bench::CaseResult result = bench::run_case(bench_case);
    table.add_row(table_row(bench_case, result));
    const auto found = kept.find(bench_case.name);
    if (options.check && found != kept.end()) {
      const auto lines = bench::compare_cycles(bench_case.name, found->second, result.cycles);
      complaints.insert(complaints.end(), lines.begin(), lines.end());
    }
    kept[bench_case.name] = std::move(result.cycles);
  }
  fmt::print("RTL with {} lanes, memory with 8 bytes a cycle and 20 cycles latency\n\n{}",
             sim::built_configuration().lanes, table.str());
  if (options.update) bench::write_cycles(options.cycles_path, kept);
  for (const std::string& line : complaints) fmt::print("{}\n", line);
  return complaints.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Cycles of networks and layers on the RTL, and the speed of the simulation.",
               "kpu_bench");
  app.add_option("--source", options.source_dir, "Root of the repository (default: here)");
  app.add_option("--cycles", options.cycles_path, "File with the kept cycle counts")->required();
  app.add_flag("--check", options.check, "Fail if counts grew by over 1 % or improved unnoticed");
  app.add_flag("--update", options.update, "Write the counts to the file");
  CLI11_PARSE(app, argc, argv);
  try {
    return run(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "kpu_bench: {}\n", error.what());
    return 2;
  }
}
