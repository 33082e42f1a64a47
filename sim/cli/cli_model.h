// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "common/files.h"
#include "golden/kmodel/kmodel.h"

namespace CLI {
class App;
}

namespace kpu::sim {

/// Which network a command works on, and how its file is read.
struct ModelArguments {
  std::string path;
  golden::LoadOptions load;
  bool aligned_tables = false;  ///< see golden::require_aligned_tables()
};

/// Adds MODEL, --part and --v5-functions. `arguments` must outlive the command.
void add_model_options(CLI::App& command, ModelArguments& arguments);

/// Loads the network. Throws kpu::Error, with the file's path in front, as golden::load_model() and
/// read_file() do.
std::unique_ptr<golden::Model> load(const ModelArguments& arguments);

}  // namespace kpu::sim
