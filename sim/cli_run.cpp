// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "golden/error.h"
#include "golden/kmodel.h"
#include "sim/cli.h"
#include "sim/cli_memory.h"
#include "sim/dump.h"
#include "sim/engine_run.h"
#include "sim/image_io.h"
#include "sim/interpret.h"
#include "sim/model_input.h"
#include "sim/plots.h"
#include "sim/report_json.h"
#include "sim/report_table.h"

namespace kpu::sim {
namespace {

struct RunArguments {
  std::string model;
  std::string input;
  RunRequest request;
  PostKind post = PostKind::kAuto;
  std::string anchors;
  std::string labels;
  std::optional<float> threshold;
  std::optional<float> nms;
  std::string annotate;
  std::string json;
  std::string dump;
  std::string roofline;
  std::string layer_plot;
  bool resize = false;
  double clock_mhz = 400;
};

PostOptions post_options(const RunArguments& arguments) {
  PostOptions post;
  post.kind = arguments.post;
  if (!arguments.anchors.empty()) post.anchors = parse_anchors(arguments.anchors);
  if (!arguments.labels.empty()) post.labels = read_labels(arguments.labels);
  post.threshold = arguments.threshold;
  post.nms = arguments.nms;
  return post;
}

void save_text(const std::string& path, const std::string& text) {
  write_file(path, text.data(), text.size());
}

int run(const RunArguments& arguments) {
  const auto model = golden::load_model(golden::read_file(arguments.model));
  const PostOptions post = post_options(arguments);
  Input input = load_input(arguments.input, input_spec(model->info()), arguments.resize);
  if (!arguments.annotate.empty() && !input.picture) {
    throw Error(fmt::format("--annotate {}: the input {} cannot be shown as a picture",
                            arguments.annotate, arguments.input));
  }

  const std::size_t layers =
      std::min(model->info().kpu_layer_count(), arguments.request.max_layers);
  if (!arguments.request.wave_path.empty() && arguments.request.wave_layer >= layers) {
    throw Error(layers == 0 ? std::string("--wave: the network has no KPU layer")
                            : fmt::format("--wave-layer {}: expected 0..{}",
                                          arguments.request.wave_layer, layers - 1));
  }

  const bool plots = !arguments.roofline.empty() || !arguments.layer_plot.empty();
  if (plots && arguments.request.engine == EngineChoice::kGolden) {
    throw Error("--roofline and --layer-plot show cycles: expected --engine rtl or both");
  }

  RunReport report = run_engines(*model, {std::move(input.bytes)}, arguments.request);
  report.model_path = arguments.model;
  report.input_path = arguments.input;
  if (!report.outputs.empty()) {
    const std::vector<float> values = report.outputs.front().values();
    const OutputTensor output = output_tensor(report, values);
    report.meaning = interpret(output, post);
    if (!arguments.annotate.empty()) {
      save_png(arguments.annotate, illustrate(report.meaning, output, *input.picture));
    }
  }
  if (!arguments.dump.empty()) dump_layers(arguments.dump, report);
  if (!arguments.json.empty()) save_report_json(arguments.json, report);
  if (!arguments.roofline.empty()) save_text(arguments.roofline, roofline_svg(report));
  if (!arguments.layer_plot.empty()) save_text(arguments.layer_plot, layer_plot_svg(report));
  fmt::print("{}", report_table(report));
  return report.verdict == Verdict::kMismatch ? kExitMismatch : kExitMatch;
}

}  // namespace

void add_run_command(CLI::App& app, int& exit_code) {
  const auto arguments = std::make_shared<RunArguments>();
  CLI::App* command = app.add_subcommand(
      "run", "Run a network on a picture, on the RTL and on the golden model, and compare them");
  command->add_option("MODEL", arguments->model, "Network file (kmodel)")->required();
  command
      ->add_option("INPUT", arguments->input,
                   "Picture (PNG, JPEG, BMP, PPM) or raw planar uint8 or float32 values")
      ->required();
  command->add_option("--engine", arguments->request.engine, "What runs it (default both)")
      ->option_text("rtl|golden|both")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, EngineChoice>{{"rtl", EngineChoice::kRtl},
                                              {"golden", EngineChoice::kGolden},
                                              {"both", EngineChoice::kBoth}}));
  command->add_option("--post", arguments->post, "Meaning of the output (default auto)")
      ->option_text("auto|none|softmax|yolo2")
      ->transform(CLI::CheckedTransformer(std::map<std::string, PostKind>{
          {"auto", PostKind::kAuto},
          {"none", PostKind::kNone},
          {"softmax", PostKind::kSoftmax},
          {"yolo2", PostKind::kYolo2}}));
  command->add_option("--anchors", arguments->anchors,
                      "yolo20, face_detect, face_mask5, or w,h,w,h,... in grid cells");
  command->add_option("--labels", arguments->labels, "Text file with a class name a line");
  command->add_option("--threshold", arguments->threshold, "Lowest score of a box, 0..1")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--nms", arguments->nms, "Largest overlap of two boxes of a class, 0..1")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--annotate", arguments->annotate, "Write the input with its result as PNG");
  command->add_option("--json", arguments->json, "Write the report as JSON");
  command->add_option("--dump", arguments->dump,
                      "Folder for each KPU layer's output as .npy and as a contact sheet");
  command->add_option("--roofline", arguments->roofline, "Write a roofline plot as SVG");
  command->add_option("--layer-plot", arguments->layer_plot,
                      "Write every layer's cycles beside the chip's as SVG");
  CLI::Option* wave = command->add_option("--wave", arguments->request.wave_path,
                                          "Record one layer's waves as FST, with a GTKWave file");
  command->add_option("--wave-layer", arguments->request.wave_layer,
                      "KPU layer to record, from 0 (default 0)")
      ->needs(wave);
  command->add_option("--layers", arguments->request.max_layers, "Run only the first N KPU layers")
      ->check(CLI::PositiveNumber);
  command->add_flag("--resize", arguments->resize, "Scale a picture of another size to the input");
  command->add_flag("!--no-dma", arguments->request.use_dma,
                    "Move input and output by the processor instead of DMA");
  add_memory_options(*command, arguments->request.memory);
  command->add_option("--clock", arguments->clock_mhz, "Clock in MHz for times (default 400)")
      ->check(CLI::PositiveNumber);
  command->callback([arguments, &exit_code] {
    arguments->request.clock_hz = arguments->clock_mhz * 1e6;
    exit_code = run(*arguments);
  });
}

}  // namespace kpu::sim
