// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/model/cpu_cost.h"

namespace kpu::sim {

/// What part of the chip's time is known, in a line; empty for a network without CPU layers.
/// `kpu_seconds`: of its KPU layers.
std::string cpu_cost_text(const CpuCost& cost, double kpu_seconds);

}  // namespace kpu::sim
