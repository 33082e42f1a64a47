// SPDX-License-Identifier: Apache-2.0
//
// What `kpu run` was asked for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/cli/cli_energy.h"
#include "sim/cli/cli_inputs.h"
#include "sim/cli/cli_model.h"
#include "sim/engine/engine_run.h"
#include "sim/vision/interpret.h"

namespace CLI {
class App;
}

namespace kpu::sim {

struct RunArguments {
  ModelArguments model;
  InputArguments input;
  RunRequest request;
  PostKind post = PostKind::kAuto;
  std::string anchors;
  std::string labels;
  std::optional<float> threshold;
  std::optional<float> nms;
  std::string annotate;
  std::string json;
  std::string dump;
  std::vector<std::string> expect;  ///< files, one for each output
  double tolerance = 0;
  std::string report;      ///< HTML
  std::string shard;       ///< "K/N", or empty
  std::string shard_file;  ///< file for its results
  std::string roofline;
  std::string layer_plot;
  std::string csv;
  EnergyArguments energy;
  double clock_mhz = 400;
};

/// Adds all arguments and options of `kpu run`, in groups. `arguments` must outlive the command.
void add_run_options(CLI::App& command, RunArguments& arguments);

/// Throws kpu::Error for options that do not go together, and for outputs that would overwrite an
/// input or each other.
void check_run_arguments(const RunArguments& arguments);

/// The share that --shard asks for. Throws kpu::Error for anything but K/N with 1 <= K <= N.
ShardRequest shard_request(const RunArguments& arguments);

/// How the output is to be read. Throws kpu::Error for anchors or labels that cannot be read.
PostOptions post_options(const RunArguments& arguments);

}  // namespace kpu::sim
