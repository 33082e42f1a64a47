// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/captured_job.h"

#include <utility>

#include "golden/kpu/layer_args.h"

namespace kpu::sim {

golden::KpuJob CapturedJob::job() const {
  return {.layer = layer,
          .batch = batch,
          .words = words,
          .tables = {weights, batch_norm, act},
          .to_main_memory = to_main_memory};
}

RecordingBackend::RecordingBackend(golden::KpuBackend& inner, Wanted wanted)
    : inner_(inner), wanted_(std::move(wanted)) {}

void RecordingBackend::write_ram(std::size_t address, std::span<const std::uint8_t> bytes) {
  inner_.write_ram(address, bytes);
}

void RecordingBackend::read_ram(std::size_t address, std::span<std::uint8_t> bytes) {
  inner_.read_ram(address, bytes);
}

void RecordingBackend::set_eight_bit_mode(bool eight_bit) {
  eight_bit_ = eight_bit;
  inner_.set_eight_bit_mode(eight_bit);
}

std::vector<golden::KpuJobResult> RecordingBackend::run_layers(
    std::span<const golden::KpuJob> jobs, const golden::JobObserver& observer) {
  std::vector<golden::KpuJobResult> results;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const bool kept = !wanted_ || wanted_(jobs[i]);
    if (kept) capture(jobs[i]);
    results.push_back(std::move(inner_.run_layers(jobs.subspan(i, 1), {}).front()));
    if (kept) captured_.back().output = results.back().output;
    if (observer) observer(i, results.back());
  }
  return results;
}

void RecordingBackend::capture(const golden::KpuJob& job) {
  const golden::LayerTables& tables = job.tables;
  captured_.push_back(
      {.layer = job.layer,
       .batch = job.batch,
       .words = job.words,
       .eight_bit = eight_bit_,
       .input = golden::download_image(inner_, golden::decode(job.words).input_layout()),
       .weights = {tables.weights.begin(), tables.weights.end()},
       .batch_norm = {tables.batch_norm.begin(), tables.batch_norm.end()},
       .act = {tables.act.begin(), tables.act.end()},
       .to_main_memory = job.to_main_memory,
       .output = {}});
}

}  // namespace kpu::sim
