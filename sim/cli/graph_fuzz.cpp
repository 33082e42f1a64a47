// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/graph_fuzz.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "common/files.h"
#include "compiler/fuzz/graph_fuzz.h"
#include "golden/fast/fast_backend.h"
#include "sim/cli/cli.h"
#include "sim/engine/rtl_backend.h"

namespace kpu::sim {
namespace {

int report(const compiler::GraphFailure& failure, const std::string& out) {
  const auto base = std::filesystem::path(out) / fmt::format("graph-{}", failure.seed);
  const std::string network = base.string() + ".onnx", picture = base.string() + ".bin";
  write_file(network, failure.onnx.data(), failure.onnx.size());
  write_file(picture, failure.bytes.data(), failure.bytes.size());
  fmt::print("seed {}, {} operators: {}\n", failure.seed, failure.operators, failure.what);
  fmt::print("network {}, its picture's bytes {}\n", network, picture);
  fmt::print("again: kpu fuzz --graphs 1 --seed {}\n", failure.seed);
  return kExitMismatch;
}

/// The networks of a run, in threads; each has machines of its own.
class GraphRun {
 public:
  GraphRun(std::uint64_t count, std::uint64_t seed) : count_(count), seed_(seed) {}

  /// Runs all networks, or up to the first failure, in `jobs` threads. Throws what a thread threw.
  void work(unsigned jobs) {
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < jobs; ++i) threads.emplace_back([this] { run_thread(); });
    for (std::thread& thread : threads) thread.join();
    if (terminal_) fmt::print(stderr, "\r\x1b[K");
    if (error_) std::rethrow_exception(error_);
  }

  /// The same whatever the number of threads: of the failing networks the one with the lowest seed.
  const std::optional<compiler::GraphFailure>& failure() const { return failure_; }
  const compiler::GraphFuzzStats& stats() const { return stats_; }

 private:
  void run_thread() {
    try {
      golden::fast::FastBackend golden;
      const std::unique_ptr<RtlKpu> rtl = make_rtl_backend({});
      while (!stop_) {
        const std::uint64_t index = next_++;
        if (index >= count_) return;
        compiler::GraphFuzzStats stats;
        auto failure = compiler::fuzz_network(
            seed_ + index, compiler::random_operators(seed_ + index), golden, rtl.get(), stats);
        add(stats, std::move(failure));
      }
    } catch (const std::exception&) {
      const std::lock_guard lock(mutex_);
      error_ = std::current_exception();
      stop_ = true;
    }
  }

  void add(const compiler::GraphFuzzStats& stats, std::optional<compiler::GraphFailure> failure) {
    const std::lock_guard lock(mutex_);
    stats_ += stats;
    if (failure) {
      stop_ = true;  // networks before this one have begun and are run to their end
      if (!failure_ || failure->seed < failure_->seed) failure_ = std::move(failure);
    }
    if (terminal_) fmt::print(stderr, "\r{} of {} networks\x1b[K", stats_.networks, count_);
  }

  const std::uint64_t count_, seed_;
  const bool terminal_ = isatty(fileno(stderr)) != 0;
  std::atomic<std::uint64_t> next_ = 0;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;  ///< of everything below
  compiler::GraphFuzzStats stats_;
  std::optional<compiler::GraphFailure> failure_;
  std::exception_ptr error_;
};

}  // namespace


int run_graph_fuzz(std::uint64_t count, std::uint64_t seed, unsigned jobs, const std::string& out) {
  const auto begin = std::chrono::steady_clock::now();
  GraphRun run(count, seed);
  run.work(jobs);
  if (const auto& failure = run.failure()) return report(*failure, out);
  const compiler::GraphFuzzStats& stats = run.stats();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  fmt::print("seeds {}..{}: {} networks of {} operators, {} KPU layers, {} nodes on the CPU\n",
             seed, seed + count - 1, stats.networks, stats.operators, stats.kpu_layers,
             stats.cpu_nodes);
  fmt::print("worst output {:.1f} dB to the float network; errors up to {:.3g} of their bounds\n",
             stats.least_db, stats.most_of_bound);
  fmt::print("RTL and golden model agree on every output; {:.1f} s\nno mismatch\n",
             seconds.count());
  return kExitMatch;
}

}  // namespace kpu::sim
