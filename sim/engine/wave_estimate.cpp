// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/wave_estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <system_error>
#include <vector>

#include "common/error.h"
#include "sim/model/cycle_model.h"

namespace kpu::sim {
namespace {

namespace fs = std::filesystem;

/// Bytes of an FST file a cycle and lane: eight layers of two networks took 7 to 130.
constexpr std::uint64_t kLeastBytes = 6;
constexpr std::uint64_t kMostBytes = 140;

void require_room(const fs::path& folder, const WaveRequest& wave, std::uint64_t bytes) {
  std::error_code error;
  const fs::space_info space = fs::space(folder, error);
  if (error || space.available >= bytes) return;
  throw Error(fmt::format(
      "--wave {}: {} bytes are free in {}, expected at least {}; --wave-cycles records less",
      wave.path, space.available, folder.string(), bytes));
}

}  // namespace

WaveEstimate estimate_wave(const golden::ModelInfo& info, const WaveRequest& wave,
                           std::size_t max_layers) {
  std::vector<golden::KpuLayerInfo> layers = info.kpu_layers();
  layers.resize(std::min(layers.size(), max_layers));
  if (layers.empty()) throw Error("--wave: the network has no KPU layer");
  if (wave.layer >= layers.size()) {
    throw Error(fmt::format("--wave-layer {}: expected 0..{}", wave.layer, layers.size() - 1));
  }
  const CycleModel machine;
  const auto whole = static_cast<std::uint64_t>(
      estimate_cycles(layers, info.eight_bit, machine)[wave.layer].total());
  const std::uint64_t cycles = std::min(whole - std::min(whole, wave.from), wave.cycles);
  const WaveEstimate estimate{cycles, kLeastBytes * machine.rtl.lanes * cycles,
                              kMostBytes * machine.rtl.lanes * cycles};
  require_room(fs::absolute(wave.path).parent_path(), wave, estimate.least_bytes);
  require_room(fs::temp_directory_path(), wave, estimate.least_bytes);
  return estimate;
}

}  // namespace kpu::sim
