// SPDX-License-Identifier: Apache-2.0
#include "sim/report/report_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/engine/counters.h"
#include "sim/model/cost_model.h"
#include "sim/report/cpu_cost_text.h"
#include "sim/report/energy_report.h"
#include "sim/report/expect.h"
#include "sim/report/rule_report.h"
#include "sim/text/layer_text.h"
#include "sim/shape/configuration_files.h"
#include "sim/text/text_table.h"
#include "sim/vision/presets.h"

namespace kpu::sim {
namespace {

using Align = TextTable::Align;

std::string match_text(const std::optional<bool>& match) {
  if (!match) return "-";
  return *match ? "yes" : "NO";
}

double percent(double part, double whole) { return whole > 0 ? 100 * part / whole : 0; }

/// Multiplications the array could do in `cycles`.
double peak_macs(const RunReport& report, std::uint64_t cycles) {
  return static_cast<double>(cycles) * report.lanes() * kTaps;
}

std::string golden_table(const RunReport& report) {
  TextTable table({{"#"},
                   {"in", Align::kLeft},
                   {"out", Align::kLeft},
                   {"kernel", Align::kLeft},
                   {"dw", Align::kLeft},
                   {"pool", Align::kLeft},
                   {"MACs"},
                   {"bytes"},
                   {"K210 kcycles"},
                   {"checksum"}});
  for (std::size_t i = 0; i < report.layers.size(); ++i) {
    const LayerReport& layer = report.layers[i];
    table.add_row({fmt::format("{}", i), input_shape(layer.args), output_shape(layer.args),
                   kernel_name(layer.args), layer.args.depthwise ? "dw" : "",
                   pool_name(layer.args.pool_type), grouped(layer.macs), grouped(layer.bytes),
                   fmt::format("{:.1f}", layer.k210_cycles / 1e3),
                   fmt::format("{:016x}", layer.fnv1a64)});
  }
  return table.str();
}

std::string rtl_table(const RunReport& report) {
  TextTable table({{"#"},
                   {"in", Align::kLeft},
                   {"out", Align::kLeft},
                   {"kernel", Align::kLeft},
                   {"dw", Align::kLeft},
                   {"pool", Align::kLeft},
                   {"MACs"},
                   {"cycles"},
                   {"MAC/cycle"},
                   {"busy %"},
                   {"peak %"},
                   {"limiter", Align::kLeft},
                   {"bytes"},
                   {"K210 kcycles"},
                   {"x faster"},
                   {"match", Align::kLeft}});
  for (std::size_t i = 0; i < report.layers.size(); ++i) {
    const LayerReport& layer = report.layers[i];
    const std::uint64_t cycles = layer.cycles().value_or(0);
    const auto per_cycle = [&](double value) {
      return cycles > 0 ? value / static_cast<double>(cycles) : 0;
    };
    table.add_row(
        {fmt::format("{}", i), input_shape(layer.args), output_shape(layer.args),
         kernel_name(layer.args), layer.args.depthwise ? "dw" : "", pool_name(layer.args.pool_type),
         grouped(layer.macs), grouped(cycles),
         fmt::format("{:.1f}", per_cycle(static_cast<double>(layer.macs))),
         layer.counters.contains("array_busy")
             ? fmt::format("{:.1f}", 100 * per_cycle(static_cast<double>(counter_value(layer.counters, "array_busy"))))
             : "-",
         fmt::format("{:.1f}", percent(static_cast<double>(layer.macs), peak_macs(report, cycles))),
         limiter(layer.counters), grouped(layer.bytes),
         fmt::format("{:.1f}", layer.k210_cycles / 1e3),
         fmt::format("{:.1f}", per_cycle(layer.k210_cycles)), match_text(layer.match)});
  }
  return table.str();
}

/// A note where more MACs are counted than the array could do: rows that a select-pool drops are
/// counted, as they are part of the layer, but not computed.
std::string dropped_rows_note(const RunReport& report) {
  for (const LayerReport& layer : report.layers) {
    if (static_cast<double>(layer.macs) > peak_macs(report, layer.cycles().value_or(0))) {
      return "peak above 100 %: the MACs of rows that a select-pool drops count, but are not "
             "done\n";
    }
  }
  return {};
}

/// Where all cycles of the run went.
std::string cycle_states(const RunReport& report) {
  std::string text = "cycles by state:";
  const auto total = static_cast<double>(report.cycles_total());
  for (const CycleState& state : kCycleStates) {
    std::uint64_t sum = 0;
    for (const LayerReport& layer : report.layers) {
      sum += counter_value(layer.counters, state.counter);
    }
    if (sum > 0) {
      text += fmt::format(" {} {:.1f} %,", state.meaning, percent(static_cast<double>(sum), total));
    }
  }
  std::uint64_t unknown = 0;
  for (const LayerReport& layer : report.layers) {
    if (!layer.counters.contains("array_busy")) unknown += layer.cycles().value_or(0);
  }
  if (unknown > 0) text += fmt::format(" not known {:.1f} %,", percent(static_cast<double>(unknown), total));
  text.back() = '\n';
  return text;
}

std::string totals(const RunReport& report) {
  const double k210 = report.k210_cycles_total();
  const double mhz = report.clock_hz / 1e6;
  std::string text =
      fmt::format("{} KPU layers, {:.2f} MMAC; a K210 takes {:.2f} ms at {:g} MHz (public fit)\n",
                  report.layers.size(), static_cast<double>(report.macs_total()) / 1e6,
                  k210 / report.clock_hz * 1e3, mhz);
  const std::uint64_t cycles = report.cycles_total();
  if (cycles == 0) return text;
  const double seconds = static_cast<double>(cycles) / report.clock_hz;
  const double macs = static_cast<double>(report.macs_total());
  text += fmt::format(
      "{} with {} lanes: {} cycles, {:.2f} ms = {:.1f} frames/s at {:g} MHz, "
      "{:.1f} x as fast as the chip\n",
      report.hardware, report.lanes(), grouped(cycles), seconds * 1e3, 1 / seconds, mhz,
      k210 / static_cast<double>(cycles));
  text += fmt::format(
      "achieved {:.3f} of {:.3f} TOPS = {:.1f} % of peak (2 operations a MAC, {} "
      "MACs a cycle)\n",
      2 * macs / seconds / 1e12, 2 * peak_macs(report, 1) * report.clock_hz / 1e12,
      percent(macs, peak_macs(report, cycles)), report.lanes() * kTaps);
  return text + dropped_rows_note(report) + cycle_states(report);
}

/// Size, checksum and first values of every output.
std::string outputs_text(const RunReport& report) {
  constexpr std::size_t kShown = 6;
  std::string text;
  for (std::size_t i = 0; i < report.outputs.size(); ++i) {
    const OutputReport& output = report.outputs[i];
    const std::vector<float> values = output.values();
    text += fmt::format("output {}: {} bytes, checksum {:016x}:", i, output.bytes.size(),
                        output.fnv1a64);
    for (std::size_t v = 0; v < std::min(kShown, values.size()); ++v) {
      text += fmt::format(" {:g}", values[v]);
    }
    text += values.size() > kShown ? " ...\n" : "\n";
  }
  return text;
}

std::string meaning_text(const RunReport& report) {
  const Interpretation& meaning = report.meaning;
  std::string text;
  if (meaning.kind == PostKind::kSoftmax) {
    for (const ClassScore& c : meaning.classes) {
      text +=
          fmt::format("{:7.3f} %  {}\n", 100 * c.probability, label_of(meaning.labels, c.index));
    }
  } else if (finds_boxes(meaning.kind)) {
    text += fmt::format("{} objects{}\n", meaning.detections.size(),
                        meaning.preset.empty() ? "" : fmt::format(" ({})", meaning.preset));
    for (const Detection& d : meaning.detections) {
      const auto width = static_cast<float>(report.input_origins.at(0).width);
      const auto height = static_cast<float>(report.input_origins.at(0).height);
      text += fmt::format(
          "  {:<12} {:.3f}  centre {:.3f}, {:.3f}  size {:.3f} x {:.3f}  pixels {:.0f}, {:.0f}  "
          "{:.0f} x {:.0f}\n",
          label_of(meaning.labels, d.class_index), d.score, d.x, d.y, d.width, d.height,
          (d.x - d.width / 2) * width, (d.y - d.height / 2) * height, d.width * width,
          d.height * height);
    }
  }
  if (!meaning.reason.empty()) text += "not interpreted: " + meaning.reason + "\n";
  return text;
}

/// What was done to each file.
std::string inputs_text(const RunReport& report) {
  std::string text;
  for (std::size_t i = 0; i < report.input_origins.size(); ++i) {
    text +=
        fmt::format("input {}: {}\n", report.input_paths.at(i), describe(report.input_origins[i]));
  }
  return text;
}

/// What the numbers depend on, in a line.
std::string settings_text(const RunSettings& settings) {
  std::string text =
      fmt::format("kmodel {}; profile {} ({})", settings.format, settings.profile, settings.rules);
  if (!settings.golden.empty()) {
    text += fmt::format("; golden model: {}, {} thread{}", settings.golden, settings.threads,
                        settings.threads == 1 ? "" : "s");
  }
  if (settings.apart) text += "; RTL: each layer by itself, from the golden model's input";
  if (!settings.variant.empty()) text += "\nfile: " + settings.variant;
  return text + "\n";
}

std::string place_text(const Difference& d) {
  std::string where =
      fmt::format("layer {} channel {} row {} column {}", d.layer, d.channel, d.row, d.column);
  if (d.batch > 0) where += fmt::format(" of batch {}", d.batch);
  return fmt::format("{}: expected {}, got {} ({} values of the layer differ)", where, d.expected,
                     d.got, d.count);
}

std::string stage_text(const Difference& d) {
  if (!d.stage) return "not known";
  return fmt::format("{}, row {} column {}: expected {}, got {} {}", d.stage->stage, d.stage->row,
                     d.stage->column, d.stage->expected, to_string(d.stage->how), d.stage->got);
}

}  // namespace

std::string describe(const Difference& d) {
  return place_text(d) + "; first wrong stage: " + stage_text(d);
}

std::string difference_text(const Difference& d) {
  return "first difference: " + place_text(d) + "\nfirst wrong stage: " + stage_text(d) + "\n";
}

std::string report_table(const RunReport& report) {
  std::string text;
  if (!report.layers.empty()) {
    text = report.lanes() > 0 ? rtl_table(report) : golden_table(report);
    text += "\n" + totals(report);
  }
  for (std::size_t i = 0; i < report.layers.size(); ++i) {
    const golden::RangeReport& overflow = report.layers[i].overflow;
    if (!overflow.ok()) {
      text += fmt::format(
          "warning: layer {}: {} conv and {} norm values exceed 36 bits, first at "
          "channel {} row {} column {}\n",
          i, overflow.conv_count, overflow.norm_count, overflow.first.channel, overflow.first.row,
          overflow.first.column);
    }
  }
  if (report.energy) text += energy_text(*report.energy) + "\n";
  if (report.rule) text += rule_text(*report.rule);
  text += cpu_cost_text(report.cpu, report.k210_cycles_total() / report.clock_hz);
  text += outputs_text(report);
  for (const Expectation& e : report.expectations) text += expectation_text(e);
  text += meaning_text(report) + inputs_text(report) + settings_text(report.settings);
  for (const auto& [engine, seconds] : report.wall_seconds) {
    text += fmt::format("{}: {:.2f} s", engine, seconds);
    if (engine == "rtl" && seconds > 0) {
      text += fmt::format(", {:.0f} kcycles/s, {} assertions",
                          static_cast<double>(report.cycles_total()) / seconds / 1e3,
                          built_with_assertions() ? "with" : "without");
    }
    text += "\n";
  }
  if (report.difference) text += difference_text(*report.difference);
  if (report.difference && report.hardware == "board") {
    text += fmt::format(
        "the same with --engine both tells whether the RTL does so, too; "
        "--wave FILE --wave-layer {} records it\n",
        report.difference->layer);
  }
  text += fmt::format("verdict: {}\n", to_string(report.verdict));
  return text;
}

}  // namespace kpu::sim
