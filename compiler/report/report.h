// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "compiler/compile/compile.h"

namespace kpu::compiler {

/// Cycles of a KPU layer, worked out elsewhere.
struct LayerCycles {
  double rtl = 0;   ///< this project's RTL
  double chip = 0;  ///< a K210, by the public fit
};

/// Everything about a compilation as JSON: the network's layers with signal to noise, cosine,
/// largest error, saturated share, norm bits, activation fit and cycles; ranges, outputs, memory
/// map. `cycles` has an entry for each KPU layer of the file, in their order; it may be empty.
std::string report_json(const Compiled& compiled, const std::vector<LayerCycles>& cycles,
                        const std::string& name);

/// One HTML page around the JSON that opens without a network: the table, the worst layers, the
/// activation fits and the memory map drawn.
std::string report_html(const std::string& json);

}  // namespace kpu::compiler
