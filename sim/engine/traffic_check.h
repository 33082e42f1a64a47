// SPDX-License-Identifier: Apache-2.0
//
// What a layer moves adds up (docs/performance.md, "What a layer moves").
#pragma once

#include <cstdint>
#include <string>

#include "golden/kpu/layer_args.h"
#include "sim/engine/counters.h"
#include "sim/model/configuration.h"

namespace kpu::sim {

/// The first identity that the counters of a layer do not keep, as "post_lines is 5: expected 6, ..."; empty if they keep all,
/// or nobody counted. `batches`: images that they are the sum of; `to_main_memory`: the output left, too.
std::string traffic_difference(const Counters& counters, const golden::LayerArgs& args, bool eight_bit, bool to_main_memory,
                               std::uint32_t batches, const Configuration& rtl);

}  // namespace kpu::sim
