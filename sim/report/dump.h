// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/engine/run_report.h"

namespace kpu::sim {

/// Writes every KPU layer's output to `folder` (made if needed) as layer_NN.npy, shape channels x
/// height x width (batches in front), and as a contact sheet layer_NN.png. Throws kpu::Error.
void dump_layers(const std::string& folder, const RunReport& report);

}  // namespace kpu::sim
