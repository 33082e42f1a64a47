// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <fstream>
#include <map>
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
#include "sim/cli/cli_inputs.h"
#include "sim/cli/cli_memory.h"
#include "sim/cli/cli_model.h"
#include "sim/cli/input_list.h"
#include "sim/cli/model_input.h"
#include "sim/engine/engine_run.h"
#include "sim/report/dump.h"
#include "sim/report/plots.h"
#include "sim/report/report_json.h"
#include "sim/report/report_table.h"
#include "sim/vision/image_io.h"
#include "sim/vision/interpret.h"

namespace kpu::sim {
namespace {

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
  std::string roofline;
  std::string layer_plot;
  std::string csv;
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

void check_wave_layer(const golden::ModelInfo& info, const RunRequest& request) {
  const std::size_t layers = std::min(info.kpu_layer_count(), request.max_layers);
  if (request.wave_path.empty() || request.wave_layer < layers) return;
  throw Error(layers == 0
                  ? std::string("--wave: the network has no KPU layer")
                  : fmt::format("--wave-layer {}: expected 0..{}", request.wave_layer, layers - 1));
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
  check_wave_layer(model.info(), arguments.request);
  const bool plots = !arguments.roofline.empty() || !arguments.layer_plot.empty();
  if (plots && arguments.request.engine == EngineChoice::kGolden) {
    throw Error("--roofline and --layer-plot show cycles: expected --engine rtl or both");
  }

  RunReport report = run_engines(model, input.bytes(), arguments.request);
  report.model_path = arguments.model.path;
  report.model_part = arguments.model.load.part;
  report.input_paths = input.paths;
  report.meaning = interpret_run(report, post);
  if (!arguments.annotate.empty() && !report.outputs.empty()) {
    const std::vector<float> values = report.outputs.front().values();
    save_png(arguments.annotate,
             illustrate(report.meaning, output_tensor(report, values), *shown->picture));
  }
  if (!arguments.dump.empty()) dump_layers(arguments.dump, report);
  if (!arguments.json.empty()) save_report_json(arguments.json, report);
  if (!arguments.roofline.empty()) save_text(arguments.roofline, roofline_svg(report));
  if (!arguments.layer_plot.empty()) save_text(arguments.layer_plot, layer_plot_svg(report));
  fmt::print("{}", report_table(report));
  return report.verdict == Verdict::kMismatch ? kExitMismatch : kExitMatch;
}

/// Options that describe one run have no place where there are several.
void refuse_single_options(const RunArguments& arguments) {
  const std::pair<const char*, const std::string&> single[] = {
      {"--annotate", arguments.annotate},
      {"--json", arguments.json},
      {"--dump", arguments.dump},
      {"--roofline", arguments.roofline},
      {"--layer-plot", arguments.layer_plot},
      {"--wave", arguments.request.wave_path}};
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
  options.resize = arguments.input.resize;
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

int run(const RunArguments& arguments) {
  if (arguments.request.engine == EngineChoice::kSerial && arguments.request.serial.port.empty()) {
    throw Error("--engine serial: expected --port DEVICE");
  }
  if (arguments.request.engine == EngineChoice::kSerial && !arguments.request.wave_path.empty()) {
    throw Error(fmt::format("--wave {}: a board has no waves, expected --engine rtl or both",
                            arguments.request.wave_path));
  }
  require_given(arguments.input);
  if (!arguments.csv.empty() && arguments.input.files.empty()) {
    throw Error(fmt::format("--csv {}: expected INPUT, of a network with one", arguments.csv));
  }
  const std::vector<std::string>& files = arguments.input.files;
  const bool several = files.size() > 1 || (!files.empty() && is_input_list(files.front())) ||
                       !arguments.csv.empty();
  const auto model = load(arguments.model);
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
  add_model_options(*command, arguments->model);
  add_input_options(*command, arguments->input, InputCount::kSeveral,
                    "Picture (PNG, JPEG, BMP, PPM) or raw planar uint8 or float32 values; several, "
                    "a folder of them, or @LIST, a text file with a path a line");
  command->add_option("--engine", arguments->request.engine, "What runs it (default both)")
      ->option_text("rtl|golden|both|serial")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, EngineChoice>{{"rtl", EngineChoice::kRtl},
                                              {"golden", EngineChoice::kGolden},
                                              {"both", EngineChoice::kBoth},
                                              {"serial", EngineChoice::kSerial}}));
  command->add_option("--port", arguments->request.serial.port,
                      "Serial port of a board, for --engine serial: it and the golden model");
  command->add_option("--baud", arguments->request.serial.baud, "Bits per second of the port")
      ->capture_default_str();
  command
      ->add_option("--profile", arguments->request.profile,
                   "Arithmetic that the sources leave open (default simulator); v0.1 runs on the "
                   "golden model only")
      ->option_text("simulator|device|v0.1");
  command
      ->add_option("--golden", arguments->request.golden,
                   "How the golden model computes (default fast; the same bits)")
      ->option_text("fast|reference")
      ->transform(CLI::CheckedTransformer(std::map<std::string, GoldenPath>{
          {"fast", GoldenPath::kFast}, {"reference", GoldenPath::kReference}}));
  command
      ->add_option("--threads", arguments->request.threads,
                   "Threads of the fast golden model (default 1)")
      ->check(CLI::Range(1, 256));
  command->add_option("--post", arguments->post, "Meaning of the output (default auto)")
      ->option_text("auto|none|softmax|yolo2")
      ->transform(
          CLI::CheckedTransformer(std::map<std::string, PostKind>{{"auto", PostKind::kAuto},
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
  command->add_option("--csv", arguments->csv, "Write a line for each of several inputs as CSV");
  command->add_option("--dump", arguments->dump,
                      "Folder for each KPU layer's output as .npy and as a contact sheet");
  command->add_option("--roofline", arguments->roofline, "Write a roofline plot as SVG");
  command->add_option("--layer-plot", arguments->layer_plot,
                      "Write every layer's cycles beside the chip's as SVG");
  CLI::Option* wave = command->add_option("--wave", arguments->request.wave_path,
                                          "Record one layer's waves as FST, with a GTKWave file");
  command
      ->add_option("--wave-layer", arguments->request.wave_layer,
                   "KPU layer to record, from 0 (default 0)")
      ->needs(wave);
  command->add_option("--layers", arguments->request.max_layers, "Run only the first N KPU layers")
      ->check(CLI::PositiveNumber);
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
