// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "common/files.h"
#include "compiler/compile/compile.h"
#include "compiler/report/report.h"
#include "golden/kmodel/kmodel.h"
#include "golden/quantised/rules.h"
#include "sim/cli/calibration.h"
#include "sim/cli/cli.h"
#include "sim/model/cost_model.h"
#include "sim/model/cycle_model.h"
#include "sim/text/text_table.h"

namespace kpu::sim {
namespace {

using Align = TextTable::Align;

struct CompileArguments {
  std::string network;
  std::string output;
  std::vector<std::string> pictures;
  std::size_t limit = 100;
  PictureArguments picture;
  std::string range = "best";
  std::string rounding = "onnxruntime";
  std::string format = "v4";
  std::string int16 = "off";
  std::uint64_t int16_cycles = 0;  ///< 0: a quarter more than with 8 bits
  std::string report;
  std::string json;
};

compiler::CompileOptions options_of(const CompileArguments& arguments) {
  compiler::CompileOptions options;
  options.input = input_scale(arguments.picture);
  for (compiler::RangeRule rule : compiler::kRangeRules) {
    if (arguments.range == compiler::to_string(rule)) options.rule = rule;
  }
  options.rounding = golden::quantised::rule_by_name(arguments.rounding);
  options.format = arguments.format == "v3" ? compiler::Format::kV3 : compiler::Format::kV4;
  options.weight_bits = arguments.int16 == "all" ? 16 : 8;
  return options;
}

void print_layers(const compiler::Compiled& compiled) {
  const compiler::Graph& graph = compiled.network.graph;
  TextTable table({{"node", Align::kLeft},
                   {"operator", Align::kLeft},
                   {"out", Align::kLeft},
                   {"runs on", Align::kLeft},
                   {"SNR dB"},
                   {"cosine"},
                   {"largest error"},
                   {"saturated %"},
                   {"norm bits"},
                   {"fit error"}});
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const compiler::Node& node = graph.nodes[i];
    const compiler::Score& score = compiled.network.scores.at(i);
    const auto tables = compiled.network.tables.find(i);
    const bool on_kpu = tables != compiled.network.tables.end();
    table.add_row({node.name, node.type, compiler::dims_text(graph.dims(node.output)),
                   on_kpu ? "KPU" : "CPU", fmt::format("{:.1f}", score.snr_db),
                   fmt::format("{:.5f}", score.cosine), fmt::format("{:.3g}", score.largest_error),
                   fmt::format("{:.2f}", 100 * score.saturated),
                   on_kpu ? fmt::format("{}", tables->second.accumulator_bits) : "",
                   on_kpu ? fmt::format("{:.2f}", tables->second.fit.largest_error) : ""});
  }
  fmt::print("{}\n", table.str());
}

/// What is known about each node whose codes the file gives, and the outputs' codes in all.
void print_checks(const compiler::Compiled& compiled) {
  const compiler::Quantised& network = compiled.network;
  if (network.checks.empty()) return;
  TextTable table({{"codes of", Align::kLeft},
                   {"on the pictures", Align::kLeft},
                   {"for every input", Align::kLeft}});
  std::size_t exact = 0;
  for (const auto& [index, check] : network.checks) {
    exact += check.exact;
    table.add_row({network.graph.nodes[index].name, compiler::seen_text(check),
                   check.claim.empty() ? "not known" : check.claim});
  }
  fmt::print("{}\n{} of {} operators exact for every input\n", table.str(), exact,
             network.checks.size());
}

/// Cycles of the file's KPU layers, here and on the chip.
std::vector<compiler::LayerCycles> layer_cycles(const std::vector<std::uint8_t>& file) {
  const auto model = golden::load_model(file);
  const std::vector<golden::KpuLayerInfo> layers = model->info().kpu_layers();
  const bool eight_bit = model->info().eight_bit;
  const auto estimates = estimate_cycles(layers, eight_bit, CycleModel());
  std::vector<compiler::LayerCycles> cycles;
  constexpr double kChipHz = 400e6;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    cycles.push_back({estimates[i].total(), k210_cycles(layers[i].args, eight_bit, kChipHz)});
  }
  return cycles;
}

using Pictures = std::vector<std::vector<std::vector<std::uint8_t>>>;

double all_cycles(const compiler::Compiled& compiled) {
  double sum = 0;
  for (const compiler::LayerCycles& layer : layer_cycles(compiled.emitted.file)) sum += layer.rtl;
  return sum;
}

/// With 16-bit weights where that is asked for, or worth its cycles.
compiler::Compiled compile_network(const CompileArguments& arguments, const compiler::Graph& graph,
                                   const Pictures& pictures) {
  compiler::CompileOptions options = options_of(arguments);
  if (arguments.int16 != "auto") return compiler::compile(graph, pictures, options);
  // First, as a format that has no such weights is refused at once.
  options.weight_bits = 16;
  compiler::Compiled wide = compiler::compile(graph, pictures, options);
  options.weight_bits = 8;
  compiler::Compiled compiled = compiler::compile(graph, pictures, options);
  constexpr double kLeastGain = 1;  // dB
  const double before = all_cycles(compiled), after = all_cycles(wide);
  const double most =
      arguments.int16_cycles > 0 ? static_cast<double>(arguments.int16_cycles) : 1.25 * before;
  const bool worth =
      after <= most && wide.network.output_snr_db >= compiled.network.output_snr_db + kLeastGain;
  fmt::print(
      "16-bit weights: {:.1f} dB and {:.0f} cycles, with 8 bits {:.1f} dB and {:.0f}; at most "
      "{:.0f} cycles: {}\n",
      wide.network.output_snr_db, after, compiled.network.output_snr_db, before, most,
      worth ? "taken" : "not taken");
  return worth ? std::move(wide) : std::move(compiled);
}

void write_reports(const CompileArguments& arguments, const compiler::Compiled& compiled) {
  if (arguments.report.empty() && arguments.json.empty()) return;
  const std::string json =
      compiler::report_json(compiled, layer_cycles(compiled.emitted.file), arguments.network);
  if (!arguments.json.empty()) write_file(arguments.json, json.data(), json.size());
  if (!arguments.report.empty()) {
    const std::string page = compiler::report_html(json);
    write_file(arguments.report, page.data(), page.size());
  }
}

void run_compile(const CompileArguments& arguments) {
  const auto begin = std::chrono::steady_clock::now();
  const compiler::Graph graph = compiler::load_onnx(arguments.network);
  const auto pictures =
      calibration_inputs(graph, arguments.pictures, arguments.limit, arguments.picture);
  const compiler::Compiled compiled = compile_network(arguments, graph, pictures);
  write_file(arguments.output, compiled.emitted.file.data(), compiled.emitted.file.size());
  write_reports(arguments, compiled);
  print_layers(compiled);
  print_checks(compiled);
  const double all = static_cast<double>(compiled.share.kpu + compiled.share.cpu);
  fmt::print(
      "{} KPU layers, {:.2f} MMAC, {:.1f} % of them on the KPU; {} of 32768 lines of AI RAM, "
      "{} bytes of main memory\n",
      compiled.network.tables.size(), all / 1e6,
      100 * static_cast<double>(compiled.share.kpu) / std::max(all, 1.),
      compiled.emitted.ai_ram_lines, compiled.emitted.main_bytes);
  const bool given = !compiled.network.checks.empty();
  fmt::print("ranges: {}; {} pictures; outputs {:.1f} dB to the {} network\n",
             given ? "the file's" : compiler::to_string(compiled.network.rule), pictures.size(),
             compiled.network.output_snr_db, given ? "quantised" : "float");
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  fmt::print("{}: {} bytes, {:.1f} s\n", arguments.output, compiled.emitted.file.size(),
             seconds.count());
}

}  // namespace

void add_compile_command(CLI::App& app, int& exit_code) {
  const auto arguments = std::make_shared<CompileArguments>();
  CLI::App* command = app.add_subcommand("compile", "An ONNX network to a kmodel for the KPU");
  command->add_option("NETWORK", arguments->network, "ONNX file, opset 9 or newer")->required();
  command->add_option("-o,--output", arguments->output, "kmodel to write")->required();
  command
      ->add_option("--calibrate", arguments->pictures,
                   "Pictures, folders of pictures or @lists that show what the network will see; "
                   "without them: noise and gradients")
      ->expected(1, -1);
  command
      ->add_option("--limit", arguments->limit, "Most pictures to use, evenly picked (default 100)")
      ->check(CLI::PositiveNumber);
  add_picture_options(*command, arguments->picture, "Input");
  command->add_option("--report", arguments->report, "HTML page to write, opens offline");
  command->add_option("--json", arguments->json, "The same as JSON");
  command->add_option("--range", arguments->range, "How ranges are chosen (default best)")
      ->check(CLI::IsMember({"best", "min-max", "percentile", "least error"}));
  command
      ->add_option("--format", arguments->format, "kmodel v4 (default), or v3: a chain of layers")
      ->check(CLI::IsMember({"v3", "v4"}));
  command
      ->add_option(
          "--int16", arguments->int16,
          "Weights of 16 bits, in format v3: off (default), all, or auto: where the outputs "
          "gain 1 dB and the cycles allow it")
      ->check(CLI::IsMember({"off", "all", "auto"}));
  command
      ->add_option("--int16-cycles", arguments->int16_cycles,
                   "Most cycles of the network for --int16 auto (default: a quarter more than with "
                   "8 bits)")
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--rounding", arguments->rounding,
                   "Whose arithmetic an already quantised network is compared with (default "
                   "onnxruntime)")
      ->check(CLI::IsMember({"onnxruntime", "exact", "onnx-reference"}));
  command->callback([arguments, &exit_code] {
    run_compile(*arguments);
    exit_code = kExitMatch;
  });
}

}  // namespace kpu::sim
