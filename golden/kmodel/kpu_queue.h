// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/main_memory.h"
#include "golden/kmodel/network.h"
#include "golden/kpu/ai_ram.h"
#include "golden/kpu/kpu_backend.h"

namespace kpu::golden {

/// Stands between an interpreter and a backend: collects KPU layers that follow each other, so
/// that hardware can queue them, and hands them over when somebody needs a result.
class KpuQueue {
 public:
  /// Called with a layer's planar output, all batches back to back.
  using Done = std::function<void(std::span<const std::uint8_t> output)>;

  KpuQueue(KpuBackend& backend, const RunOptions& options);

  /// Adds a layer; `model_layer` is its index in ModelInfo::layers. `done` (may be empty) is
  /// called in a later flush(). `layer` must outlive that flush.
  void push(const KpuLayerInfo& layer, std::size_t model_layer, Done done = {});

  /// Runs what was pushed.
  void flush();

  /// Whether RunOptions::max_kpu_layers have been pushed: instead of pushing another layer, the
  /// interpreter returns without outputs (after a last flush, while its `done` are still valid).
  bool full() const { return pushed_ >= options_.max_kpu_layers; }

  /// Accesses to AI RAM and to the mode register; each flushes first.
  void upload(const ImageLayout& layout, std::span<const std::uint8_t> planar);
  std::vector<std::uint8_t> download(const ImageLayout& layout);
  void write_ram(std::size_t address, std::span<const std::uint8_t> bytes);
  void read_ram(std::size_t address, std::span<std::uint8_t> bytes);
  void set_eight_bit_mode(bool eight_bit);

  /// For MainMemory::watch() while CPU layer `model_layer` runs; empty if nobody wants to know.
  MainMemory::OnStore watch_of(std::size_t model_layer) const;

  /// RunOptions::cpu_observer.
  const std::function<void(const CpuLayerResult&)>& cpu_observer() const {
    return options_.cpu_observer;
  }

  /// The layers that have run so far; leaves none.
  std::vector<KpuLayerResult> take_results() { return std::move(results_); }

 private:
  struct Pending {
    const KpuLayerInfo* layer;
    std::size_t model_layer;
    Done done;
  };

  void collect(Pending& pending, std::size_t batch, KpuJobResult& result);

  KpuBackend& backend_;
  const RunOptions& options_;
  std::vector<Pending> pending_;
  std::vector<KpuJob> jobs_;
  std::vector<KpuLayerResult> results_;
  std::size_t pushed_ = 0;
};

/// Lines of AI RAM from one image of a batch to the next.
std::uint32_t batch_lines(const ImageLayout& layout);

/// The layer words for image `batch` of a layer over several.
LayerWords batch_words(const KpuLayerInfo& layer, std::uint32_t batch);

}  // namespace kpu::golden
