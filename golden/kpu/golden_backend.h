// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "golden/kpu/ai_ram.h"
#include "golden/kpu/arith.h"
#include "golden/kpu/kpu_backend.h"

namespace kpu::golden {

/// The KPU as the reference model computes it, on an AI RAM image of its own.
class GoldenBackend : public KpuBackend {
 public:
  explicit GoldenBackend(const ArithOptions& options = {}) : options_(options) {}

  void write_ram(std::size_t address, std::span<const std::uint8_t> bytes) override;
  void read_ram(std::size_t address, std::span<std::uint8_t> bytes) override;
  void set_eight_bit_mode(bool eight_bit) override { eight_bit_ = eight_bit; }
  std::vector<KpuJobResult> run_layers(std::span<const KpuJob> jobs,
                                       const JobObserver& observer) override;

  /// Sees the stages of every layer that runs from now on; nullptr for none.
  void set_recorder(StageRecorder* recorder) { recorder_ = recorder; }

 protected:
  /// Computes a valid layer from what is in AI RAM. Throws Error if a table is too short.
  virtual KpuLayerOutput run_layer(const LayerArgs& args, const LayerTables& tables);

  const ArithOptions& options() const { return options_; }
  bool eight_bit() const { return eight_bit_; }
  bool has_recorder() const { return recorder_ != nullptr; }
  std::span<const std::uint8_t> ram() const { return ram_.bytes(); }

 private:
  KpuJobResult run_job(const KpuJob& job);

  ArithOptions options_;
  bool eight_bit_ = true;
  StageRecorder* recorder_ = nullptr;
  AiRam ram_;
  /// What load_para = 0 and load_coor = 0 fall back to.
  std::vector<std::uint8_t> kept_batch_norm_;
  std::vector<std::uint8_t> kept_weights_;
};

}  // namespace kpu::golden
