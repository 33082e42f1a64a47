// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "golden/kmodel/kmodel.h"
#include "golden/quantised/rules.h"
#include "sim/engine/rtl_backend.h"
#include "sim/engine/run_report.h"
#include "sim/engine/serial_backend.h"
#include "tb/axi_memory.h"

namespace kpu::sim {

/// kSerial: a board, compared with the golden model as kBoth compares the RTL.
enum class EngineChoice { kRtl, kGolden, kBoth, kSerial };

/// Which of the golden model's two ways computes; both give the same bits.
enum class GoldenPath { kFast, kReference };

struct RunRequest {
  EngineChoice engine = EngineChoice::kBoth;
  std::string profile = "default";  ///< see golden::profile_by_name()
  GoldenPath golden = GoldenPath::kFast;
  std::size_t threads = 1;  ///< of the golden model's fast path
  std::size_t max_layers = std::numeric_limits<std::size_t>::max();
  WaveRequest wave;         ///< every run writes it anew
  tb::MemoryTiming memory;  ///< of the RTL's system
  bool use_dma = true;      ///< see RtlOptions
  /// Threads that simulate the layers side by side (layers_apart.h); nothing: one after the other,
  /// from end to end.
  std::optional<std::size_t> jobs;
  /// Files of run_shard(), of all shares: their results are taken, with `jobs`, and nothing is
  /// simulated.
  std::vector<std::string> merge;
  SerialOptions serial;  ///< of kSerial
  double clock_hz = 400e6;
  /// Every layer is also compared with this rule, for RunReport::rule; by the golden model's
  /// reference, which takes seconds for a large network.
  std::optional<golden::quantised::Rule> rule;
  bool keep_cpu_layers = false;  ///< for RunReport::cpu_layers, which can be large
  bool show_progress = true;     ///< a line on the terminal for each engine
};

/// One share of the layers of a run.
struct ShardRequest {
  std::size_t share = 0;   ///< from 0
  std::size_t shares = 1;  ///< 1 or more
  std::string path;        ///< file for the results
};

struct ShardSummary {
  std::size_t layers = 0;     ///< that were simulated, each image of a batch
  std::size_t of = 0;         ///< of so many
  std::size_t differing = 0;  ///< from the golden model
};

/// Runs one network on one input after the other, on engines that are made once.
class NetworkRunner {
 public:
  /// `model` must outlive the runner. Throws kpu::Error for a request that no engine can serve: an
  /// unknown profile, one whose KPU arithmetic the RTL does not have, threads for the reference.
  NetworkRunner(const golden::Model& model, const RunRequest& request);
  ~NetworkRunner();

  /// Runs the network on the chosen engines; with both, the golden model first, and every layer of
  /// the RTL is compared with it. The report's checksums and data are the RTL's where it ran.
  /// Meaning and paths are left to the caller. Throws kpu::Error as golden::run_network() does; the
  /// runner can go on with another input then.
  RunReport run(const std::vector<std::vector<std::uint8_t>>& inputs);

  /// Simulates a share of the layers as run() with `jobs` (of which there must be some) does, and
  /// writes a file for RunRequest::merge. Throws kpu::Error as run(), and if it cannot be written.
  ShardSummary run_shard(const std::vector<std::vector<std::uint8_t>>& inputs,
                         const ShardRequest& shard);

 private:
  class Engines;

  std::unique_ptr<Engines> engines_;
};

/// One run by a NetworkRunner of its own.
RunReport run_engines(const golden::Model& model,
                      const std::vector<std::vector<std::uint8_t>>& inputs,
                      const RunRequest& request);

}  // namespace kpu::sim
