// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "sim/cli/cli.h"
#include "sim/cli/graph_fuzz.h"
#include "sim/cli/option_checks.h"
#include "sim/engine/rtl_backend.h"
#include "sim/fuzz/fuzz.h"
#include "sim/model/configuration.h"
#include "sim/text/layer_text.h"

namespace kpu::sim {
namespace {

using Clock = std::chrono::steady_clock;

struct FuzzOptions {
  double seconds = 0;
  std::uint64_t count = 0;
  std::uint64_t graphs = 0;  ///< networks for the compiler instead
  std::uint64_t seed = 1;
  unsigned jobs = 1;
  std::string out = ".";
  std::string coverage;  ///< file for the hits of all points; empty: none
};

/// Shared by the threads of a run.
class FuzzRun {
 public:
  explicit FuzzRun(FuzzOptions options) : options_(std::move(options)) {}

  /// Runs until the limits are reached or a layer fails; the exit code.
  int run() {
    start_ = Clock::now();
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < options_.jobs; ++i) threads.emplace_back([this] { work(); });
    for (std::thread& thread : threads) thread.join();
    if (isatty(fileno(stderr)) != 0) fmt::print(stderr, "\r\x1b[K");
    print_summary();
    if (!options_.coverage.empty()) stats_.coverage.save(options_.coverage);
    if (error_) std::rethrow_exception(error_);
    return failure_ ? report_failure() : kExitMatch;
  }

 private:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  void work() {
    try {
      while (!stop_) {
        const std::uint64_t index = next_group_++;
        std::size_t layers = kFuzzGroupLayers;
        if (options_.count > 0) {
          const std::uint64_t before = index * kFuzzGroupLayers;
          if (before >= options_.count) return;
          layers = std::min<std::uint64_t>(layers, options_.count - before);
        }
        auto failure = fuzz_group(options_.seed + index, layers,
                                  [this](const FuzzStats& batch) { return add(batch); });
        if (!failure) continue;
        const std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::move(failure);
        stop_ = true;
      }
    } catch (const std::exception&) {
      const std::lock_guard lock(mutex_);
      error_ = std::current_exception();
      stop_ = true;
    }
  }

  bool add(const FuzzStats& batch) {
    const std::lock_guard lock(mutex_);
    stats_ += batch;
    if (options_.seconds > 0 && seconds() >= options_.seconds) stop_ = true;
    draw();
    return !stop_;
  }

  void draw() {
    if (isatty(fileno(stderr)) == 0 || Clock::now() - drawn_ < std::chrono::milliseconds(200))
      return;
    drawn_ = Clock::now();
    fmt::print(stderr, "\r{} layers, {:.0f}/s, {} groups, {:.0f} s\x1b[K", grouped(stats_.layers),
               static_cast<double>(stats_.layers) / seconds(), next_group_.load(), seconds());
    std::fflush(stderr);
  }

  void print_summary() const {
    fmt::print("seeds {}..{}, {} lanes: {} layers, {} values compared, {} layers with overflow\n",
               options_.seed, options_.seed + std::max<std::uint64_t>(next_group_, 1) - 1,
               built_configuration().lanes, grouped(stats_.layers), grouped(stats_.values),
               grouped(stats_.overflows));
    fmt::print("{} cycles simulated, {} MACs, {:.1f} s, {:.0f} layers/s\n", grouped(stats_.cycles),
               grouped(stats_.macs), seconds(), static_cast<double>(stats_.layers) / seconds());
    fmt::print("functional coverage: {} of {} points\n", stats_.coverage.hit_count(),
               stats_.coverage.point_count());
    if (!failure_) fmt::print("no mismatch\n");
  }

  int report_failure() const {
    const std::string path = (std::filesystem::path(options_.out) /
                              fmt::format("fuzz-{}-{}", failure_->group, failure_->layer))
                                 .string();
    fmt::print("{}", sim::report_failure(*failure_, path));
    return kExitMismatch;
  }

  FuzzOptions options_;
  Clock::time_point start_;
  Clock::time_point drawn_;
  std::atomic<std::uint64_t> next_group_ = 0;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;  ///< of everything below
  FuzzStats stats_;
  std::optional<FuzzFailure> failure_;
  std::exception_ptr error_;
};

}  // namespace

void add_fuzz_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<FuzzOptions>();
  CLI::App* command = app.add_subcommand(
      "fuzz", "Runs random layers on the RTL and on the golden model until one differs");
  command->add_option("--seconds", options->seconds, "Stop after this time")
      ->check(real_number(0.001, 1e9));
  command->add_option("--count", options->count, "Stop after this many layers")
      ->check(whole_number(1));
  command
      ->add_option("--graphs", options->graphs,
                   "Instead: this many random networks through the compiler, then both engines")
      ->check(whole_number(1))
      ->excludes("--count")
      ->excludes("--seconds");
  command
      ->add_option("--seed", options->seed,
                   "Seed of the first group of 256 layers, or of the first network")
      ->check(whole_number(0))
      ->capture_default_str();
  command->add_option("--jobs", options->jobs, "Threads, each with a machine of its own")
      ->check(whole_number(1, 256))
      ->capture_default_str();
  command->add_option("--out", options->out, "Folder for a layer that failed")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
  command
      ->add_option("--coverage", options->coverage,
                   "Write how often each functional coverage point was hit (JSON)")
      ->check(written_file(".json"));
  command->callback([options, &exit_code] {
    if (options->graphs > 0) {
      exit_code = run_graph_fuzz(options->graphs, options->seed, options->jobs, options->out);
      return;
    }
    if (options->count == 0 && options->seconds == 0) options->count = 1000;
    exit_code = FuzzRun(*options).run();
  });
}

}  // namespace kpu::sim
