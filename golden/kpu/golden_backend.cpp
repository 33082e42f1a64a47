// SPDX-License-Identifier: Apache-2.0
#include "golden/kpu/golden_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "common/error.h"

namespace kpu::golden {
namespace {

void require_in_ram(std::size_t address, std::size_t count) {
  if (address > kAiRamBytes || count > kAiRamBytes - address) {
    throw Error(fmt::format("AI RAM access of {} bytes at {:#x}: expected an end within {:#x}",
                            count, address, kAiRamBytes));
  }
}

}  // namespace

void GoldenBackend::write_ram(std::size_t address, std::span<const std::uint8_t> bytes) {
  require_in_ram(address, bytes.size());
  std::copy(bytes.begin(), bytes.end(), ram_.bytes().begin() + address);
}

void GoldenBackend::read_ram(std::size_t address, std::span<std::uint8_t> bytes) {
  require_in_ram(address, bytes.size());
  std::copy_n(ram_.bytes().begin() + address, bytes.size(), bytes.begin());
}

std::vector<KpuJobResult> GoldenBackend::run_layers(std::span<const KpuJob> jobs,
                                                    const JobObserver& observer) {
  std::vector<KpuJobResult> results;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    results.push_back(run_job(jobs[i]));
    if (observer) {
      observer(i, results.back());
    }
  }
  return results;
}

KpuLayerOutput GoldenBackend::run_layer(const LayerArgs& args, const LayerTables& tables) {
  const std::vector<std::uint8_t> input = unpack_image(ram(), args.input_layout());
  const LayerOptions layer_options{
      .eight_bit = eight_bit_, .arith = options_, .recorder = recorder_};
  return run_kpu_layer(args, input, tables, layer_options);
}

KpuJobResult GoldenBackend::run_job(const KpuJob& job) {
  const LayerArgs args = decode(job.words);
  const std::string where = fmt::format("KPU layer {}", job.layer);
  require_valid(args, eight_bit_, where, options_.load_time);

  LayerTables tables = job.tables;
  if (args.load_para) {
    kept_batch_norm_.assign(tables.batch_norm.begin(), tables.batch_norm.end());
  } else {
    tables.batch_norm = kept_batch_norm_;
  }
  if (args.load_coor) {
    // What stays in the weight buffer is the last load.
    const std::size_t last_load = std::size_t{args.loads - 1} * args.load_bytes;
    const std::size_t start = std::min(last_load, tables.weights.size());
    kept_weights_.assign(tables.weights.begin() + start, tables.weights.end());
  } else {
    if (args.loads != 1) {
      throw Error(fmt::format("{}: load_time={}: expected 1 with load_coor=0", where, args.loads));
    }
    tables.weights = kept_weights_;
  }

  KpuLayerOutput output = run_layer(args, tables);
  pack_image(ram_.bytes(), args.output_layout(), output.planar);
  return {.output = std::move(output.planar),
          .channel_sums = std::move(output.channel_sums),
          .range = output.range,
          .counters = {}};
}

}  // namespace kpu::golden
