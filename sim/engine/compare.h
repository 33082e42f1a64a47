// SPDX-License-Identifier: Apache-2.0
//
// Where two runs of a layer differ, and which stage of the layer went wrong first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "golden/kmodel/kmodel.h"
#include "golden/kpu/kpu_backend.h"
#include "golden/kpu/layer_args.h"
#include "golden/kpu/profile.h"
#include "sim/engine/captured_job.h"
#include "sim/engine/run_report.h"

namespace kpu::sim {

/// The first difference of two planar outputs of layer `index` (all batches back to back), or
/// nothing if they are equal. A size that differs counts as a difference at its end.
std::optional<Difference> find_difference(std::size_t index, const golden::LayerArgs& args,
                                          std::span<const std::uint8_t> expected,
                                          std::span<const std::uint8_t> got);

/// Runs the network on the golden model up to KPU layer `layer` and keeps what that layer starts
/// from, for image `batch` of it. `profile` is that of the run in question. Throws kpu::Error as
/// golden::run_network() does.
CapturedJob capture_job(const golden::Model& model,
                        const std::vector<std::vector<std::uint8_t>>& inputs, std::size_t layer,
                        std::uint32_t batch, const golden::Profile& profile = {});

/// Finds the stage in which `suspect` goes wrong at `difference`, by running the layer again on it:
/// without its output stream, without pooling, with an activation that shows batch norm's result,
/// with a batch norm that shows the convolution's. Those runs use the layer's input in AI RAM and
/// lines 0..ram_lines-1. Nothing if the layer comes out right this time or cannot run in that form,
/// be it for want of lines.
std::optional<StageDifference> first_wrong_stage(const CapturedJob& job,
                                                 golden::KpuBackend& suspect,
                                                 const Difference& difference,
                                                 std::size_t ram_lines = kAiRamLines);

}  // namespace kpu::sim
