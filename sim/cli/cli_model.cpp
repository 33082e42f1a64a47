// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/cli_model.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "common/files.h"
#include "golden/kmodel/kfpkg.h"
#include "golden/kmodel/table_alignment.h"

namespace kpu::sim {

void add_model_options(CLI::App& command, ModelArguments& arguments) {
  command.add_option("MODEL", arguments.path, "Network file: kmodel, or kfpkg package")->required();
  command.add_option("--part", arguments.load.part,
                     "Part of a kfpkg package (default: its only kmodel)");
  command.add_option("--v5-functions", arguments.load.v5_numbering,
                     "Compiler release that numbered a v5 file's tensor functions, 1.0.0-beta2 to "
                     "1.9.0 (default: found by trial)");
}

std::unique_ptr<golden::Model> load(const ModelArguments& arguments) {
  std::vector<std::uint8_t> file = read_file(arguments.path);
  try {
    golden::LoadOptions options = arguments.load;
    if (golden::is_zip(file))
      file = golden::kmodel_from_kfpkg(file, std::exchange(options.part, ""));
    const std::span<const std::uint8_t> bytes = file;  // of the model from here on
    auto model = golden::load_model(std::move(file), options);
    if (arguments.aligned_tables) golden::require_aligned_tables(model->info(), bytes);
    return model;
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", arguments.path, error.what()));
  }
}

}  // namespace kpu::sim
