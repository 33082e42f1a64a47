// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "golden/kmodel/kmodel.h"
#include "sim/engine/rtl_backend.h"

namespace kpu::sim {

/// How long a recording is expected to be.
struct WaveEstimate {
  std::uint64_t cycles = 0;
  std::uint64_t least_bytes = 0;  ///< of the file, if little moves
  std::uint64_t most_bytes = 0;
};

/// What recording `wave.layer` of the network takes on this RTL. Throws kpu::Error for a layer that
/// the network does not have, and for a folder or a temporary folder with less room than the least.
WaveEstimate estimate_wave(const golden::ModelInfo& info, const WaveRequest& wave,
                           std::size_t max_layers);

}  // namespace kpu::sim
