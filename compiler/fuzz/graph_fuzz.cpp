// SPDX-License-Identifier: Apache-2.0
#include "compiler/fuzz/graph_fuzz.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <span>

#include "common/bits.h"
#include "common/error.h"
#include "compiler/compile/compile.h"
#include "compiler/fuzz/error_bound.h"
#include "compiler/fuzz/random_network.h"
#include "compiler/graph/executor.h"
#include "compiler/lower/lower.h"
#include "compiler/onnx/onnx_reader.h"
#include "golden/kmodel/network.h"

namespace kpu::compiler {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// Waves and noise.
Bytes random_picture(std::uint64_t seed, std::int64_t count) {
  std::mt19937_64 random(seed * 2 + 1);
  const double pace = 0.02 + 0.3 * static_cast<double>(random() % 1000) / 1000;
  Bytes bytes;
  for (std::int64_t i = 0; i < count; ++i) {
    const double noise = static_cast<double>(random() % 121) - 60;
    const double value = 127 + 68 * std::sin(pace * static_cast<double>(i)) + noise;
    bytes.push_back(static_cast<std::uint8_t>(std::clamp(value, 0., 255.)));
  }
  return bytes;
}

std::vector<float> as_floats(const Bytes& bytes) {
  std::vector<float> values(bytes.size() / 4);
  copy_bytes(values.data(), bytes.data(), values.size() * 4);
  return values;
}

double largest_difference(std::span<const float> a, std::span<const float> b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double off = std::fabs(double{a[i]} - b[i]);
    largest = off > largest || off != off ? off : largest;
  }
  return largest;
}

double largest_of(std::span<const float> values) {
  double largest = 0;
  for (float x : values) largest = std::max(largest, std::fabs(double{x}));
  return largest;
}

struct Checker {
  golden::KpuBackend& golden;
  golden::KpuBackend* rtl;
  GraphFuzzStats& stats;

  /// What fails with the seed's network, or nothing; `picture` becomes its picture.
  std::string check(std::uint64_t seed, const Bytes& onnx, Bytes& picture) const try {
    const Graph graph = read_onnx(std::span(onnx), "");
    picture = random_picture(seed, element_count(graph.dims(graph.inputs[0])));
    const std::vector<Tensor> inputs{input_tensor(graph, 0, picture, {})};
    const std::vector<Tensor> wanted = run_graph(graph, inputs);
    const std::vector<Tensor> lowered = run_graph(lower(graph), inputs);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const double off = largest_difference(wanted[i].data, lowered[i].data);
      if (!(off <= 1e-3 * (1 + largest_of(wanted[i].data)))) {
        return fmt::format("output {}: lowering moves it by {:.3g}", i, off);
      }
    }
    CompileOptions options;
    options.rule = RangeRule::kMinMax;
    const std::vector<std::vector<Bytes>> pictures{{picture}};
    const Compiled compiled = compile(graph, pictures, options);
    if (compile(graph, pictures, options).emitted.file != compiled.emitted.file) {
      return "compiled twice: two files";
    }
    const auto model = golden::load_model(compiled.emitted.file);
    const golden::RunResult ran = golden::run_network(*model, {picture}, golden);
    if (std::string text = compare(compiled, inputs, wanted, ran); !text.empty()) return text;
    count(compiled);
    if (rtl == nullptr) return "";
    const golden::RunResult on_rtl = golden::run_network(*model, {picture}, *rtl);
    return on_rtl.outputs == ran.outputs ? "" : "RTL and golden model differ";
  } catch (const Error& error) {
    return error.what();
  }

  /// The golden model's outputs with the float network's.
  std::string compare(const Compiled& compiled, const std::vector<Tensor>& inputs,
                      const std::vector<Tensor>& wanted, const golden::RunResult& ran) const {
    const std::vector<std::vector<Tensor>> pictures{inputs};
    const std::vector<Observed> seen = observe(compiled.network.graph, pictures);
    const std::vector<double> bounds = error_bounds(compiled.network, seen);
    double mean_db = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const std::vector<float> got = as_floats(ran.outputs.at(i));
      if (got.size() != wanted[i].size()) return fmt::format("output {}: another size", i);
      const double off = largest_difference(wanted[i].data, got);
      if (!(off <= bounds[i])) {
        return fmt::format("output {}: {:.4g} from the float network, expected at most {:.4g}", i,
                           off, bounds[i]);
      }
      const double db = score(wanted[i].data, got).snr_db;
      mean_db += db / static_cast<double>(wanted.size());
      stats.least_db = std::min(stats.least_db, db);
      if (bounds[i] > 0) stats.most_of_bound = std::max(stats.most_of_bound, off / bounds[i]);
    }
    const double foretold = compiled.network.output_snr_db;
    // Above 60 dB a single code more or less is more than the rest.
    if (mean_db < 60 && mean_db < foretold - 6) {
      return fmt::format("outputs {:.1f} dB to the float network, the compiler foretold {:.1f}",
                         mean_db, foretold);
    }
    return "";
  }

  void count(const Compiled& compiled) const {
    ++stats.networks;
    stats.kpu_layers += compiled.network.tables.size();
    stats.cpu_nodes += compiled.network.graph.nodes.size() - compiled.network.tables.size();
  }
};

}  // namespace

std::size_t random_operators(std::uint64_t seed) {
  return 1 + static_cast<std::size_t>(std::mt19937_64(seed + 77)() % 14);
}

GraphFuzzStats& GraphFuzzStats::operator+=(const GraphFuzzStats& other) {
  networks += other.networks;
  operators += other.operators;
  kpu_layers += other.kpu_layers;
  cpu_nodes += other.cpu_nodes;
  least_db = std::min(least_db, other.least_db);
  most_of_bound = std::max(most_of_bound, other.most_of_bound);
  return *this;
}

std::optional<GraphFailure> fuzz_network(std::uint64_t seed, std::size_t operators,
                                         golden::KpuBackend& golden, golden::KpuBackend* rtl,
                                         GraphFuzzStats& stats) {
  const Checker checker{golden, rtl, stats};
  const auto run = [&](std::size_t count) {
    GraphFailure failure{seed, count, "", random_network(seed, count), {}};
    failure.what = checker.check(seed, failure.onnx, failure.bytes);
    return failure;
  };
  GraphFailure failure = run(operators);
  stats.operators += operators;
  if (failure.what.empty()) return std::nullopt;
  for (std::size_t count = 1; count < operators; ++count) {
    GraphFailure smaller = run(count);
    if (!smaller.what.empty()) return smaller;
  }
  return failure;
}

}  // namespace kpu::compiler
