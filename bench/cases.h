// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "golden/kmodel/kmodel_writer.h"
#include "golden/kpu/layer_args.h"

namespace kpu::bench {

/// Lanes of the RTL that the goals are set for.
inline constexpr std::uint32_t kGoalLanes = 64;

/// A network whose cycles are watched, with an input; both made or read when it is its turn.
struct BenchCase {
  std::string name;
  std::function<std::vector<std::uint8_t>()> model;  ///< the file's bytes
  std::function<std::vector<std::uint8_t>()> input;  ///< planar uint8
  std::uint64_t goal = 0;                            ///< cycles at most; 0: none set
  std::uint64_t packed_goal = 0;                     ///< .. on a machine with packed rows
  /// Only the KPU layer, its output left in AI RAM; else the whole network, which streams its
  /// output to main memory.
  bool layer_only = false;
};

/// A layer with random weights; the values do not matter for the cycles.
golden::WriterLayer random_layer(const golden::LayerShape& shape, bool eight_bit);

/// The optional test data: $KPU_SHARED, else `shared` beside the repository; nothing if there is none.
std::optional<std::filesystem::path> shared_folder(const std::filesystem::path& source_dir);

/// The cases that need nothing but the repository, then those whose files lie in the optional test
/// data folder.
std::vector<BenchCase> bench_cases(const std::filesystem::path& source_dir,
                                   const std::optional<std::filesystem::path>& shared);

}  // namespace kpu::bench
