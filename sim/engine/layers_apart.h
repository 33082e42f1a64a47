// SPDX-License-Identifier: Apache-2.0
//
// The KPU layers of a network simulated side by side. Each starts at reset, from AI RAM as the
// golden model left it for this layer. If every layer then gives what the golden model gives on the
// same input, so does the chain: its first layer starts from the same image, and each next one from
// an image that is equal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "driver/traffic.h"
#include "golden/kpu/kpu_backend.h"
#include "sim/engine/captured_job.h"
#include "sim/engine/rtl_backend.h"

namespace kpu::sim {

/// Jobs that are simulated one after the other on one machine: one, or with those behind it that
/// use its weights or its batch norm again.
struct JobUnit {
  std::size_t first = 0;
  std::size_t count = 1;
  std::uint64_t work = 0;  ///< cycles of the products alone, for the order
};

struct UnitResult {
  std::vector<golden::KpuJobResult> jobs;
  std::map<std::string, driver::Traffic> traffic;  ///< as RtlKpu::traffic()
};

/// The units of `jobs`, in order.
std::vector<JobUnit> units_of(std::span<const CapturedJob> jobs);

/// One share out of `shares` of the units, by index: shares of about the same work, the same ones
/// whoever asks. `share` counts from 0.
std::vector<std::size_t> share_of(std::span<const JobUnit> units, std::size_t share,
                                  std::size_t shares);

/// Simulates the units `wanted` on RTL of their own, on up to `threads` threads; a result for each,
/// in the order of `wanted`. `options.on_cycles` is not called; `on_unit` is, with the index of
/// a unit that is done, by one thread at a time. Throws what the first unit in that order threw.
std::vector<UnitResult> simulate_units(std::span<const CapturedJob> jobs,
                                       std::span<const JobUnit> units,
                                       std::span<const std::size_t> wanted,
                                       const RtlOptions& options, std::size_t threads,
                                       const std::function<void(std::size_t)>& on_unit);

/// A backend that gives the results of all jobs, in their order, as if it had simulated them.
/// Throws Error where the network runs other jobs than these.
std::unique_ptr<RtlKpu> make_replay_backend(std::span<const CapturedJob> jobs,
                                            std::vector<UnitResult> results);

}  // namespace kpu::sim
