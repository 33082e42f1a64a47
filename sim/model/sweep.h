// SPDX-License-Identifier: Apache-2.0
//
// Many shapes of the RTL, and what each takes for a network, without simulating them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "golden/kmodel/kmodel.h"
#include "sim/model/cycle_model.h"

namespace kpu::sim {

/// A parameter, by its name in set_model_parameter(), and the values that it takes in turn.
struct SweepAxis {
  std::string name;
  std::vector<std::uint64_t> values;  ///< at least one, none twice
};

/// Reads "NAME=VALUE", "NAME=VALUE,VALUE.." or "NAME=FIRST..LAST" (every value between that the
/// parameter may have). Throws Error, beginning with `where`, for other text, an unknown parameter
/// or values that it may not have.
SweepAxis parse_axis(const std::string& where, const std::string& text);

/// A shape with its estimate.
struct SweepPoint {
  CycleModel model;
  std::vector<std::uint64_t> values;  ///< of each axis
  CycleEstimate cycles;               ///< sum over the network's KPU layers
  std::uint32_t refused = 0;          ///< layers that it does not run
};

/// Points that a sweep may have at most.
inline constexpr std::size_t kMostSweepPoints = 1000000;

struct Sweep {
  std::vector<SweepPoint> points;  ///< the last axis changes fastest
  std::size_t left_out = 0;        ///< combinations that check_configuration() refuses
};

/// Estimates every combination of the axes' values, beginning with `base`. Throws Error if there
/// are more than kMostSweepPoints, or all are left out.
Sweep sweep(std::span<const golden::KpuLayerInfo> layers, bool eight_bit, const CycleModel& base,
            std::span<const SweepAxis> axes);

}  // namespace kpu::sim
