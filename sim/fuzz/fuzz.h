// SPDX-License-Identifier: Apache-2.0
//
// Random layers on the RTL against the golden model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "sim/engine/compare.h"
#include "sim/engine/rtl_backend.h"
#include "sim/fuzz/layer_coverage.h"
#include "sim/fuzz/random_layer.h"

namespace kpu::sim {

/// What a run of random layers has seen.
struct FuzzStats {
  std::uint64_t layers = 0;
  std::uint64_t values = 0;     ///< output bytes compared
  std::uint64_t overflows = 0;  ///< layers with values that do not fit; only the report is compared
  std::uint64_t cycles = 0;     ///< simulated
  std::uint64_t macs = 0;
  LayerCoverage coverage;

  FuzzStats& operator+=(const FuzzStats& other);
};

/// A layer that the RTL ran differently from the golden model.
struct FuzzFailure {
  std::uint64_t group = 0;  ///< seed of its group
  std::size_t layer = 0;    ///< its place in the group
  std::size_t layers = 0;   ///< of the group, as it was asked for
  CapturedJob job;          ///< the layer by itself
  std::string what;         ///< one line: where, expected, got; or the error that ended the run
};

/// Layers in a group: they share one machine, its AI RAM content and one timing of the memory.
inline constexpr std::size_t kFuzzGroupLayers = 256;

/// Called after each batch with what it added; returns false to end the group early.
using FuzzObserver = std::function<bool(const FuzzStats& batch)>;

/// Makes a machine at reset; RtlOptions are those of a simulated one.
using MakeMachine = std::function<std::unique_ptr<golden::KpuBackend>(const RtlOptions&)>;

/// Runs the group of random layers that belongs to the seed `group`: batches of up to six layers
/// that are queued together and read whatever is in AI RAM, earlier outputs among it; memory with
/// random latency, bandwidth and stalls. Returns the first failure, if there is one.
std::optional<FuzzFailure> fuzz_group(std::uint64_t group, std::size_t layers,
                                      const FuzzObserver& observer,
                                      const MakeMachine& machine = make_rtl_backend);

/// Runs the layer by itself on `backend`.
golden::KpuJobResult run_job(const CapturedJob& job, golden::KpuBackend& backend);

/// Runs one layer by itself, on a fresh machine with an ideal memory; what differs, or nothing.
std::optional<std::string> check_layer(const CapturedJob& job,
                                       const MakeMachine& machine = make_rtl_backend);

/// Says what is wrong with a layer, or nothing.
using LayerCheck = std::function<std::optional<std::string>(const CapturedJob&)>;

/// The smallest layer found that `check` still complains about, by cutting channels, rows and
/// columns off both ends. `job` itself if `check` has nothing to say about it.
CapturedJob shrink_layer(const CapturedJob& job, const LayerCheck& check);

/// Writes the layer as a network file and its input (planar uint8) that `kpu run` takes:
/// `path`.kmodel and `path`.bin. Throws Error if they cannot be written.
void save_layer(const CapturedJob& job, const std::string& path);

/// Shrinks the layer that failed, does save_layer() with it, and writes its waves (`path`.fst) and
/// a report (`path`.txt): where it was found, the smallest layer, place and values of the first
/// difference and of the first stage that is wrong, how to run it again. Of a layer that is right
/// by itself the waves are those in its group. Returns the report. Throws Error if a file cannot be
/// written.
std::string report_failure(const FuzzFailure& failure, const std::string& path,
                           const MakeMachine& machine = make_rtl_backend);

}  // namespace kpu::sim
