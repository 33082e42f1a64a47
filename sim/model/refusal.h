// SPDX-License-Identifier: Apache-2.0
//
// Layers that a shape of the RTL cannot run: what kpu_layer_decode refuses for what the machine has not, with the reasons 12 and
// 16 to 18 of docs/registers.md.
#pragma once

#include <cstddef>
#include <string>

#include "golden/kmodel/kmodel.h"
#include "sim/model/configuration.h"

namespace kpu::sim {

/// Why the machine refuses a layer that problems() has nothing against: the layer's value, the machine's parameter and what was
/// expected, in one line; "" if it runs. `eight_bit`: the width of the weights. A parameter that is not known refuses nothing.
std::string refusal(const golden::KpuLayerInfo& layer, bool eight_bit, const Configuration& rtl);

/// Throws Error naming the first of the network's KPU layers, of which `most` run, that the machine refuses.
void require_runnable(const golden::ModelInfo& network, std::size_t most, const Configuration& rtl);

}  // namespace kpu::sim
