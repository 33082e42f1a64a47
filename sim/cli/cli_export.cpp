// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <cstddef>
#include <limits>
#include <memory>
#include <string>

#include "common/error.h"
#include "golden/kmodel/network.h"
#include "sim/cli/cli.h"
#include "sim/cli/cli_inputs.h"
#include "sim/cli/cli_model.h"
#include "sim/cli/option_checks.h"
#include "sim/export/vector_folder.h"
#include "sim/export/vector_recorder.h"

namespace kpu::sim {
namespace {

struct ExportArguments {
  ModelArguments model;
  InputArguments input;
  std::string out;
  std::size_t max_layers = std::numeric_limits<std::size_t>::max();
};

void export_vectors(const ExportArguments& arguments) {
  const auto model = load(arguments.model);
  golden::require_complete(model->info());
  const NetworkInputs input = load_inputs(model->info(), arguments.input);
  VectorFolder folder(arguments.out);
  VectorRecorder recorder([&](const VectorJob& job) { folder.add(job); });
  golden::RunOptions options;
  options.max_kpu_layers = arguments.max_layers;
  golden::run_network(*model, input.bytes(), recorder, options);
  if (folder.jobs() == 0) throw Error(arguments.model.path + ": the network has no KPU layer");
  folder.finish(arguments.model.path, fmt::format("{}", fmt::join(input.paths, " ")));
  fmt::print("{}: {} jobs; see {}/README.md\n", arguments.out, folder.jobs(), arguments.out);
}

}  // namespace

void add_export_command(CLI::App& app, int& exit_code) {
  const auto arguments = std::make_shared<ExportArguments>();
  CLI::App* command = app.add_subcommand(
      "export", "Write every KPU layer's memory images and results, with a bench that runs them");
  add_model_options(*command, arguments->model);
  add_input_options(*command, arguments->input, InputCount::kOne,
                    "Picture or raw planar values, as for run");
  command->add_option("--out", arguments->out, "Folder to make; must not exist or be empty")
      ->required();
  command->add_option("--layers", arguments->max_layers, "Only the first N KPU layers")
      ->check(whole_number(1, 1'000'000));
  command->callback([arguments, &exit_code] {
    export_vectors(*arguments);
    exit_code = kExitMatch;
  });
}

}  // namespace kpu::sim
