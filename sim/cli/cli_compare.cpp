// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/bits.h"
#include "common/error.h"
#include "compiler/compile/compile.h"
#include "compiler/graph/executor.h"
#include "golden/fast/fast_backend.h"
#include "golden/kmodel/network.h"
#include "sim/cli/calibration.h"
#include "sim/cli/cli.h"
#include "sim/cli/cli_model.h"
#include "sim/text/text_table.h"

namespace kpu::sim {
namespace {

using Align = TextTable::Align;

struct CompareArguments {
  std::string network;
  ModelArguments model;
  std::vector<std::string> pictures;
  std::size_t limit = 100;
  PictureArguments picture;
  double least_db = 0;
};

/// One output over all pictures.
struct OutputScore {
  std::vector<float> wanted, got;  ///< of all pictures, one behind the other
  std::size_t agree = 0;           ///< pictures with the largest value at the same place
  double worst_db = 200;
  std::size_t worst = 0;  ///< picture
};

std::vector<float> as_floats(const std::vector<std::uint8_t>& bytes) {
  std::vector<float> values(bytes.size() / 4);
  copy_bytes(values.data(), bytes.data(), values.size() * 4);
  return values;
}

std::size_t largest(const std::vector<float>& values) {
  return static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

void add_picture(OutputScore& score, const std::vector<float>& wanted,
                 const std::vector<float>& got, std::size_t picture) {
  if (wanted.size() != got.size()) {
    throw Error(
        fmt::format("output of {} values, expected {} as in the ONNX file: not the same "
                    "network",
                    got.size(), wanted.size()));
  }
  score.agree += largest(wanted) == largest(got);
  const double snr = compiler::score(wanted, got).snr_db;
  if (snr < score.worst_db) {
    score.worst_db = snr;
    score.worst = picture;
  }
  score.wanted.insert(score.wanted.end(), wanted.begin(), wanted.end());
  score.got.insert(score.got.end(), got.begin(), got.end());
}

/// Whether every output reaches the SNR asked for.
bool run_compare(const CompareArguments& arguments) {
  const compiler::Graph graph = compiler::load_onnx(arguments.network);
  const auto model = load(arguments.model);
  golden::require_complete(model->info());
  if (model->info().inputs.size() != graph.inputs.size() ||
      model->info().outputs.size() != graph.outputs.size()) {
    throw Error("number of inputs and outputs: expected those of the ONNX file");
  }
  const auto pictures =
      calibration_inputs(graph, arguments.pictures, arguments.limit, arguments.picture);
  const compiler::InputScale scale = input_scale(arguments.picture);
  golden::fast::FastBackend backend;
  std::vector<OutputScore> scores(graph.outputs.size());
  for (std::size_t p = 0; p < pictures.size(); ++p) {
    std::vector<compiler::Tensor> inputs;
    for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
      inputs.push_back(compiler::input_tensor(graph, i, pictures[p][i], scale));
    }
    const auto wanted = compiler::run_graph(graph, inputs);
    const auto got = golden::run_network(*model, pictures[p], backend);
    for (std::size_t i = 0; i < scores.size(); ++i) {
      add_picture(scores[i], wanted[i].data, as_floats(got.outputs[i]), p);
    }
  }
  TextTable table({{"output", Align::kLeft},
                   {"shape", Align::kLeft},
                   {"SNR dB"},
                   {"cosine"},
                   {"largest error"},
                   {"same arg-max"},
                   {"worst picture"},
                   {"dB"}});
  bool fine = true;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const compiler::Score score = compiler::score(scores[i].wanted, scores[i].got);
    fine = fine && score.snr_db >= arguments.least_db;
    const compiler::ValueId id = graph.outputs[i];
    table.add_row({graph.values[id].name, compiler::dims_text(graph.dims(id)),
                   fmt::format("{:.1f}", score.snr_db), fmt::format("{:.6f}", score.cosine),
                   fmt::format("{:.4g}", score.largest_error),
                   fmt::format("{}/{}", scores[i].agree, pictures.size()),
                   fmt::format("{}", scores[i].worst), fmt::format("{:.1f}", scores[i].worst_db)});
  }
  fmt::print("{}\n{} pictures, float network against the golden model\n", table.str(),
             pictures.size());
  return fine;
}

}  // namespace

void add_compare_command(CLI::App& app, int& exit_code) {
  const auto arguments = std::make_shared<CompareArguments>();
  CLI::App* command =
      app.add_subcommand("compare", "The float network of an ONNX file against a compiled kmodel");
  command->add_option("NETWORK", arguments->network, "ONNX file")->required();
  add_model_options(*command, arguments->model);
  command->add_option("PICTURES", arguments->pictures,
                      "Pictures, folders or @lists; without them noise and gradients");
  command->add_option("--limit", arguments->limit, "Most pictures to use (default 100)")
      ->check(CLI::PositiveNumber);
  add_picture_options(*command, arguments->picture, "Input");
  command->add_option("--least", arguments->least_db,
                      "Exit code 3 if an output has a smaller SNR, in dB (default 0)");
  command->callback([arguments, &exit_code] {
    exit_code = run_compare(*arguments) ? kExitMatch : kExitMismatch;
  });
}

}  // namespace kpu::sim
