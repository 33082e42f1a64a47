// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/engine_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <numeric>
#include <utility>

#include "common/error.h"
#include "common/fnv1a.h"
#include "golden/fast/fast_backend.h"
#include "golden/kmodel/kpu_file.h"
#include "golden/kmodel/network.h"
#include "golden/kmodel/output_source.h"
#include "golden/kpu/golden_backend.h"
#include "golden/kpu/profile.h"
#include "golden/quantised/layer_rule.h"
#include "sim/engine/captured_job.h"
#include "sim/engine/compare.h"
#include "sim/engine/layers_apart.h"
#include "sim/engine/rtl_backend.h"
#include "sim/engine/shard_file.h"
#include "sim/model/cost_model.h"
#include "sim/model/refusal.h"
#include "sim/model/schedule.h"
#include "sim/model/cpu_cost.h"
#include "sim/text/progress.h"

namespace kpu::sim {
namespace {

using Inputs = std::vector<std::vector<std::uint8_t>>;

/// Follows a run layer by layer and shows how far it is.
class RunProgress {
 public:
  /// Work a layer means for an engine, in a unit that grows evenly with its time.
  using LayerWork = std::uint64_t (*)(const golden::KpuLayerInfo& layer, bool eight_bit);

  RunProgress(const std::string& engine, const golden::Model& model, const RunRequest& request,
              LayerWork work)
      : visible_(request.show_progress),
        work_(works(model, request.max_layers, work)),
        bar_(engine, std::accumulate(work_.begin(), work_.end(), std::uint64_t{0})) {}

  void on_layer(std::size_t index) {
    if (index < work_.size()) done_ += work_[index];
    layer_ = index + 1;
    show();
  }

  void on_cycles(std::uint64_t cycles) {
    cycles_ = cycles;
    show();
  }

 private:
  static std::vector<std::uint64_t> works(const golden::Model& model, std::size_t max_layers,
                                          LayerWork work) {
    std::vector<std::uint64_t> list;
    for (const golden::LayerInfo& layer : model.info().layers) {
      if (layer.kpu && list.size() < max_layers) {
        list.push_back(work(*layer.kpu, model.info().eight_bit));
      }
    }
    return list;
  }

  void show() {
    if (!visible_) return;
    bar_.update(std::max(done_, cycles_), fmt::format("layer {}", layer_), cycles_);
  }

  bool visible_;
  std::vector<std::uint64_t> work_;
  Progress bar_;
  std::uint64_t done_ = 0;
  std::uint64_t cycles_ = 0;
  std::size_t layer_ = 0;
};

std::uint64_t golden_work(const golden::KpuLayerInfo& layer, bool) {
  return layer.args.macs() * layer.batches;
}

std::uint64_t rtl_work(const golden::KpuLayerInfo& layer, bool eight_bit) {
  return array_bound(layer.args, eight_bit, built_configuration()) * layer.batches;
}

LayerReport report_layer(golden::KpuLayerResult&& layer, bool eight_bit, double clock_hz,
                         const Configuration& rtl) {
  LayerReport report;
  report.args = layer.args;
  report.batches = layer.batches;
  report.macs = layer.args.macs() * layer.batches;
  report.bytes = parameter_bytes(layer.args, eight_bit) * layer.batches;
  report.k210_cycles = k210_cycles(layer.args, eight_bit, clock_hz) * layer.batches;
  report.lane_bound = array_bound(layer.args, eight_bit, rtl) * layer.batches;
  report.fnv1a64 = fnv1a64(layer.output);
  report.counters = std::move(layer.counters);
  report.overflow = layer.range;
  report.output = std::move(layer.output);
  return report;
}

CpuLayerReport report_cpu_layer(const golden::ModelInfo& info,
                                const golden::CpuLayerResult& result) {
  // A listing ends where a program depends on its data; the run goes on.
  const bool listed = result.model_layer < info.layers.size();
  const golden::LayerInfo layer = listed ? info.layers[result.model_layer] : golden::LayerInfo{};
  return {.index = result.model_layer,
          .output = result.output,
          .type = listed ? layer.type : "not listed",
          .info = {.type = result.type,
                   .dims = result.dims.empty() ? golden::dims_of(layer.out) : result.dims,
                   .bytes = result.bytes.size()},
          .bytes = {result.bytes.begin(), result.bytes.end()}};
}

/// Marks what matches and finds the first difference.
void compare(RunReport& report, const golden::RunResult& golden) {
  for (std::size_t i = 0; i < report.layers.size(); ++i) {
    LayerReport& layer = report.layers[i];
    const golden::KpuLayerResult& expected = golden.kpu_layers.at(i);
    layer.match = layer.output == expected.output;
    layer.overflow = expected.range;
    if (!report.difference) {
      report.difference = find_difference(i, layer.args, expected.output, layer.output);
    }
  }
  bool outputs_match = true;
  for (std::size_t i = 0; i < report.outputs.size(); ++i) {
    report.outputs[i].match = report.outputs[i].bytes == golden.outputs.at(i);
    outputs_match = outputs_match && *report.outputs[i].match;
  }
  report.verdict = outputs_match && !report.difference ? Verdict::kMatch : Verdict::kMismatch;
}

/// The layers and outputs of a run, as the report shows them.
void fill(RunReport& report, const golden::Model& model, golden::RunResult&& run) {
  for (golden::KpuLayerResult& layer : run.kpu_layers) {
    report.layers.push_back(
        report_layer(std::move(layer), model.info().eight_bit, report.clock_hz,
                     report.configuration.value_or(built_configuration())));
  }
  for (std::size_t i = 0; i < run.outputs.size(); ++i) {
    OutputReport output;
    output.info = model.info().outputs.at(i);
    output.bytes = std::move(run.outputs[i]);
    output.fnv1a64 = fnv1a64(output.bytes);
    output.quantization = golden::output_quantization(model.info(), i);
    report.outputs.push_back(std::move(output));
  }
}

}  // namespace

/// The engines of a runner, and what it runs on them.
class NetworkRunner::Engines {
 public:
  Engines(const golden::Model& model, const RunRequest& request)
      : model_(model), request_(request), profile_(golden::profile_by_name(request.profile)) {
    if (request.golden == GoldenPath::kReference && request.threads != 1) {
      throw Error(
          fmt::format("threads={}: expected 1 with the golden model's reference", request.threads));
    }
    if (request.rule) golden::quantised::RuleBackend(profile_.kpu, *request.rule);
    if (request.engine == EngineChoice::kGolden) return;
    // The RTL counts weight loads as the chip does.
    profile_.kpu.load_time = golden::LoadTime::kCounts;
    if (profile_.kpu != golden::ArithOptions{}) {
      throw Error(fmt::format("profile {}: the RTL does not round so; expected --engine golden",
                              request.profile));
    }
  }

  RunReport run(const Inputs& inputs) {
    RunReport report;
    report.clock_hz = request_.clock_hz;
    report.settings = settings();
    report.cpu = k210_cpu_cost(model_.info());
    // What a machine has no memory for is refused before anything runs.
    std::unique_ptr<RtlKpu> hardware;
    const bool on_board = request_.engine == EngineChoice::kSerial;
    if (on_board) hardware = make_serial_backend(request_.serial, model_.info());
    if (request_.engine != EngineChoice::kGolden) {
      require_runnable(model_.info(), request_.max_layers, hardware ? hardware->configuration() : built_configuration());
    }
    golden::RunResult golden_result;
    std::vector<CapturedJob> jobs;
    if (request_.engine != EngineChoice::kRtl || request_.jobs) {
      RunProgress progress("golden", model_, request_, golden_work);
      RecordingBackend recording(golden_backend());
      golden::KpuBackend& backend = request_.jobs ? recording : golden_backend();
      double& seconds = report.wall_seconds["golden"];
      golden_result = run_on(backend, inputs, progress, report, seconds);
      jobs = recording.take();
    }
    if (request_.rule) report.rule = compare_with_rule(inputs, *request_.rule);
    if (request_.engine == EngineChoice::kGolden) {
      fill(report, model_, std::move(golden_result));
      return report;
    }

    const std::string name = on_board ? "board" : "rtl";
    RunProgress progress(name, model_, request_, rtl_work);
    double simulated = 0;
    if (request_.jobs) {
      hardware = run_apart(jobs, progress, simulated);
    } else if (!on_board) {
      hardware = make_rtl(progress);
    }
    report.hardware = on_board ? "board" : "RTL";
    report.configuration = hardware->configuration();
    // The hardware's run takes the place of the golden model's.
    report.cpu_layers.clear();
    double& seconds = report.wall_seconds[name];
    fill(report, model_, run_on(*hardware, inputs, progress, report, seconds));
    seconds += simulated;
    if (!request_.merge.empty()) report.wall_seconds.erase(name);  // nothing was simulated
    report.traffic = hardware->traffic();
    if (request_.engine != EngineChoice::kRtl) compare(report, golden_result);
    if (report.difference) {
      const Difference& d = *report.difference;
      if (request_.jobs) hardware = make_rtl(progress);
      report.difference->stage =
          first_wrong_stage(capture_job(model_, inputs, d.layer, d.batch, profile_), *hardware, d,
                            hardware->ram_lines());
    }
    return report;
  }

  ShardSummary run_shard(const Inputs& inputs, const ShardRequest& request) {
    require_runnable(model_.info(), request_.max_layers, built_configuration());
    RunReport report;
    RecordingBackend recording(golden_backend());
    RunProgress golden_progress("golden", model_, request_, golden_work);
    double seconds = 0;
    run_on(recording, inputs, golden_progress, report, seconds);
    const std::vector<CapturedJob> jobs = recording.take();
    const std::vector<JobUnit> units = units_of(jobs);
    const std::vector<std::size_t> wanted = share_of(units, request.share, request.shares);
    RunProgress progress("rtl", model_, request_, rtl_work);
    std::vector<UnitResult> results = simulate(jobs, units, wanted, progress, seconds);
    Shard shard{run_identity(jobs, request_.memory), request.share, request.shares, {}};
    ShardSummary summary{0, jobs.size(), 0};
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      for (std::size_t j = 0; j < results[i].jobs.size(); ++j, ++summary.layers) {
        const CapturedJob& expected = jobs[units[wanted[i]].first + j];
        summary.differing += results[i].jobs[j].output != expected.output;
      }
      shard.units[wanted[i]] = std::move(results[i]);
    }
    save_shard(request.path, shard, jobs, units);
    return summary;
  }

 private:
  RunSettings settings() const {
    RunSettings settings;
    settings.format = golden::to_string(model_.info().format);
    settings.variant = model_.info().variant;
    settings.profile = request_.profile;
    settings.rules = golden::describe(profile_);
    settings.memory = request_.memory;
    settings.use_dma = request_.use_dma;
    settings.apart = request_.jobs.has_value();
    if (request_.engine != EngineChoice::kRtl) {
      settings.golden = request_.golden == GoldenPath::kFast ? "fast" : "reference";
      settings.threads = request_.threads;
    }
    return settings;
  }

  /// Kept from run to run, with what the fast path has prepared for each layer.
  golden::KpuBackend& golden_backend() {
    if (!golden_ && request_.golden == GoldenPath::kFast) {
      golden_ = std::make_unique<golden::fast::FastBackend>(profile_.kpu, request_.threads);
    } else if (!golden_) {
      golden_ = std::make_unique<golden::GoldenBackend>(profile_.kpu);
    }
    return *golden_;
  }

  /// Made anew for each run, so that every run starts at reset.
  std::unique_ptr<RtlKpu> make_rtl(RunProgress& progress) const {
    RtlOptions options = rtl_options();
    options.wave = request_.wave;
    options.on_cycles = [&](std::uint64_t cycles) { progress.on_cycles(cycles); };
    return make_rtl_backend(options);
  }

  RtlOptions rtl_options() const {
    RtlOptions options;
    options.memory = request_.memory;
    options.use_dma = request_.use_dma;
    return options;
  }

  /// Units on RTL side by side, with the time that it took.
  std::vector<UnitResult> simulate(const std::vector<CapturedJob>& jobs,
                                   const std::vector<JobUnit>& units,
                                   const std::vector<std::size_t>& wanted, RunProgress& progress,
                                   double& seconds) const {
    std::uint64_t done = 0;
    const auto start = std::chrono::steady_clock::now();
    std::vector<UnitResult> results =
        simulate_units(jobs, units, wanted, rtl_options(), request_.jobs.value_or(1),
                       [&](std::size_t unit) { progress.on_cycles(done += units[unit].work); });
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return results;
  }

  /// All jobs, simulated side by side or read from files, to be run again as if one RTL had.
  std::unique_ptr<RtlKpu> run_apart(const std::vector<CapturedJob>& jobs, RunProgress& progress,
                                    double& seconds) const {
    const std::vector<JobUnit> units = units_of(jobs);
    std::vector<UnitResult> results =
        request_.merge.empty()
            ? simulate(jobs, units, share_of(units, 0, 1), progress, seconds)
            : merge_shards(request_.merge, run_identity(jobs, request_.memory), jobs, units);
    return make_replay_backend(jobs, std::move(results));
  }

  golden::RunResult run_on(golden::KpuBackend& backend, const Inputs& inputs, RunProgress& progress,
                           RunReport& report, double& seconds) {
    golden::RunOptions options;
    options.profile = profile_;
    options.max_kpu_layers = request_.max_layers;
    options.observer = [&](const golden::KpuLayerResult& result) {
      progress.on_layer(result.index);
    };
    if (request_.keep_cpu_layers) {
      options.cpu_observer = [&](const golden::CpuLayerResult& result) {
        report.cpu_layers.push_back(report_cpu_layer(model_.info(), result));
      };
    }
    const auto start = std::chrono::steady_clock::now();
    golden::RunResult result = golden::run_network(model_, inputs, backend, options);
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
  }

  /// Every KPU layer by `rule`, on the input that the golden model gives it.
  RuleReport compare_with_rule(const Inputs& inputs, golden::quantised::Rule rule) const {
    golden::quantised::RuleBackend backend(profile_.kpu, rule);
    RunProgress progress(to_string(rule), model_, request_, golden_work);
    golden::RunOptions options;
    options.profile = profile_;
    options.max_kpu_layers = request_.max_layers;
    options.observer = [&](const golden::KpuLayerResult& result) {
      progress.on_layer(result.index);
    };
    const golden::RunResult run = golden::run_network(model_, inputs, backend, options);
    RuleReport report{rule, {}};
    auto job = backend.jobs().begin();
    for (const golden::KpuLayerResult& layer : run.kpu_layers) {
      golden::quantised::LayerByRule& sum = report.layers.emplace_back();
      for (std::uint32_t batch = 0; batch < layer.batches; ++batch) sum.add(*job++);
    }
    return report;
  }

  const golden::Model& model_;
  RunRequest request_;
  golden::Profile profile_;
  std::unique_ptr<golden::GoldenBackend> golden_;
};

NetworkRunner::NetworkRunner(const golden::Model& model, const RunRequest& request)
    : engines_(std::make_unique<Engines>(model, request)) {}

NetworkRunner::~NetworkRunner() = default;

RunReport NetworkRunner::run(const Inputs& inputs) { return engines_->run(inputs); }

ShardSummary NetworkRunner::run_shard(const Inputs& inputs, const ShardRequest& shard) {
  return engines_->run_shard(inputs, shard);
}

RunReport run_engines(const golden::Model& model, const Inputs& inputs, const RunRequest& request) {
  return NetworkRunner(model, request).run(inputs);
}

}  // namespace kpu::sim
