// SPDX-License-Identifier: Apache-2.0
#include "sim/fuzz/fuzz.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "golden/kpu/golden_backend.h"
#include "sim/engine/counters.h"
#include "sim/engine/traffic_check.h"
#include "sim/model/configuration.h"

namespace kpu::sim {
namespace {

constexpr std::uint32_t kRamLines = 2048;  ///< of AI RAM that a group uses
constexpr std::size_t kMaxBatch = 6;

/// Memory from ideal to slow and stuttering.
tb::MemoryTiming random_timing(RandomEngine& random) {
  tb::MemoryTiming timing;
  timing.seed = random();
  if (random() % 2 == 0) return timing;
  timing.read_latency = 1 + static_cast<std::uint32_t>(random() % 60);
  timing.bandwidth_percent = 25 + static_cast<std::uint32_t>(random() % 76);
  timing.max_outstanding = 1 + static_cast<std::uint32_t>(random() % 8);
  timing.stall_percent = static_cast<std::uint32_t>(random() % 50);
  return timing;
}

golden::KpuJob make_job(const RandomLayer& layer, std::size_t index) {
  golden::KpuJob job;
  job.layer = index;
  job.words = golden::encode(layer.args);
  job.tables = {layer.weights, layer.batch_norm, layer.act};
  job.to_main_memory = layer.stream_out;
  return job;
}

/// How two results of a layer differ; the golden model's comes first.
std::optional<std::string> compare_results(std::size_t index, const golden::LayerArgs& args,
                                           const golden::KpuJobResult& expected,
                                           const golden::KpuJobResult& got) {
  const bool conv_fits = expected.range.conv_count == 0;
  if (conv_fits != (got.range.conv_count == 0)) {
    return fmt::format("conv that does not fit 36 bits: expected {}, got {}", !conv_fits,
                       conv_fits);
  }
  // Once conv has been cut, batch norm goes its own way.
  if (!conv_fits) return std::nullopt;
  const bool norm_fits = expected.range.norm_count == 0;
  if (norm_fits != (got.range.norm_count == 0)) {
    return fmt::format("norm that does not fit 36 bits: expected {}, got {}", !norm_fits,
                       norm_fits);
  }
  if (!norm_fits) return std::nullopt;
  if (const auto d = find_difference(index, args, expected.output, got.output)) {
    return fmt::format("channel {}, row {}, column {}: expected {}, got {} ({} values differ)",
                       d->channel, d->row, d->column, d->expected, d->got, d->count);
  }
  return std::nullopt;
}

/// The overflow status is sticky and may be read when the next layer has begun; only the last layer
/// of a batch may overflow, so what any of them reported is its.
void attribute_overflows(std::vector<golden::KpuJobResult>& results) {
  golden::RangeReport& last = results.back().range;
  for (golden::KpuJobResult& result : results) {
    if (&result.range == &last) continue;
    last.conv_count += result.range.conv_count;
    last.norm_count += result.range.norm_count;
    result.range = {};
  }
}

bool outputs_overlap(const RandomLayer& a, const RandomLayer& b) {
  return a.args.dst_line < b.args.output_layout().end_line() &&
         b.args.dst_line < a.args.output_layout().end_line();
}

/// Whether the layer's input has lines that one of the layers before it in the batch writes.
bool reads_batch(std::span<const RandomLayer> before, const RandomLayer& layer) {
  return std::any_of(before.begin(), before.end(), [&](const RandomLayer& other) {
    return layer.args.src_line < other.args.output_layout().end_line() &&
           other.args.dst_line < layer.args.input_layout().end_line();
  });
}

CapturedJob capture(golden::KpuBackend& before, const RandomLayer& layer) {
  CapturedJob job;
  golden::LayerArgs args = layer.args;
  args.load_para = args.load_coor = true;  // by itself it has nothing to keep
  job.words = golden::encode(args);
  job.eight_bit = layer.eight_bit;
  job.input = golden::download_image(before, layer.args.input_layout());
  job.weights = layer.weights;
  job.batch_norm = layer.batch_norm;
  job.act = layer.act;
  job.to_main_memory = layer.stream_out;
  return job;
}

/// The first of the layer's counts that do not add up.
std::optional<std::string> moved_otherwise(const golden::LayerArgs& args, const golden::KpuJob& job,
                                           const golden::KpuJobResult& got, bool eight_bit) {
  std::string difference = traffic_difference(got.counters, args, eight_bit, job.to_main_memory, 1, built_configuration());
  return difference.empty() ? std::nullopt : std::optional(std::move(difference));
}

/// One machine, one golden model, and the layers they have run.
class Group {
 public:
  Group(std::uint64_t seed, std::size_t layers, const RtlOptions& options,
        const MakeMachine& machine, RandomEngine& random)
      : seed_(seed),
        layers_(layers),
        memory_(options.memory),
        random_(random),
        rtl_(machine(options)) {
    limits_.ram_lines = kRamLines;
    limits_.weight_rows = built_configuration().weight_rows;
    if (built_configuration().pack_rows == 1) limits_.pack_lanes = built_configuration().lanes;
    limits_.point_channels = built_configuration().point_channels;
    limits_.eight_bit = random_() % 4 != 0 || built_configuration().weights16 == 0;
    limits_.pool = built_configuration().pool != 0;
    limits_.stream = built_configuration().stream_out != 0;
    golden_.set_eight_bit_mode(limits_.eight_bit);
    rtl_->set_eight_bit_mode(limits_.eight_bit);
    std::vector<std::uint8_t> content(kRamLines * kLineBytes);
    for (auto& byte : content) byte = static_cast<std::uint8_t>(random_());
    golden_.write_ram(0, content);
    rtl_->write_ram(0, content);
  }

  /// Runs the next layers that are queued together.
  std::optional<FuzzFailure> run_batch(FuzzStats& stats) {
    const golden::GoldenBackend before = golden_;
    std::vector<RandomLayer> layers;
    std::vector<golden::KpuJobResult> expected;
    // A value that does not fit leaves unknown bytes behind, so such a layer is the last of its
    // batch. So is one that would overwrite an output of the batch: two short layers can end before
    // the first is looked at.
    const std::size_t size = std::min(layers_ - done_, 1 + random_() % kMaxBatch);
    while (layers.size() < size && (expected.empty() || expected.back().range.ok())) {
      RandomLayer layer = draw_layer(layers);
      if (std::any_of(layers.begin(), layers.end(),
                      [&](const RandomLayer& other) { return outputs_overlap(layer, other); })) {
        break;
      }
      layers.push_back(std::move(layer));
      const golden::KpuJob job = make_job(layers.back(), done_ + expected.size());
      expected.push_back(std::move(golden_.run_layers({&job, 1}, {}).front()));
    }
    std::vector<golden::KpuJob> jobs;
    for (const RandomLayer& layer : layers) jobs.push_back(make_job(layer, done_ + jobs.size()));

    std::size_t finished = 0;
    std::optional<std::string> what;
    try {
      auto got = rtl_->run_layers(
          jobs, [&](std::size_t i, const golden::KpuJobResult&) { finished = i + 1; });
      attribute_overflows(got);
      for (std::size_t i = 0; i < jobs.size() && !what; ++i) {
        finished = i;
        what = compare_results(i, layers[i].args, expected[i], got[i]);
        if (!what) what = moved_otherwise(layers[i].args, jobs[i], got[i], limits_.eight_bit);
        count(layers[i], expected[i], got[i], stats);
        stats.coverage.sample({layers[i], expected[i].range, memory_, layers.size(), i,
                               reads_batch({layers.data(), i}, layers[i])});
      }
    } catch (const Error& error) {
      what = error.what();
    }
    if (what) return failure(before, layers, std::min(finished, layers.size() - 1), *what);

    if (!expected.back().range.ok()) {
      copy_lines(layers.back().args.dst_line, layers.back().args.output_layout().end_line());
    }
    done_ += layers.size();
    return std::nullopt;
  }

  bool done() const { return done_ == layers_; }

 private:
  /// A new layer, or the last of the batch once more with tables kept from it.
  RandomLayer draw_layer(const std::vector<RandomLayer>& batch) {
    if (!batch.empty() && random_() % 8 == 0) {
      if (auto again = with_kept_tables(random_, batch.back(), limits_)) return *again;
    }
    return random_layer(random_, limits_);
  }

  /// Makes lines first..end-1 of the RTL's AI RAM those of the golden model.
  void copy_lines(std::size_t first, std::size_t end) {
    std::vector<std::uint8_t> lines((end - first) * kLineBytes);
    golden_.read_ram(first * kLineBytes, lines);
    rtl_->write_ram(first * kLineBytes, lines);
  }

  static void count(const RandomLayer& layer, const golden::KpuJobResult& expected,
                    const golden::KpuJobResult& got, FuzzStats& stats) {
    ++stats.layers;
    stats.macs += layer.args.macs();
    stats.cycles += counter_value(got.counters, "cycles");
    if (expected.range.ok()) {
      stats.values += expected.output.size();
    } else {
      ++stats.overflows;
    }
  }

  FuzzFailure failure(golden::GoldenBackend before, const std::vector<RandomLayer>& layers,
                      std::size_t at, const std::string& what) const {
    for (std::size_t i = 0; i < at; ++i) {
      const golden::KpuJob job = make_job(layers[i], i);
      before.run_layers({&job, 1}, {});
    }
    return {seed_, done_ + at, layers_, capture(before, layers[at]), what};
  }

  std::uint64_t seed_;
  std::size_t layers_;
  tb::MemoryTiming memory_;
  RandomEngine& random_;
  RandomLayerLimits limits_;
  golden::GoldenBackend golden_;
  std::unique_ptr<golden::KpuBackend> rtl_;
  std::size_t done_ = 0;
};

}  // namespace

FuzzStats& FuzzStats::operator+=(const FuzzStats& other) {
  layers += other.layers;
  values += other.values;
  overflows += other.overflows;
  cycles += other.cycles;
  macs += other.macs;
  coverage += other.coverage;
  return *this;
}

std::optional<FuzzFailure> fuzz_group(std::uint64_t group, std::size_t layers,
                                      const FuzzObserver& observer, const MakeMachine& machine) {
  RandomEngine random(group);
  RtlOptions options;
  options.memory = random_timing(random);
  options.seed = random();
  Group run(group, layers, options, machine, random);
  while (!run.done()) {
    FuzzStats batch;
    if (auto failure = run.run_batch(batch)) return failure;
    if (!observer(batch)) break;
  }
  return std::nullopt;
}

golden::KpuJobResult run_job(const CapturedJob& job, golden::KpuBackend& backend) {
  golden::KpuJob single;
  single.words = job.words;
  single.tables = {job.weights, job.batch_norm, job.act};
  single.to_main_memory = job.to_main_memory;
  backend.set_eight_bit_mode(job.eight_bit);
  golden::upload_image(backend, golden::decode(job.words).input_layout(), job.input);
  return std::move(backend.run_layers({&single, 1}, {}).front());
}

std::optional<std::string> check_layer(const CapturedJob& job, const MakeMachine& machine) {
  golden::GoldenBackend reference;
  const auto expected = run_job(job, reference);
  try {
    const auto got = run_job(job, *machine({}));
    return compare_results(0, golden::decode(job.words), expected, got);
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace kpu::sim
