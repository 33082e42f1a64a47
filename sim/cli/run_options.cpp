// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/error.h"
#include "golden/quantised/rules.h"
#include "sim/cli/cli_memory.h"
#include "sim/cli/option_checks.h"
#include "sim/cli/path_check.h"
#include "sim/cli/run_arguments.h"
#include "sim/engine/wave_save.h"
#include "sim/report/dump.h"

namespace kpu::sim {
namespace {

constexpr const char* kEngineGroup = "Engines";
constexpr const char* kMeaningGroup = "Meaning of the output";
constexpr const char* kReportGroup = "Reports and pictures";
constexpr const char* kWaveGroup = "Waves";

void add_engine_options(CLI::App& command, RunArguments& arguments) {
  RunRequest& request = arguments.request;
  add_choice<EngineChoice>(command, "--engine", request.engine,
                           {{"rtl", EngineChoice::kRtl},
                            {"golden", EngineChoice::kGolden},
                            {"both", EngineChoice::kBoth},
                            {"serial", EngineChoice::kSerial}},
                           "What runs it (default both)")
      ->group(kEngineGroup);
  command
      .add_option("--port", request.serial.port,
                  "Serial port of a board, for --engine serial: it and the golden model")
      ->group(kEngineGroup);
  command.add_option("--baud", request.serial.baud, "Bits per second of the port")
      ->check(whole_number(1, 100'000'000))
      ->capture_default_str()
      ->group(kEngineGroup);
  command
      .add_option(
          "--profile", request.profile,
          "Arithmetic that the sources leave open (default: as simulator, and what the chip "
          "cannot run is refused); v0.1 runs on the golden model only")
      ->option_text("default|simulator|simulator-1.0|device|v0.1")
      ->group(kEngineGroup);
  add_choice<GoldenPath>(command, "--golden", request.golden,
                         {{"fast", GoldenPath::kFast}, {"reference", GoldenPath::kReference}},
                         "How the golden model computes (default fast; the same bits)")
      ->group(kEngineGroup);
  command
      .add_option_function<std::size_t>(
          "--jobs",
          [&request](std::size_t jobs) {
            const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
            request.jobs = jobs == 0 ? cores : jobs;
          },
          "Simulate the KPU layers side by side on N threads, each from the golden model's input, "
          "instead of from end to end; 0: as many as there are cores")
      ->check(whole_number(0, 1024))
      ->option_text("N")
      ->group(kEngineGroup);
  command
      .add_option("--shard", arguments.shard,
                  "Simulate only the K-th of N shares of the KPU layers, for other machines to do "
                  "the others; with --shard-file")
      ->option_text("K/N")
      ->group(kEngineGroup);
  command.add_option("--shard-file", arguments.shard_file, "File for the results of --shard")
      ->check(written_file(".json"))
      ->group(kEngineGroup);
  command
      .add_option("--merge", request.merge,
                  "Files that --shard wrote for all shares: their results in the place of a "
                  "simulation, with the report of --jobs")
      ->option_text("FILE ...")
      ->group(kEngineGroup);
  command.add_option("--threads", request.threads, "Threads of the fast golden model (default 1)")
      ->check(whole_number(1, 256))
      ->group(kEngineGroup);
  command
      .add_option_function<std::string>(
          "--reference",
          [&request](const std::string& name) {
            request.rule = golden::quantised::rule_by_name(name);
          },
          "Also compare every KPU layer, on its own input, with another engine's arithmetic: which "
          "outputs differ, by how much and why")
      ->option_text("exact|onnxruntime|litert|litert-reference|tflite-micro|..")
      ->group(kEngineGroup);
  command.add_option("--layers", request.max_layers, "Run only the first N KPU layers")
      ->check(whole_number(1, 1'000'000))
      ->group(kEngineGroup);
  command
      .add_flag_callback(
          "--no-dma", [&request] { request.use_dma = false; },
          "Move input and output by the processor instead of DMA")
      ->group(kEngineGroup);
  command
      .add_flag("--aligned-tables", arguments.model.aligned_tables,
                "Refuse a file whose tables do not lie as the vendor's runtime demands: activation "
                "at multiples of 256 bytes, the others of 128")
      ->group(kEngineGroup);
  command.add_option("--clock", arguments.clock_mhz, "Clock in MHz for times (default 400)")
      ->check(clock_number())
      ->group(kEngineGroup);
}

void add_meaning_options(CLI::App& command, RunArguments& arguments) {
  add_choice<PostKind>(command, "--post", arguments.post,
                       {{"auto", PostKind::kAuto},
                        {"none", PostKind::kNone},
                        {"softmax", PostKind::kSoftmax},
                        {"yolo2", PostKind::kYolo2},
                        {"yolo3", PostKind::kYolo3},
                        {"yolox", PostKind::kYolox},
                        {"ssd", PostKind::kSsd},
                        {"retinaface", PostKind::kRetinaface}},
                       "Meaning of the output (default auto)")
      ->group(kMeaningGroup);
  command
      .add_option("--anchors", arguments.anchors,
                  "yolo20, face_detect, face_mask5, or w,h,w,h,... in grid cells (yolo3: pixels of "
                  "the input)")
      ->group(kMeaningGroup);
  command
      .add_option("--labels", arguments.labels,
                  "File of class names: a line each, or a list as scripts have it")
      ->group(kMeaningGroup);
  command.add_option("--threshold", arguments.threshold, "Lowest score of a box, 0..1")
      ->check(real_number(0, 1))
      ->group(kMeaningGroup);
  command.add_option("--nms", arguments.nms, "Largest overlap of two boxes of a class, 0..1")
      ->check(real_number(0, 1))
      ->group(kMeaningGroup);
}

void add_report_options(CLI::App& command, RunArguments& arguments) {
  const auto file = [&](const char* name, std::string& path, const char* ending, const char* text) {
    command.add_option(name, path, text)->check(written_file(ending))->group(kReportGroup);
  };
  file("--annotate", arguments.annotate, ".png", "Write the input with its result as PNG");
  file("--json", arguments.json, ".json", "Write the report as JSON");
  file("--csv", arguments.csv, ".csv", "Write a line for each of several inputs as CSV");
  command
      .add_option("--dump", arguments.dump,
                  "Folder for every layer's result and every output as .npy, and manifest.json; "
                  "replaces an earlier dump")
      ->group(kReportGroup);
  command
      .add_option("--expect", arguments.expect,
                  "Values that the outputs should have, .npy or raw, a file for each output in "
                  "order; exit 3 if they differ")
      ->option_text("FILE ...")
      ->allow_extra_args(false)
      ->group(kReportGroup);
  command
      .add_option("--tolerance", arguments.tolerance, "Largest difference that --expect lets pass")
      ->check(real_number(0, 1e30))
      ->capture_default_str()
      ->group(kReportGroup);
  file("--report", arguments.report, ".html",
       "Write one HTML page that needs nothing else: what was found, cycles by layer and by what "
       "they are spent on, feature maps");
  add_energy_options(command, arguments.energy)->group(kReportGroup);
  file("--roofline", arguments.roofline, ".svg", "Write a roofline plot as SVG");
  file("--layer-plot", arguments.layer_plot, ".svg",
       "Write every layer's cycles beside the chip's as SVG");
}

void add_wave_options(CLI::App& command, RunArguments& arguments) {
  RunRequest& request = arguments.request;
  CLI::Option* wave = command
                          .add_option("--wave", request.wave.path,
                                      "Record one layer's waves as FST, with a GTKWave file")
                          ->check(written_file(".fst"))
                          ->group(kWaveGroup);
  const auto number = [&](const char* name, auto& value, std::uint64_t low, const char* text) {
    command.add_option(name, value, text)->check(whole_number(low))->needs(wave)->group(kWaveGroup);
  };
  number("--wave-layer", request.wave.layer, 0, "KPU layer to record, from 0 (default 0)");
  number("--wave-from", request.wave.from, 0, "First cycle to record, from the layer's start on");
  number("--wave-cycles", request.wave.cycles, 1, "How many cycles to record (default: all)");
}

}  // namespace

void add_run_options(CLI::App& command, RunArguments& arguments) {
  add_model_options(command, arguments.model);
  add_input_options(command, arguments.input, InputCount::kSeveral,
                    "Picture (PNG, JPEG, BMP, PPM) .npy or raw planar values; several, "
                    "a folder of them, or @LIST, a text file with a path a line");
  add_meaning_options(command, arguments);
  add_report_options(command, arguments);
  add_engine_options(command, arguments);
  add_wave_options(command, arguments);
  add_memory_options(command, arguments.request.memory);
}

void check_run_arguments(const RunArguments& arguments) {
  const RunRequest& request = arguments.request;
  if (request.engine == EngineChoice::kSerial && request.serial.port.empty()) {
    throw Error("--engine serial: expected --port DEVICE");
  }
  if (!request.wave.path.empty() && request.engine == EngineChoice::kSerial) {
    throw Error(fmt::format("--wave {}: a board has no waves, expected --engine rtl or both",
                            request.wave.path));
  }
  if (!request.wave.path.empty() && request.engine == EngineChoice::kGolden) {
    throw Error(
        fmt::format("--wave {}: the golden model has no waves, expected --engine rtl or both",
                    request.wave.path));
  }
  if (arguments.shard.empty() != arguments.shard_file.empty()) {
    throw Error("--shard K/N and --shard-file FILE.json: expected both or none");
  }
  if (!arguments.shard.empty()) shard_request(arguments);
  if (!arguments.shard.empty() && !request.merge.empty()) {
    throw Error("--shard and --merge: expected one of them");
  }
  if (request.jobs) {
    const bool on_rtl =
        request.engine == EngineChoice::kRtl || request.engine == EngineChoice::kBoth;
    if (!on_rtl) {
      throw Error(
          "--jobs, --shard, --merge: expected --engine rtl or both, whose layers it simulates");
    }
    if (!request.wave.path.empty()) {
      throw Error(
          fmt::format("--jobs, --shard, --merge: expected none with --wave {}", request.wave.path));
    }
    if (!request.use_dma) {
      throw Error("--jobs, --shard, --merge: expected none with --no-dma: they move no images");
    }
  }
  if (!arguments.csv.empty() && arguments.input.files.empty()) {
    throw Error(fmt::format("--csv {}: expected INPUT, of a network with one", arguments.csv));
  }
  if (!arguments.dump.empty()) require_dump_folder(arguments.dump);
  const bool plots = !arguments.roofline.empty() || !arguments.layer_plot.empty();
  if (plots && request.engine == EngineChoice::kGolden) {
    throw Error("--roofline and --layer-plot show cycles: expected --engine rtl or both");
  }
  if (arguments.energy.wanted && request.engine != EngineChoice::kRtl && request.engine != EngineChoice::kBoth) {
    throw Error("--energy: needs the simulation's counters: expected --engine rtl or both");
  }
  std::vector<NamedPath> read{{"MODEL", arguments.model.path}, {"--labels", arguments.labels}, {"--energy-table", arguments.energy.file}};
  for (const std::string& path : arguments.expect) read.push_back({"--expect", path});
  for (const std::string& path : request.merge) read.push_back({"--merge", path});
  for (NamedPath& path : paths_of(arguments.input)) read.push_back(std::move(path));
  std::vector<NamedPath> written{
      {"--annotate", arguments.annotate}, {"--json", arguments.json},
      {"--csv", arguments.csv},           {"--report", arguments.report},
      {"--roofline", arguments.roofline}, {"--layer-plot", arguments.layer_plot},
      {"--dump", arguments.dump},         {"--shard-file", arguments.shard_file},
      {"--wave", request.wave.path}};
  if (!request.wave.path.empty()) written.push_back({"--wave", wave_view_path(request.wave.path)});
  require_separate(read, written);
}

ShardRequest shard_request(const RunArguments& arguments) {
  std::size_t share = 0;
  std::size_t shares = 0;
  char slash = 0;
  std::istringstream text(arguments.shard);
  if (!(text >> share >> slash >> shares) || slash != '/' || !text.eof() || share < 1 ||
      share > shares || shares > 10'000) {
    throw Error(
        fmt::format("--shard {}: expected K/N with K in 1..N and N up to 10000", arguments.shard));
  }
  return {share - 1, shares, arguments.shard_file};
}

PostOptions post_options(const RunArguments& arguments) {
  PostOptions post;
  post.kind = arguments.post;
  if (!arguments.anchors.empty()) post.anchors = parse_anchors(arguments.anchors);
  if (!arguments.labels.empty()) post.labels = read_labels(arguments.labels);
  post.threshold = arguments.threshold;
  post.nms = arguments.nms;
  return post;
}

}  // namespace kpu::sim
