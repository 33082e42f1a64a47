// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/graph_fuzz.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>

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

}  // namespace

int run_graph_fuzz(std::uint64_t count, std::uint64_t seed, const std::string& out) {
  const auto begin = std::chrono::steady_clock::now();
  golden::fast::FastBackend golden;
  const std::unique_ptr<RtlKpu> rtl = make_rtl_backend({});
  compiler::GraphFuzzStats stats;
  const bool terminal = isatty(fileno(stderr)) != 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (terminal) fmt::print(stderr, "\r{} of {} networks\x1b[K", i, count);
    const auto failure = compiler::fuzz_network(seed + i, compiler::random_operators(seed + i),
                                                golden, rtl.get(), stats);
    if (terminal) fmt::print(stderr, "\r\x1b[K");
    if (failure) return report(*failure, out);
  }
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
