// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "golden/kmodel.h"
#include "sim/run_report.h"
#include "tb/axi_memory.h"

namespace kpu::sim {

enum class EngineChoice { kRtl, kGolden, kBoth };

struct RunRequest {
  EngineChoice engine = EngineChoice::kBoth;
  std::size_t max_layers = std::numeric_limits<std::size_t>::max();
  std::string wave_path;  ///< see RtlOptions
  std::size_t wave_layer = 0;
  tb::MemoryTiming memory;  ///< of the RTL's system
  bool use_dma = true;      ///< see RtlOptions
  double clock_hz = 400e6;
};

/// Runs a network on the chosen engines; with both, the golden model first, and every layer of the
/// RTL is compared with it. The report's checksums and data are the RTL's where it ran. Meaning and
/// paths are left to the caller. Throws kpu::Error as golden::run_network() does.
RunReport run_engines(const golden::Model& model,
                      const std::vector<std::vector<std::uint8_t>>& inputs,
                      const RunRequest& request);

}  // namespace kpu::sim
