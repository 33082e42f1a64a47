// SPDX-License-Identifier: Apache-2.0
//
// kpu_bench: cycles of every case on the RTL, the speed of the simulation, and whether the counts
// that the repository keeps still hold.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/cases.h"
#include "bench/cycle_file.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kpu/kpu_backend.h"
#include "sim/engine/engine_run.h"
#include "sim/engine/rtl_backend.h"
#include "sim/model/configuration.h"
#include "sim/model/cost_model.h"
#include "sim/text/layer_text.h"
#include "sim/text/text_table.h"

namespace {

namespace bench = kpu::bench;
namespace golden = kpu::golden;
namespace sim = kpu::sim;

struct Options {
  std::string source_dir = ".";
  std::string cycles_path;
  bool check = false;
  bool update = false;
};

/// The optional test data: $KPU_SHARED, else `shared` beside the repository.
std::optional<std::filesystem::path> shared_folder(const std::filesystem::path& source_dir) {
  const char* chosen = std::getenv("KPU_SHARED");
  const std::filesystem::path path = chosen != nullptr ? chosen : source_dir / ".." / "shared";
  if (std::filesystem::is_directory(path / "models")) return path;
  return std::nullopt;
}

/// What a case took, over its KPU layers.
struct Result {
  std::vector<std::uint64_t> cycles;  ///< of each layer
  double seconds = 0;                 ///< of the simulation
  double macs = 0;
  std::uint64_t lane_bound = 0;
  double k210_cycles = 0;

  std::uint64_t total() const {
    return std::accumulate(cycles.begin(), cycles.end(), std::uint64_t{0});
  }
};

/// Runs one layer by itself; its output stays in AI RAM.
void run_layer(const golden::KpuLayerInfo& layer, bool eight_bit,
               const std::vector<std::uint8_t>& input, Result& result) {
  const auto rtl = sim::make_rtl_backend({});
  rtl->set_eight_bit_mode(eight_bit);
  golden::upload_image(*rtl, layer.args.input_layout(), input);
  golden::KpuJob job;
  job.words = layer.words;
  job.tables = layer.tables;
  const auto start = std::chrono::steady_clock::now();
  result.cycles.push_back(rtl->run_layers({&job, 1}, {}).front().counters.at("cycles"));
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Result run_case(const bench::BenchCase& bench_case) {
  const auto model = golden::load_model(bench_case.model());
  const golden::ModelInfo& info = model->info();
  Result result;
  for (const golden::LayerInfo& layer : info.layers) {
    if (!layer.kpu) continue;
    const golden::LayerArgs& args = layer.kpu->args;
    result.macs += static_cast<double>(args.macs());
    result.lane_bound += sim::lane_bound(args, info.eight_bit, sim::built_configuration().lanes);
    result.k210_cycles += sim::k210_cycles(args, info.eight_bit, 400e6);
    if (bench_case.layer_only) run_layer(*layer.kpu, info.eight_bit, bench_case.input(), result);
  }
  if (!bench_case.layer_only) {
    sim::RunRequest request;
    request.engine = sim::EngineChoice::kRtl;
    const sim::RunReport report = sim::run_engines(*model, {bench_case.input()}, request);
    for (const sim::LayerReport& layer : report.layers) {
      result.cycles.push_back(layer.cycles().value_or(0));
    }
    result.seconds = report.wall_seconds.at("rtl");
  }
  return result;
}

std::vector<std::string> table_row(const bench::BenchCase& bench_case, const Result& result) {
  const std::uint64_t cycles = result.total();
  const auto per_cycle = [&](double value) { return value / static_cast<double>(cycles); };
  const bool has_goal = bench_case.goal > 0 && sim::built_configuration().lanes == bench::kGoalLanes;
  return {bench_case.name,
          fmt::format("{:.1f}", result.macs / 1e6),
          sim::grouped(cycles),
          sim::grouped(result.lane_bound),
          has_goal ? sim::grouped(bench_case.goal) : "-",
          !has_goal                   ? ""
          : cycles <= bench_case.goal ? "holds"
                                      : "MISSED",
          fmt::format("{:.1f}", per_cycle(result.macs)),
          fmt::format("{:.0f}", result.k210_cycles / 1e3),
          fmt::format("{:.1f}", per_cycle(result.k210_cycles)),
          fmt::format("{:.0f}", static_cast<double>(cycles) / 1e3 / result.seconds)};
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
       bench::bench_cases(options.source_dir, shared_folder(options.source_dir))) {
    Result result = run_case(bench_case);
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
