// SPDX-License-Identifier: Apache-2.0
//
// Jobs as they start: what a layer needs to run again by itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "golden/kpu/kpu_backend.h"

namespace kpu::sim {

/// A layer about to run: its words and tables, and its planar input.
struct CapturedJob {
  std::size_t layer = 0;  ///< among the network's KPU layers
  std::size_t batch = 0;
  LayerWords words{};
  bool eight_bit = true;
  std::vector<std::uint8_t> input;
  std::vector<std::uint8_t> weights;
  std::vector<std::uint8_t> batch_norm;
  std::vector<std::uint8_t> act;
  bool to_main_memory = false;       ///< its output is taken from the output stream
  std::vector<std::uint8_t> output;  ///< what the backend gave, planar

  /// For a backend; `this` must outlive it.
  golden::KpuJob job() const;
};

/// Stands before a backend and keeps the jobs that it runs, each as it starts.
class RecordingBackend : public golden::KpuBackend {
 public:
  using Wanted = std::function<bool(const golden::KpuJob&)>;

  /// Keeps the jobs that `wanted` wants; all if it is empty. `inner` must outlive this.
  explicit RecordingBackend(golden::KpuBackend& inner, Wanted wanted = {});

  void write_ram(std::size_t address, std::span<const std::uint8_t> bytes) override;
  void read_ram(std::size_t address, std::span<std::uint8_t> bytes) override;
  void set_eight_bit_mode(bool eight_bit) override;
  std::vector<golden::KpuJobResult> run_layers(std::span<const golden::KpuJob> jobs,
                                               const golden::JobObserver& observer) override;

  std::vector<CapturedJob> take() { return std::move(captured_); }

 private:
  void capture(const golden::KpuJob& job);

  golden::KpuBackend& inner_;
  Wanted wanted_;
  bool eight_bit_ = true;
  std::vector<CapturedJob> captured_;
};

}  // namespace kpu::sim
