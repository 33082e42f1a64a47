// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <vector>

#include "common/error.h"
#include "common/files.h"
#include "golden/kmodel/network.h"
#include "sim/activity/activity.h"
#include "sim/activity/bit_values.h"
#include "sim/cli/cli.h"
#include "sim/cli/cli_inputs.h"
#include "sim/cli/cli_model.h"
#include "sim/cli/option_checks.h"
#include "sim/cli/path_check.h"
#include "sim/engine/engine_run.h"
#include "sim/report/report_json.h"
#include "sim/text/layer_text.h"

namespace kpu::sim {
namespace {

struct ActivityArguments {
  ModelArguments model;
  InputArguments input;
  std::size_t layer = 0;
  std::string json;
  std::string svg;
  std::string saif;
  std::string values;
};

/// A path for the waves of one run, free again at the end.
class WaveFile {
 public:
  WaveFile()
      : path_(std::filesystem::temp_directory_path() /
              fmt::format("kpu_activity_{}.fst", getpid())) {}
  ~WaveFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
    std::filesystem::remove(std::filesystem::path(path_).replace_extension(".gtkw"), ignored);
  }
  WaveFile(const WaveFile&) = delete;
  WaveFile& operator=(const WaveFile&) = delete;

  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

void save_if_asked(const std::string& path, const std::string& text) {
  if (!path.empty()) write_file(path, text);
}

void measure(const ActivityArguments& arguments) {
  std::vector<NamedPath> read = paths_of(arguments.input);
  read.push_back({"MODEL", arguments.model.path});
  require_separate(
      read, {{"--json", arguments.json}, {"--svg", arguments.svg}, {"--saif", arguments.saif}, {"--values", arguments.values}});
  const auto model = load(arguments.model);
  golden::require_complete(model->info());
  const std::size_t layers = model->info().kpu_layer_count();
  if (arguments.layer >= layers) {
    throw Error(fmt::format("--layer {}: the network has {} KPU layers", arguments.layer, layers));
  }
  const NetworkInputs input = load_inputs(model->info(), arguments.input);
  const WaveFile wave;
  RunRequest request;
  request.engine = EngineChoice::kRtl;
  request.max_layers = arguments.layer + 1;
  request.wave.path = wave.path();
  request.wave.layer = arguments.layer;
  const RunReport report = run_engines(*model, input.bytes(), request);
  const golden::LayerArgs& args = report.layers.back().args;
  const std::string title =
      fmt::format("{}, layer {} ({} to {}, {}{}), {} lanes", arguments.model.path, arguments.layer,
                  input_shape(args), output_shape(args), kernel_name(args),
                  args.depthwise ? " dw" : "", report.lanes());

  const WaveToggles waves = count_toggles(wave.path());
  const Activity activity = by_unit(waves);
  fmt::print("{}\n\n{}", title, activity_table(activity));
  if (!arguments.json.empty()) {
    nlohmann::ordered_json json = nlohmann::ordered_json::parse(activity_json(activity, title));
    json["layer"] = report_json(report)["kpu_layers"].back();
    write_file(arguments.json, json.dump(1) + "\n");
  }
  save_if_asked(arguments.svg, activity_svg(activity, title));
  if (!arguments.saif.empty()) save_if_asked(arguments.saif, saif(waves));
  if (!arguments.values.empty()) {
    save_if_asked(arguments.values, bit_values_text(bit_values(wave.path(), "kpu_soc.kpu_soc.u_kpu")));
  }
}

}  // namespace

void add_activity_command(CLI::App& app, int& exit_code) {
  const auto arguments = std::make_shared<ActivityArguments>();
  CLI::App* command = app.add_subcommand(
      "activity",
      "Run a network on the RTL up to one layer and count that layer's switching by "
      "unit: relative figures, for power estimates");
  add_model_options(*command, arguments->model);
  add_input_options(*command, arguments->input, InputCount::kOne,
                    "Picture or raw planar values, as for run");
  command->add_option("--layer", arguments->layer, "KPU layer, from 0")
      ->check(whole_number(0))
      ->capture_default_str();
  command->add_option("--json", arguments->json, "Write the table as JSON")
      ->check(written_file(".json"));
  command->add_option("--svg", arguments->svg, "Write the table as bars")
      ->check(written_file(".svg"));
  command->add_option("--saif", arguments->saif, "Write every signal's switching as SAIF")
      ->check(written_file(".saif"));
  command->add_option("--values", arguments->values, "Write every bit of the KPU, cycle by cycle, as text")
      ->check(written_file(".txt"));
  command->callback([arguments, &exit_code] {
    measure(*arguments);
    exit_code = kExitMatch;
  });
}

}  // namespace kpu::sim
