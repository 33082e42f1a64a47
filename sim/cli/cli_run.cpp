// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/error.h"
#include "common/files.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/network.h"
#include "sim/cli/batch.h"
#include "sim/cli/batch_text.h"
#include "sim/cli/cli.h"
#include "sim/cli/cli_energy.h"
#include "sim/cli/cli_inputs.h"
#include "sim/cli/cli_model.h"
#include "sim/cli/input_list.h"
#include "sim/cli/model_input.h"
#include "sim/cli/run_arguments.h"
#include "sim/engine/engine_run.h"
#include "sim/engine/wave_estimate.h"
#include "sim/report/dump.h"
#include "sim/report/expect.h"
#include "sim/report/plots.h"
#include "sim/report/report_json.h"
#include "sim/report/report_table.h"
#include "sim/report/run_html.h"
#include "sim/text/layer_text.h"
#include "sim/vision/image.h"
#include "sim/vision/image_io.h"
#include "sim/vision/interpret.h"

namespace kpu::sim {
namespace {

/// Says how large the wave file gets before the long run, beside the results.
void announce_wave(const golden::ModelInfo& info, const RunRequest& request) {
  if (request.wave.path.empty()) return;
  const WaveEstimate wave = estimate_wave(info, request.wave, request.max_layers);
  fmt::print(stderr, "wave: layer {}, about {} cycles: {:.1f} to {:.1f} MB\n", request.wave.layer,
             grouped(wave.cycles), static_cast<double>(wave.least_bytes) / 1e6,
             static_cast<double>(wave.most_bytes) / 1e6);
}

/// A file of expected values for each of the first outputs.
void require_expect_count(const golden::ModelInfo& info, const RunArguments& arguments) {
  const bool stops = arguments.request.max_layers < info.kpu_layer_count();
  const std::size_t outputs = stops ? 0 : info.outputs.size();
  if (arguments.expect.size() <= outputs) return;
  throw Error(fmt::format("--expect: {} files, but the run has {} outputs", arguments.expect.size(),
                          outputs));
}

/// One run: everything that is found out about it.
int run_single(const RunArguments& arguments, const golden::Model& model) {
  const PostOptions post = post_options(arguments);
  golden::require_complete(model.info());
  const NetworkInputs input = load_inputs(model.info(), arguments.input);
  const auto shown = std::find_if(input.inputs.begin(), input.inputs.end(),
                                  [](const Input& one) { return one.picture.has_value(); });
  if (!arguments.annotate.empty() && shown == input.inputs.end()) {
    throw Error(fmt::format("--annotate {}: the input {} cannot be shown as a picture",
                            arguments.annotate, fmt::join(input.paths, " ")));
  }
  const std::optional<EnergyTable> energy = energy_table(arguments.energy, built_configuration());
  announce_wave(model.info(), arguments.request);
  require_expect_count(model.info(), arguments);
  RunRequest request = arguments.request;
  request.keep_cpu_layers = !arguments.dump.empty();
  RunReport report = run_engines(model, input.bytes(), request);
  if (energy) report.energy = energy_of_run(report, *energy);
  report.model_path = arguments.model.path;
  report.model_part = arguments.model.load.part;
  report.settings.aligned_tables = arguments.model.aligned_tables;
  report.input_paths = input.paths;
  report.input_origins = input.origins();
  for (std::size_t i = 0; i < arguments.expect.size(); ++i) {
    report.expectations.push_back(
        compare_expected(report.outputs.at(i), i, arguments.expect[i], arguments.tolerance));
  }
  report.meaning = interpret_run(report, model.info(), post);
  std::optional<Image> seen;
  if (shown != input.inputs.end() && !report.outputs.empty()) {
    const std::vector<float> values = report.outputs.front().values();
    const OutputTensor output = output_tensor(report, values);
    const bool shows = !arguments.report.empty() && can_illustrate(report.meaning, output);
    if (!arguments.annotate.empty() || shows) {
      seen = illustrate(report.meaning, output, *shown->picture);
    }
  }
  if (!arguments.annotate.empty() && seen) save_png(arguments.annotate, *seen);
  if (!arguments.dump.empty()) dump_run(arguments.dump, report);
  if (!arguments.json.empty()) save_report_json(arguments.json, report);
  if (!arguments.report.empty()) write_file(arguments.report, run_html(report, seen));
  if (!arguments.roofline.empty()) write_file(arguments.roofline, roofline_svg(report));
  if (!arguments.layer_plot.empty()) write_file(arguments.layer_plot, layer_plot_svg(report));
  fmt::print("{}", report_table(report));
  const bool as_expected = std::all_of(report.expectations.begin(), report.expectations.end(),
                                       [](const Expectation& e) { return e.outside == 0; });
  return report.verdict == Verdict::kMismatch || !as_expected ? kExitMismatch : kExitMatch;
}

/// One share of a run's layers, for another run to merge.
int run_share(const RunArguments& arguments, const golden::Model& model) {
  golden::require_complete(model.info());
  const NetworkInputs input = load_inputs(model.info(), arguments.input);
  const ShardRequest shard = shard_request(arguments);
  const ShardSummary summary =
      NetworkRunner(model, arguments.request).run_shard(input.bytes(), shard);
  fmt::print("share {} of {}: {} of {} layers, {} differ from the golden model; {}\n",
             shard.share + 1, shard.shares, summary.layers, summary.of, summary.differing,
             shard.path);
  return summary.differing == 0 ? kExitMatch : kExitMismatch;
}

/// Options that describe one run have no place where there are several.
void refuse_single_options(const RunArguments& arguments) {
  const std::string none;
  const std::string reference = arguments.request.rule ? to_string(*arguments.request.rule) : none;
  const std::pair<const char*, const std::string&> single[] = {
      {"--annotate", arguments.annotate},
      {"--json", arguments.json},
      {"--dump", arguments.dump},
      {"--expect", arguments.expect.empty() ? none : arguments.expect.front()},
      {"--report", arguments.report},
      {"--roofline", arguments.roofline},
      {"--layer-plot", arguments.layer_plot},
      {"--reference", reference},
      {"--shard", arguments.shard},
      {"--merge", arguments.request.merge.empty() ? none : arguments.request.merge.front()},
      {"--wave", arguments.request.wave.path}};
  for (const auto& [name, value] : single) {
    if (!value.empty()) {
      throw Error(
          fmt::format("{} {}: expected a single input; --csv reports on several", name, value));
    }
  }
}

/// A line for each input, written as soon as it is known.
class CsvFile {
 public:
  explicit CsvFile(const std::string& path) : path_(path), stream_(path, std::ios::binary) {
    write(csv_header());
  }

  void write(const std::string& line) {
    if (!(stream_ << line << std::flush)) throw Error(path_ + ": cannot be written");
  }

 private:
  std::string path_;
  std::ofstream stream_;
};

/// Several inputs: a row each, and a summary.
int run_several(const RunArguments& arguments, const golden::Model& model,
                const std::vector<std::string>& inputs) {
  refuse_single_options(arguments);
  BatchOptions options;
  options.request = arguments.request;
  options.post = post_options(arguments);
  options.input = input_options(model.info(), arguments.input.picture);
  options.energy = energy_table(arguments.energy, built_configuration());
  std::optional<CsvFile> csv;
  if (!arguments.csv.empty()) {
    options.on_row = [&](const BatchRow& row) {
      if (!csv) csv.emplace(arguments.csv);
      csv->write(csv_line(row));
    };
  }
  const std::vector<BatchRow> rows = run_batch(model, inputs, options);
  fmt::print("{}{}", batch_table(rows, csv.has_value()),
             batch_summary(rows, arguments.request.clock_hz));
  const auto has_state = [&](std::string_view state) {
    return std::any_of(rows.begin(), rows.end(),
                       [&](const BatchRow& row) { return row.state() == state; });
  };
  if (has_state("mismatch")) return kExitMismatch;
  return has_state("failed") ? kExitBadInput : kExitMatch;
}

int run_network(const RunArguments& arguments) {
  require_given(arguments.input);
  check_run_arguments(arguments);
  const std::vector<std::string>& files = arguments.input.files;
  const bool several = files.size() > 1 || (!files.empty() && is_input_list(files.front())) ||
                       !arguments.csv.empty();
  const auto model = load(arguments.model);
  if (!several && !arguments.shard.empty()) return run_share(arguments, *model);
  return several ? run_several(arguments, *model, expand_inputs(files))
                 : run_single(arguments, *model);
}

}  // namespace

void add_run_command(CLI::App& app, int& exit_code) {
  const auto arguments = std::make_shared<RunArguments>();
  CLI::App* command = app.add_subcommand(
      "run", "Run a network on pictures, on the RTL and on the golden model, and compare them");
  command->footer(
      "With several inputs, those that cannot be read or run are listed and the others run.\n"
      "Exit codes: 0 all match, 2 an input failed, 3 a mismatch (also if others failed).");
  add_run_options(*command, *arguments);
  command->callback([arguments, &exit_code] {
    arguments->request.clock_hz = arguments->clock_mhz * 1e6;
    const bool shares = !arguments->shard.empty() || !arguments->request.merge.empty();
    if (shares && !arguments->request.jobs) arguments->request.jobs = 1;
    exit_code = run_network(*arguments);
  });
}

}  // namespace kpu::sim
