// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "golden/kmodel/kmodel.h"
#include "golden/kpu/kpu_backend.h"
#include "golden/kpu/profile.h"

namespace kpu::golden {

/// What one KPU layer gave; a layer over several batches is one entry.
struct KpuLayerResult {
  std::size_t index = 0;        ///< among the KPU layers that ran
  std::size_t model_layer = 0;  ///< index in ModelInfo::layers
  LayerArgs args;               ///< of the first batch
  std::uint32_t batches = 1;
  std::vector<std::uint8_t> output;               ///< planar, all batches back to back
  RangeReport range;                              ///< over all batches
  std::map<std::string, std::uint64_t> counters;  ///< those that all batches have, summed
};

/// What a layer on the CPU gave.
struct CpuLayerResult {
  std::size_t model_layer = 0;  ///< index in ModelInfo::layers
  ElementType type = ElementType::kFloat32;
  std::span<const std::uint8_t> bytes;  ///< little endian, row-major; valid during the call
  std::size_t output = 0;               ///< of a layer with several
  std::vector<std::uint32_t> dims = {};  ///< empty: as LayerInfo::out says
};

struct RunOptions {
  Profile profile;
  /// Stop after so many KPU layers; the run then has no outputs.
  std::size_t max_kpu_layers = std::numeric_limits<std::size_t>::max();
  /// Called when a KPU layer has finished, in order; may be empty.
  std::function<void(const KpuLayerResult&)> observer;
  /// Called with every tensor that a CPU layer writes to main memory, in order; may be empty. Files
  /// of version 1 have none.
  std::function<void(const CpuLayerResult&)> cpu_observer;
};

struct RunResult {
  std::vector<KpuLayerResult> kpu_layers;
  std::vector<std::vector<std::uint8_t>> outputs;  ///< as ModelInfo::outputs; f32 little endian
};

/// Throws Error, naming them, if functions of the network are not implemented.
void require_complete(const ModelInfo& info);

/// Throws Error, naming the first, if a KPU layer needs more weight loads than load_time can count
/// and the field is not ignored: such files load, so that they can be listed.
void require_countable_loads(const ModelInfo& info, LoadTime load_time);

/// Runs `model` on `inputs` (one per ModelInfo::inputs: planar u8, or f32 little endian) with its
/// KPU layers on `backend`. Throws Error if a function is not implemented, an input has the wrong
/// size or a layer cannot run.
RunResult run_network(const Model& model, const std::vector<std::vector<std::uint8_t>>& inputs,
                      KpuBackend& backend, const RunOptions& options = {});

}  // namespace kpu::golden
