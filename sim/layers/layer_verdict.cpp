// SPDX-License-Identifier: Apache-2.0
#include "sim/layers/layer_verdict.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "common/error.h"
#include "common/files.h"
#include "golden/kpu/kpu_backend.h"
#include "golden/kpu/single_layer.h"
#include "sim/layers/layer_spec.h"
#include "sim/layers/spec_file.h"
#include "sim/text/npy.h"

namespace kpu::sim {
namespace {

using golden::quantised::Engines;

/// A layer's output and what was found out on the way.
struct Outcome {
  std::array<std::size_t, 3> shape{};
  std::vector<std::int16_t> y;
  std::optional<bool> match;
  std::map<std::string, std::uint64_t> counters;
  std::string text;
};

const char* agreement(const std::optional<bool>& match) {
  if (!match) return "";
  return *match ? "RTL and golden model agree\n" : "RTL and golden model DIFFER\n";
}

Outcome run(const QuantisedSpec& spec, const Engines& engines) {
  golden::quantised::ConvCheck check = check_conv(spec.conv, spec.x, spec.options, engines);
  const std::string text = fmt::format("{}: {}\n", to_string(spec.conv.rule), check.summary());
  return {{spec.conv.out_channels, spec.conv.out_height(), spec.conv.out_width()},
          std::move(check.y),
          check.match,
          std::move(check.counters),
          text};
}

Outcome run(const KpuSpec& spec, const Engines& engines) {
  const golden::LayerArgs& args = spec.layer.args;
  Outcome outcome{{args.out_channels, args.out_height, args.out_width}, {}, {}, {}, {}};
  std::vector<std::uint8_t> golden_output;
  std::uint64_t too_wide = 0;
  for (golden::KpuBackend* backend : {engines.golden, engines.rtl}) {
    if (backend == nullptr) continue;
    golden::KpuJobResult result = run_single_layer(*backend, spec.layer, spec.x);
    outcome.y.assign(result.output.begin(), result.output.end());
    if (backend == engines.golden) {
      golden_output = std::move(result.output);
      too_wide = result.range.conv_count + result.range.norm_count;
    } else {
      outcome.counters = std::move(result.counters);
      if (engines.golden != nullptr) outcome.match = result.output == golden_output;
    }
  }
  outcome.text = agreement(outcome.match);
  if (too_wide != 0) outcome.text += fmt::format("{} values do not fit 36 bits\n", too_wide);
  return outcome;
}

/// Compares with the file; a line, and whether they are equal.
std::pair<std::string, bool> compare(const Outcome& outcome, const std::string& path) {
  const NpyArray expected = parse_npy(read_file(path), path);
  const std::vector<std::size_t> shape(outcome.shape.begin(), outcome.shape.end());
  if (expected.shape != shape) {
    throw Error(fmt::format("{}: shape ({}), expected ({})", path, fmt::join(expected.shape, ", "),
                            fmt::join(shape, ", ")));
  }
  const std::vector<double> values = numbers_of(expected);
  std::size_t differing = 0;
  std::size_t first = 0;
  double largest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] == outcome.y[i]) continue;
    if (differing++ == 0) first = i;
    largest = std::max(largest, std::abs(values[i] - outcome.y[i]));
  }
  std::string line = fmt::format("{} of {} values differ from {}", differing, values.size(), path);
  if (differing != 0) {
    const std::size_t plane = shape[1] * shape[2];
    line += fmt::format(", by at most {}; the first: ({}, {}, {}): {}, expected {}", largest,
                        first / plane, first % plane / shape[2], first % shape[2], outcome.y[first],
                        values[first]);
  }
  return {line + "\n", differing == 0};
}

}  // namespace

LayerVerdict check_layer_file(const std::string& path, const std::string& rounding,
                              const std::string& expect, const Engines& engines) {
  const LayerSpec spec = read_layer_spec(path, rounding);
  const Outcome outcome = std::visit([&](const auto& layer) { return run(layer, engines); }, spec);
  LayerVerdict verdict;
  verdict.text = fmt::format("output {}\n{}", fmt::join(outcome.shape, "x"), outcome.text);
  if (const auto cycles = outcome.counters.find("cycles"); cycles != outcome.counters.end()) {
    verdict.text += fmt::format("RTL: {} cycles\n", cycles->second);
  }
  verdict.match = outcome.match.value_or(true);
  if (!expect.empty()) {
    const auto [line, equal] = compare(outcome, expect);
    verdict.text += line;
    verdict.match = verdict.match && equal;
  }
  const bool compared = outcome.match || !expect.empty();
  verdict.text += fmt::format("verdict: {}\n", !compared       ? "not compared"
                                               : verdict.match ? "match"
                                                               : "mismatch");
  return verdict;
}

}  // namespace kpu::sim
