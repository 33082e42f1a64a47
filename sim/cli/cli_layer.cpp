// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "golden/fast/fast_backend.h"
#include "golden/quantised/check.h"
#include "sim/cli/cli.h"
#include "sim/cli/option_checks.h"
#include "sim/engine/engine_run.h"
#include "sim/engine/rtl_backend.h"
#include "sim/layers/layer_verdict.h"

namespace kpu::sim {
namespace {

struct LayerArguments {
  std::string file;
  std::string other;  ///< what to compare with, or the model's input
  std::string rounding;
  EngineChoice engine = EngineChoice::kBoth;
};

using Check = LayerVerdict (*)(const std::string& path, const std::string& rounding,
                               const std::string& other, const golden::quantised::Engines& engines);

int run_layer_check(const LayerArguments& arguments, Check check) {
  golden::fast::FastBackend golden;
  std::unique_ptr<RtlKpu> rtl;
  golden::quantised::Engines engines;
  if (arguments.engine != EngineChoice::kRtl) engines.golden = &golden;
  if (arguments.engine != EngineChoice::kGolden) {
    rtl = make_rtl_backend({});
    engines.rtl = rtl.get();
  }
  const LayerVerdict verdict = check(arguments.file, arguments.rounding, arguments.other, engines);
  fmt::print("{}", verdict.text);
  return verdict.match ? kExitMatch : kExitMismatch;
}

void add_common(CLI::App& command, std::shared_ptr<LayerArguments> arguments, Check check,
                const char* rounding, int& exit_code) {
  add_choice<EngineChoice>(command, "--engine", arguments->engine,
                           {{"rtl", EngineChoice::kRtl},
                            {"golden", EngineChoice::kGolden},
                            {"both", EngineChoice::kBoth}},
                           "What runs it (default both)");
  command.add_option("--rounding", arguments->rounding, rounding)
      ->option_text(
          "exact|onnxruntime|onnxruntime-avx2|onnx-reference|litert|litert-builtin|"
          "litert-reference|tflite-micro|k210");
  command.callback([arguments, check, &exit_code] { exit_code = run_layer_check(*arguments, check); });
}

}  // namespace

void add_layer_command(CLI::App& app, int& exit_code) {
  const auto arguments = std::make_shared<LayerArguments>();
  CLI::App* command = app.add_subcommand("layer", "One layer from arrays, with a verdict");
  command
      ->add_option("SPEC", arguments->file,
                   ".npz or .json with the arguments of openkpu.conv2d_quantized (where there is a "
                   "y_scale) or openkpu.layer; in a .json arrays are lists or names of .npy files")
      ->required();
  command->add_option("--expect", arguments->other,
                      ".npy with the output that is expected, O x H x W; exit 3 if it differs");
  add_common(*command, arguments, check_layer_file,
             "Whose rounding to compare with (default: the file's, or exact)", exit_code);
}

void add_check_onnx_command(CLI::App& app, int& exit_code) {
  const auto arguments = std::make_shared<LayerArguments>();
  CLI::App* command = app.add_subcommand(
      "check-onnx", "Each quantised convolution of an ONNX model as a KPU layer, with a proof");
  command
      ->add_option(
          "MODEL", arguments->file,
          "ONNX file with QLinearConv, or Conv between DequantizeLinear and QuantizeLinear")
      ->required();
  command->add_option("--input", arguments->other,
                      ".npy with the model's input; without it, and behind operators that are not "
                      "known to the bit, layers get random codes");
  add_common(*command, arguments, check_onnx_file,
             "Whose rounding to compare with (default onnxruntime)", exit_code);
}

}  // namespace kpu::sim
