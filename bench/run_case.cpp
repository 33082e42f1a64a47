// SPDX-License-Identifier: Apache-2.0
#include "bench/run_case.h"

#include <numeric>

#include "bench/thread_clock.h"
#include "golden/kmodel/kmodel.h"
#include "golden/kpu/kpu_backend.h"
#include "sim/engine/engine_run.h"
#include "sim/engine/rtl_backend.h"
#include "sim/model/configuration.h"
#include "sim/model/cost_model.h"

namespace kpu::bench {
namespace {

/// Runs one layer by itself; its output stays in AI RAM.
void run_layer(const golden::KpuLayerInfo& layer, bool eight_bit, const std::vector<std::uint8_t>& input,
               CaseResult& result) {
  const auto rtl = sim::make_rtl_backend({});
  rtl->set_eight_bit_mode(eight_bit);
  golden::upload_image(*rtl, layer.args.input_layout(), input);
  golden::KpuJob job;
  job.words = layer.words;
  job.tables = layer.tables;
  const auto start = ThreadClock::now();
  result.cycles.push_back(rtl->run_layers({&job, 1}, {}).front().counters.at("cycles"));
  result.seconds = ThreadClock::since(start) / 1e3;
}

}  // namespace

std::uint64_t CaseResult::total() const {
  return std::accumulate(cycles.begin(), cycles.end(), std::uint64_t{0});
}

CaseResult run_case(const BenchCase& bench_case) {
  const auto model = golden::load_model(bench_case.model());
  const golden::ModelInfo& info = model->info();
  CaseResult result;
  for (const golden::LayerInfo& layer : info.layers) {
    if (!layer.kpu) continue;
    const golden::LayerArgs& args = layer.kpu->args;
    result.macs += static_cast<double>(args.macs());
    result.lane_bound += sim::lane_bound(args, info.eight_bit, sim::built_configuration().lanes);
    result.k210_cycles += sim::k210_cycles(args, info.eight_bit, 400e6);
    if (bench_case.layer_only) run_layer(*layer.kpu, info.eight_bit, bench_case.input(), result);
  }
  if (!bench_case.layer_only) {
    sim::RunRequest request;
    request.engine = sim::EngineChoice::kRtl;
    const std::vector<std::uint8_t> input = bench_case.input();
    const auto start = ThreadClock::now();
    const sim::RunReport report = sim::run_engines(*model, {input}, request);
    result.seconds = ThreadClock::since(start) / 1e3;
    for (const sim::LayerReport& layer : report.layers) {
      result.cycles.push_back(layer.cycles().value_or(0));
    }
  }
  return result;
}

}  // namespace kpu::bench
