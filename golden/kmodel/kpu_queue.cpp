// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/kpu_queue.h"

#include <fmt/format.h>

#include <utility>

#include "common/error.h"

namespace kpu::golden {

KpuQueue::KpuQueue(KpuBackend& backend, const RunOptions& options)
    : backend_(backend), options_(options) {}

void KpuQueue::push(const KpuLayerInfo& layer, std::size_t model_layer, Done done) {
  for (std::uint32_t batch = 0; batch < layer.batches; ++batch) {
    jobs_.push_back({.layer = pushed_,
                     .batch = batch,
                     .words = batch_words(layer, batch),
                     .tables = layer.tables,
                     .to_main_memory = layer.to_main_memory});
  }
  pending_.push_back({&layer, model_layer, std::move(done)});
  ++pushed_;
}

void KpuQueue::flush() {
  // Taken out first: a failing backend must not leave jobs behind.
  const std::vector<KpuJob> jobs = std::exchange(jobs_, {});
  std::vector<Pending> pending = std::exchange(pending_, {});
  if (jobs.empty()) {
    return;
  }
  const std::size_t first_layer = jobs.front().layer;
  backend_.run_layers(jobs, [&](std::size_t index, KpuJobResult& result) {
    const KpuJob& job = jobs[index];
    collect(pending[job.layer - first_layer], job.batch, result);
  });
}

void KpuQueue::collect(Pending& pending, std::size_t batch, KpuJobResult& result) {
  if (batch == 0) {
    results_.push_back({.index = results_.size(),
                        .model_layer = pending.model_layer,
                        .args = pending.layer->args,
                        .batches = pending.layer->batches,
                        .output = {},
                        .range = {},
                        .counters = {}});
  }
  KpuLayerResult& layer = results_.back();
  if (batch == 0) {
    layer.output = std::move(result.output);
  } else {
    layer.output.insert(layer.output.end(), result.output.begin(), result.output.end());
  }
  if (layer.range.ok()) {
    layer.range.first = result.range.first;
  }
  layer.range.conv_count += result.range.conv_count;
  layer.range.norm_count += result.range.norm_count;
  if (batch == 0) {
    layer.counters = std::move(result.counters);
  } else {
    std::erase_if(layer.counters, [&](const auto& counter) { return !result.counters.contains(counter.first); });
    for (auto& [name, value] : layer.counters) value += result.counters.at(name);
  }
  if (batch + 1 == layer.batches) {
    if (pending.done) {
      pending.done(layer.output);
    }
    if (options_.observer) {
      options_.observer(layer);
    }
  }
}

void KpuQueue::upload(const ImageLayout& layout, std::span<const std::uint8_t> planar) {
  flush();
  upload_image(backend_, layout, planar);
}

std::vector<std::uint8_t> KpuQueue::download(const ImageLayout& layout) {
  flush();
  return download_image(backend_, layout);
}

void KpuQueue::write_ram(std::size_t address, std::span<const std::uint8_t> bytes) {
  flush();
  backend_.write_ram(address, bytes);
}

void KpuQueue::read_ram(std::size_t address, std::span<std::uint8_t> bytes) {
  flush();
  backend_.read_ram(address, bytes);
}

void KpuQueue::set_eight_bit_mode(bool eight_bit) {
  flush();
  backend_.set_eight_bit_mode(eight_bit);
}

MainMemory::OnStore KpuQueue::watch_of(std::size_t model_layer) const {
  if (!options_.cpu_observer) {
    return {};
  }
  return [this, model_layer](ElementType type, std::span<const std::uint8_t> bytes) {
    options_.cpu_observer({.model_layer = model_layer, .type = type, .bytes = bytes});
  };
}

LayerWords batch_words(const KpuLayerInfo& layer, std::uint32_t batch) {
  LayerArgs args = layer.args;
  args.src_line += batch * batch_lines(args.input_layout());
  args.dst_line += batch * batch_lines(args.output_layout());
  return encode(args);
}

std::uint32_t batch_lines(const ImageLayout& layout) {
  const std::uint32_t groups = (layout.channels + layout.line_channels - 1) / layout.line_channels;
  return groups * layout.group_lines;
}

}  // namespace kpu::golden
