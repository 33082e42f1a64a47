// SPDX-License-Identifier: Apache-2.0
//
// One network on many inputs: what is kept of each run is small, so thousands do not fill memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "golden/kmodel/kmodel.h"
#include "sim/energy/energy_table.h"
#include "sim/engine/engine_run.h"
#include "sim/engine/run_report.h"
#include "sim/vision/interpret.h"
#include "sim/vision/network_input.h"

namespace kpu::sim {

/// What is kept of the run on one input.
struct BatchRow {
  std::string input;  ///< path
  std::string error;  ///< why it did not run; empty if it did
  Verdict verdict = Verdict::kNotCompared;
  std::string difference;              ///< of a mismatch: where the engines first differ
  std::vector<std::uint64_t> outputs;  ///< checksum of each output
  std::string top_class;               ///< label of the most probable class; empty: no classes
  float probability = 0;               ///< its probability
  std::optional<std::size_t> objects;  ///< how many a detector found
  std::string boxes;                   ///< "label score x y width height" each, between "; "
  std::map<std::string, double> wall_seconds;  ///< by engine: "golden", "rtl", "board"
  std::optional<std::uint64_t> cycles;         ///< when the RTL ran
  std::optional<double> energy_uj;             ///< if asked for: cells and memories
  std::uint64_t macs = 0;

  /// "match", "mismatch", "not compared" or "failed".
  const char* state() const;
};

struct BatchOptions {
  RunRequest request;
  PostOptions post;
  InputOptions input;  ///< how pictures become the input
  std::optional<EnergyTable> energy;
  /// Called behind each input, in order; may be empty.
  std::function<void(const BatchRow&)> on_row;
};

/// Runs the network on each file. An input that cannot be read or run becomes a row with its error,
/// and the others run. Throws kpu::Error only for what would hit every input: the request or the
/// network.
std::vector<BatchRow> run_batch(const golden::Model& model, const std::vector<std::string>& inputs,
                                const BatchOptions& options);

}  // namespace kpu::sim
