// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "golden/fast/buffer.h"
#include "golden/fast/layer_plan.h"
#include "golden/fast/thread_pool.h"
#include "golden/kpu/arith.h"
#include "golden/kpu/golden_backend.h"

namespace kpu::golden::fast {

/// The golden model, fast: the same bits and reports as GoldenBackend. Layers that the vectorised
/// path cannot prove exact for run on the reference. Plans are kept from frame to frame.
class FastBackend : public GoldenBackend {
 public:
  /// `threads` is 1 or more. Throws Error otherwise.
  explicit FastBackend(const ArithOptions& options = {}, std::size_t threads = 1);

  /// Layers that ran on the reference so far.
  std::size_t reference_layers() const { return reference_layers_; }

 protected:
  KpuLayerOutput run_layer(const LayerArgs& args, const LayerTables& tables) override;

 private:
  /// A plan, or that there is none, and what it was made from.
  struct Entry {
    std::vector<std::uint8_t> weights, batch_norm, act;
    bool eight_bit;
    std::optional<LayerPlan> plan;
  };

  const LayerPlan* find_plan(const LayerArgs& args, const LayerTables& tables);
  void run_convolution(const LayerPlan& plan, const ImageLayout& layout,
                       std::span<std::uint8_t> planar);
  void pack_input(const LayerPlan& plan, const ImageLayout& layout);
  void run_depthwise(const LayerPlan& plan, const ImageLayout& layout,
                     std::span<std::uint8_t> planar);
  ActTask activation(const LayerPlan& plan);

  std::multimap<LayerWords, Entry> plans_;
  ThreadPool pool_threads_;
  std::size_t reference_layers_ = 0;
  std::atomic<bool> too_wide_ = false;  ///< a norm of the layer that runs does not fit 36 bits

  // Buffers, kept so that a frame allocates little.
  Buffer<std::uint32_t> packed_;  ///< the input, [group][plane]
  Buffer<std::uint8_t>
      act_;  ///< [output channel][position], where rows have a border or are pooled later
};

}  // namespace kpu::golden::fast
