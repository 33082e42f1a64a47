// SPDX-License-Identifier: Apache-2.0
//
// Random layers on the RTL against the golden model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "sim/compare.h"
#include "sim/layer_coverage.h"
#include "sim/random_layer.h"

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
  CapturedJob job;          ///< the layer by itself
  std::string what;         ///< one line: where, expected, got; or the error that ended the run
};

/// Layers in a group: they share one machine, its AI RAM content and one timing of the memory.
inline constexpr std::size_t kFuzzGroupLayers = 256;

/// Called after each batch with what it added; returns false to end the group early.
using FuzzObserver = std::function<bool(const FuzzStats& batch)>;

/// Runs the group of random layers that belongs to the seed `group`: batches of up to six layers
/// that are queued together and read whatever is in AI RAM, earlier outputs among it; memory with
/// random latency, bandwidth and stalls. Returns the first failure, if there is one.
std::optional<FuzzFailure> fuzz_group(std::uint64_t group, std::size_t layers,
                                      const FuzzObserver& observer);

/// Runs the layer by itself on `backend`.
golden::KpuJobResult run_job(const CapturedJob& job, golden::KpuBackend& backend);

/// Runs one layer by itself, on a fresh machine with an ideal memory; what differs, or nothing.
std::optional<std::string> check_layer(const CapturedJob& job);

/// Says what is wrong with a layer, or nothing.
using LayerCheck = std::function<std::optional<std::string>(const CapturedJob&)>;

/// The smallest layer found that `check` still complains about, by cutting channels, rows and
/// columns. `job` itself if it passes when run by itself.
CapturedJob shrink_layer(const CapturedJob& job, const LayerCheck& check = check_layer);

/// Writes the layer as a network file and its input (planar uint8) that `kpu run` takes:
/// `path`.kmodel and `path`.bin. Throws Error if they cannot be written.
void save_layer(const CapturedJob& job, const std::string& path);

/// save_layer(), and beside it the layer's waves (`path`.fst) and a report (`path`.txt): the layer,
/// the first difference with its place, values and stage, how to run it again. Returns the report.
std::string report_layer(const CapturedJob& job, const std::string& path);

}  // namespace kpu::sim
